import { describe, expect, test } from 'vitest';
import { blockedDriver } from '../../../../packages/triage/src/causes/crash/blocked-driver.js';
import { driverVerifier } from '../../../../packages/triage/src/causes/crash/driver-verifier.js';
import { thirdPartyCrash } from '../../../../packages/triage/src/causes/crash/third-party-crash.js';
import { writeDump64 } from '../../../support/dump-writer.js';
import { writeEventLog } from '../../../support/evtx-writer.js';
import { type FileOptions, fileTime } from '../../../support/ntfs-writer/tree.js';
import {
  CS,
  detected,
  fileTimeBytes,
  MANAGER,
  type Values,
  type WindowsChange,
} from '../../../support/triage/session-windows.js';

const driver = (changed: Values = {}): WindowsChange['system'] => ({
  [`${CS}\\Services\\acmeflt`]: {
    Start: 1,
    Type: 2,
    ErrorControl: 1,
    Group: 'FSFilter Activity Monitor',
    ImagePath: { expand: '\\SystemRoot\\System32\\drivers\\acmeflt.sys' },
    ...changed,
  },
});

/** A small dump whose first parameter points into `module`. */
const dump = (module: string, code = 0x50): Record<string, FileOptions> => ({
  '/Windows/Minidump/071924-1234-01.dmp': {
    content: writeDump64({
      code,
      parameters: [0n, 0n, 0xffff_f800_1000_0123n, 0n],
      time: fileTime('2024-07-19T04:30:00Z'),
      exception: { code: 0xc0000005, address: 0xffff_f800_1000_0123n },
      drivers: [{ name: module, base: 0xffff_f800_1000_0000n, size: 0x10000 }],
    }),
  },
});
const log = (
  name: string,
  events: readonly [string, number, string, Record<string, string>][],
): Record<string, FileOptions> => ({
  [`/Windows/System32/winevt/Logs/${name}`]: {
    content: writeEventLog([
      events.map(([provider, eventId, time, data]) => ({ provider, eventId, time: fileTime(time), data })),
    ]),
  },
});
const KERNEL = 'Microsoft-Windows-Kernel-General';

describe('third-party-crash', () => {
  test('the newest dump names a driver of another maker', async () => {
    const files = dump('acmeflt.sys');
    expect(await detected(thirdPartyCrash, { system: driver() ?? {}, files })).toMatchObject([
      {
        id: 'third-party-crash',
        severity: 'review',
        confidence: 'strong',
        codes: ['0x00000050'],
        data: { driver: 'acmeflt', module: 'acmeflt.sys' },
      },
    ]);
  });

  test('asks for action where starts failed after it', async () => {
    const files = {
      ...dump('acmeflt.sys'),
      ...log('System.evtx', [['Microsoft-Windows-Kernel-Power', 41, '2024-07-19T05:00:00Z', {}]]),
    };
    expect(await detected(thirdPartyCrash, { system: driver() ?? {}, files })).toMatchObject([{ severity: 'act' }]);
  });

  test('is over where Windows was shut down in good order after it', async () => {
    const system = {
      ...driver(),
      [`${CS}\\Control\\Windows`]: { ShutdownTime: fileTimeBytes('2024-07-21T00:00:00Z') },
    };
    expect(await detected(thirdPartyCrash, { system, files: dump('acmeflt.sys') })).toMatchObject([
      { severity: 'none' },
    ]);
  });

  test.each<[string, WindowsChange['system'], string]>([
    ['a driver of Windows', driver(), 'ntfs.sys'],
    ['a driver that is loaded on demand', driver({ Start: 3 }), 'acmeflt.sys'],
    ['a driver on the way to the disk', driver({ Group: 'SCSI Miniport' }), 'acmeflt.sys'],
    [
      'a filter of disks',
      {
        ...driver(),
        [`${CS}\\Control\\Class\\{4d36e967-e325-11ce-bfc1-08002be10318}`]: { UpperFilters: ['partmgr', 'acmeflt'] },
      },
      'acmeflt.sys',
    ],
    ['a driver that no service loads', driver(), 'other.sys'],
  ])('%s is none', async (_, system, module) => {
    expect(await detected(thirdPartyCrash, { system: system ?? {}, files: dump(module) })).toEqual([]);
  });
});

describe('driver-verifier', () => {
  const verifier = (values: Values): WindowsChange => ({ system: { [`${MANAGER}\\Memory Management`]: values } });

  test('switched on is a hint, with one of its stops it is more', async () => {
    const change = verifier({ VerifyDrivers: 'acmeflt.sys', VerifyDriverLevel: 0x209bb });
    expect(await detected(driverVerifier, change)).toMatchObject([{ severity: 'review', confidence: 'hint' }]);
    expect(await detected(driverVerifier, { ...change, files: dump('acmeflt.sys', 0xc4) })).toMatchObject([
      { severity: 'act', confidence: 'strong', data: { stopped: true } },
    ]);
  });

  test('a level of 0 is none', async () => {
    expect(await detected(driverVerifier, verifier({ VerifyDriverLevel: 0 }))).toEqual([]);
  });
});

describe('ci-blocked-driver', () => {
  const NAME = 'Microsoft-Windows-CodeIntegrity%4Operational.evtx';
  const blocked = (image: string, time = '2024-07-18T00:00:00Z'): Record<string, FileOptions> =>
    log(NAME, [['Microsoft-Windows-CodeIntegrity', 3033, time, { FileNameBuffer: image }]]);
  const IMAGE = '\\Device\\HarddiskVolume2\\Windows\\System32\\drivers\\acmeflt.sys';
  const start = log('System.evtx', [[KERNEL, 12, '2024-07-19T00:00:00Z', {}]]);

  test('a driver that must load', async () => {
    const change = { system: driver({ ErrorControl: 3 }) ?? {}, files: { ...start, ...blocked(IMAGE) } };
    expect(await detected(blockedDriver, change)).toMatchObject([
      { id: 'ci-blocked-driver', severity: 'review', confidence: 'strong', data: { driver: 'acmeflt', event: 3033 } },
    ]);
  });

  test('asks for action where the machine stops for want of a driver', async () => {
    const change = { system: driver() ?? {}, files: { ...start, ...blocked(IMAGE), ...dump('ntoskrnl.exe', 0x5a) } };
    expect(await detected(blockedDriver, change)).toMatchObject([{ severity: 'act' }]);
  });

  test('a driver that Windows can do without is only worth knowing', async () => {
    const change = { system: driver() ?? {}, files: { ...start, ...blocked(IMAGE) } };
    expect(await detected(blockedDriver, change)).toMatchObject([{ severity: 'none', confidence: 'hint' }]);
  });

  test('a library, and a driver that was refused long ago, are none', async () => {
    const library = '\\Device\\HarddiskVolume2\\Windows\\System32\\acmeflt.dll';
    const system = driver({ ErrorControl: 3 }) ?? {};
    expect(await detected(blockedDriver, { system, files: { ...start, ...blocked(library) } })).toEqual([]);
    const old = blocked(IMAGE, '2024-05-01T00:00:00Z');
    expect(await detected(blockedDriver, { system, files: { ...start, ...old } })).toEqual([]);
  });
});
