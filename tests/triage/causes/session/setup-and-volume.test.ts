import { MemorySource } from '@deadbox/core';
import { NtfsVolume } from '@deadbox/ntfs';
import { countFreeSpace } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { diskCheck } from '../../../../packages/triage/src/causes/session/disk-check.js';
import {
  setupMode,
  sysprepInterrupted,
  upgradeInterrupted,
} from '../../../../packages/triage/src/causes/session/setup.js';
import { diskFull, fullness, pageFileElsewhere } from '../../../../packages/triage/src/causes/session/volume-room.js';
import {
  detected,
  IMAGE,
  MANAGER,
  sessionVolume,
  type Values,
  type WindowsChange,
} from '../../../support/triage/session-windows.js';

const STATE = 'Microsoft\\Windows\\CurrentVersion\\Setup\\State';
const setup = (values: Values, image = 'IMAGE_STATE_COMPLETE', child?: number): WindowsChange => ({
  system: {
    Setup: values,
    ...(child === undefined ? {} : { 'Setup\\Status\\ChildCompletion': { 'setup.exe': child } }),
  },
  software: { [STATE]: { ImageState: image } },
});
const WINDEPLOY = { '/Windows/System32/oobe/windeploy.exe': IMAGE };

describe('setup-mode-command', () => {
  test('a command whose program is not there proves it', async () => {
    expect(await detected(setupMode, setup({ SetupType: 2, CmdLine: 'C:\\tools\\gone.exe /x' }))).toMatchObject([
      { id: 'setup-mode-command', severity: 'act', confidence: 'proves', data: { missing: true } },
    ]);
  });

  test('a command prompt in place of a logon', async () => {
    const files = { '/Windows/System32/cmd.exe': IMAGE };
    expect(await detected(setupMode, { ...setup({ SetupType: 2, CmdLine: 'cmd.exe' }), files })).toMatchObject([
      { severity: 'act', confidence: 'strong', data: { command: 'cmd.exe', missing: false } },
    ]);
  });

  test('a generalised template that waits for its first start is only worth knowing', async () => {
    const change = setup(
      { SetupType: 2, CmdLine: 'oobe\\windeploy.exe', SystemSetupInProgress: 1 },
      'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE',
    );
    expect(await detected(setupMode, { ...change, files: WINDEPLOY })).toMatchObject([
      { severity: 'none', data: { waiting: true } },
    ]);
  });

  test('a command that nothing runs is none', async () => {
    expect(await detected(setupMode, setup({ SetupType: 0, CmdLine: 'gone.exe' }))).toEqual([]);
  });
});

describe('sysprep-interrupted', () => {
  test.each([1, 2])('setup.exe stopped at %i', async (child) => {
    const change = setup(
      { SetupType: 2, CmdLine: 'oobe\\windeploy.exe' },
      'IMAGE_STATE_SPECIALIZE_RESEAL_TO_OOBE',
      child,
    );
    expect(await detected(sysprepInterrupted, { ...change, files: WINDEPLOY })).toMatchObject([
      { severity: 'act', confidence: 'strong', data: { completion: child } },
    ]);
    expect(await detected(setupMode, { ...change, files: WINDEPLOY })).toEqual([]);
  });

  test('an image that is undeployable', async () => {
    expect(await detected(sysprepInterrupted, setup({}, 'IMAGE_STATE_UNDEPLOYABLE'))).toMatchObject([
      { data: { image: 'IMAGE_STATE_UNDEPLOYABLE', completion: null } },
    ]);
  });

  test('a pass that was done, and a template that waits, are none', async () => {
    expect(await detected(sysprepInterrupted, setup({ SetupType: 2 }, 'IMAGE_STATE_COMPLETE', 3))).toEqual([]);
    expect(await detected(sysprepInterrupted, setup({ SetupType: 0 }, 'IMAGE_STATE_COMPLETE', 1))).toEqual([]);
    expect(await detected(sysprepInterrupted, setup({}, 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE'))).toEqual([]);
  });
});

describe('upgrade-interrupted', () => {
  test.each(['Upgrade', 'RollbackActive'])('%s is set', async (name) => {
    expect(await detected(upgradeInterrupted, setup({ [name]: 1 }))).toMatchObject([
      { severity: 'act', confidence: 'strong', data: { name } },
    ]);
  });

  test('the folder of an upgrade that succeeded is none', async () => {
    expect(
      await detected(upgradeInterrupted, { files: { '/$WINDOWS.~BT/Sources/Rollback/x.log': { size: 1 } } }),
    ).toEqual([]);
  });
});

describe('chkdsk-each-boot', () => {
  test('a dirty flag alone is one check, and only worth knowing', async () => {
    expect(await detected(diskCheck, { volume: { flags: 1 } })).toMatchObject([
      { severity: 'none', confidence: 'hint' },
    ]);
  });

  test('a check that was under way comes again', async () => {
    expect(await detected(diskCheck, { volume: { flags: 0x4001 } })).toMatchObject([
      { severity: 'review', confidence: 'strong', data: { underWay: true } },
    ]);
  });

  test('a check that is forced comes again', async () => {
    const change = { system: { [MANAGER]: { BootExecute: ['autocheck autochk /p \\??\\C:'] } } };
    const found = await detected(diskCheck, change);
    expect(found).toMatchObject([{ severity: 'review', data: { entry: 'autocheck autochk /p \\??\\C:' } }]);
    expect(found[0]?.evidence).toHaveLength(1);
  });

  test('a volume that is excluded from checks is none', async () => {
    expect(await detected(diskCheck, { system: { [MANAGER]: { BootExecute: ['autocheck autochk /k:C *'] } } })).toEqual(
      [],
    );
  });
});

describe('disk-full', () => {
  test('a volume of which less than one per cent is free', async () => {
    const volume = await NtfsVolume.open(new MemorySource(sessionVolume()));
    const { free } = await countFreeSpace(volume, Number.MAX_SAFE_INTEGER);
    const filled = (left: number): WindowsChange => ({ files: { '/fill.bin': { size: free - left } } });
    expect(await detected(diskFull, filled(1 << 20))).toEqual([]);
    expect(await detected(diskFull, filled(100_000))).toMatchObject([
      { id: 'disk-full', severity: 'act', confidence: 'strong' },
    ]);
  });

  test('the bytes decide on a volume that Windows fits on, the share on any', () => {
    const GIB = 1 << 30;
    const of = (free: number, total: number): string => fullness({ free, total, exact: true });
    expect(of(200 << 20, 20 * GIB)).toBe('full');
    expect(of(310 << 20, 20 * GIB)).toBe('roomy');
    expect(of(310 << 20, 100 * GIB)).toBe('tight');
    expect(of(200 << 20, GIB)).toBe('roomy');
    expect(of(5 << 20, GIB)).toBe('full');
    expect(fullness({ free: 1, total: GIB, exact: false })).toBe('roomy');
  });
});

describe('pagefile-other-disk', () => {
  const paging = (files: readonly string[]): WindowsChange => ({
    system: { [`${MANAGER}\\Memory Management`]: { PagingFiles: files } },
  });

  test('all page files on another letter are worth knowing', async () => {
    expect(await detected(pageFileElsewhere, paging(['D:\\pagefile.sys 0 0']))).toMatchObject([{ severity: 'none' }]);
  });

  test('one on any letter or on that of Windows is enough', async () => {
    expect(await detected(pageFileElsewhere, paging(['D:\\pagefile.sys 0 0', 'c:\\pagefile.sys 0 0']))).toEqual([]);
    expect(await detected(pageFileElsewhere, paging([]))).toEqual([]);
  });
});
