import { describe, expect, test } from 'vitest';
import { servicingLogFull, servicingStuck } from '../../../../packages/triage/src/causes/session/servicing.js';
import { updateMixed } from '../../../../packages/triage/src/causes/session/update-mixed.js';
import { writeEventLog } from '../../../support/evtx-writer.js';
import type { FileOptions } from '../../../support/ntfs-writer/tree.js';
import { fileTime } from '../../../support/ntfs-writer/tree.js';
import { writePe } from '../../../support/pe-writer.js';
import {
  CS,
  detected,
  fileTimeBytes,
  MANAGER,
  SERVICING,
  sessionSubjects,
  textFile,
  type WindowsChange,
} from '../../../support/triage/session-windows.js';

const PENDING = '/Windows/WinSxS/pending.xml';
const TOLD = { [MANAGER]: { SETUPEXECUTE: ['poqexec.exe /display_progress \\SystemRoot\\WinSxS\\pending.xml'] } };
const pending: WindowsChange = {
  system: TOLD,
  files: { [PENDING]: { content: Uint8Array.of(1), modified: '2024-07-19T00:00:00Z' } },
};
const systemLog = (
  events: readonly [provider: string, eventId: number, time: string][],
): Record<string, FileOptions> => ({
  '/Windows/System32/winevt/Logs/System.evtx': {
    content: writeEventLog([
      events.map(([provider, eventId, time]) => ({ provider, eventId, time: fileTime(time), data: {} })),
    ]),
  },
});
const START: [string, number] = ['Microsoft-Windows-Kernel-General', 12];
const CRASH: [string, number] = ['Microsoft-Windows-Kernel-Power', 41];

describe('servicing-stuck', () => {
  test('pending.xml and a session manager that is told to work on it', async () => {
    const found = await detected(servicingStuck, pending);
    expect(found).toMatchObject([
      { id: 'servicing-stuck', severity: 'act', confidence: 'strong', data: { path: PENDING } },
    ]);
    expect(found[0]?.evidence).not.toEqual([]);
  });

  test('is proven where Windows has started since', async () => {
    const files = { ...pending.files, ...systemLog([[...START, '2024-07-20T00:00:00Z']]) };
    expect(await detected(servicingStuck, { ...pending, files })).toMatchObject([
      { confidence: 'proves', data: { started: true } },
    ]);
  });

  test('is proven after two starts that failed', async () => {
    const files = {
      ...pending.files,
      ...systemLog([
        [...CRASH, '2024-07-20T00:00:00Z'],
        [...CRASH, '2024-07-20T00:10:00Z'],
      ]),
    };
    expect(await detected(servicingStuck, { ...pending, files })).toMatchObject([
      { confidence: 'proves', data: { failed: 2 } },
    ]);
  });

  test('asks for a look only where the machine was shut down in good order after it', async () => {
    const system = { ...TOLD, [`${CS}\\Control\\Windows`]: { ShutdownTime: fileTimeBytes('2024-07-21T00:00:00Z') } };
    expect(await detected(servicingStuck, { ...pending, system })).toMatchObject([
      { severity: 'review', confidence: 'strong' },
    ]);
  });

  test.each(['PendingXmlIdentifier', 'ExecutionState', 'StoreDirty', 'PoqexecFailure', 'RepairTransactionPended'])(
    'the component store says %s',
    async (name) => {
      expect(await detected(servicingStuck, { components: { [name]: 1 } })).toMatchObject([
        { severity: 'act', confidence: 'strong', data: { name } },
      ]);
    },
  );

  test.each<[string, NonNullable<WindowsChange['software']>]>([
    ['a restart under way', { [`${SERVICING}\\RebootInProgress`]: {} }],
    ['an exclusive session', { [`${SERVICING}\\SessionsPending`]: { Exclusive: 3 } }],
    ['a session that is not complete', { [`${SERVICING}\\SessionsPending\\31118_2`]: {} }],
  ])('the servicing stack has %s', async (_, software) => {
    expect(await detected(servicingStuck, { software })).toMatchObject([{ confidence: 'strong' }]);
  });

  test('sessions behind those that are looked at leave it undecided', async () => {
    // With the one of the healthy Windows there is one too many.
    const sessions = Array.from({ length: 1024 }, (_, i) => [
      `${SERVICING}\\SessionsPending\\${40_000 + i}_1`,
      { Complete: 1 },
    ]);
    const { windows, doubts } = await sessionSubjects({ software: Object.fromEntries(sessions) });
    expect(await servicingStuck.detect(windows, {})).toEqual([]);
    const key = `\\${SERVICING}\\SessionsPending`;
    expect(doubts.issues.map(({ data }) => data)).toEqual([{ causes: ['servicing-stuck'], key, reason: 'too-many' }]);
  });

  test('packages that wait are a hint', async () => {
    expect(await detected(servicingStuck, { software: { [`${SERVICING}\\PackagesPending`]: {} } })).toMatchObject([
      { severity: 'review', confidence: 'hint' },
    ]);
  });

  test.each<[string, WindowsChange]>([
    ['a restart that waits', { software: { [`${SERVICING}\\RebootPending`]: {} } }],
    [
      'a store with empty marks',
      { components: { PendingXmlIdentifier: new Uint8Array(0), ExecutionState: 0, Other: 1 } },
    ],
    ['pending.xml that nobody is told of', { files: pending.files ?? {} }],
    ['a session manager that is told of a file that is gone', { system: TOLD }],
  ])('%s is none', async (_, change) => {
    expect(await detected(servicingStuck, change)).toEqual([]);
  });
});

const CBS = '/Windows/Logs/CBS/CBS.log';
const FULL =
  '2024-07-18 20:03:12, Error    CSI    00000008 (F) HRESULT_FROM_WIN32(ERROR_LOG_FULL) [HRESULT = 0x800719e4]\r\n';
const ROLLED_BACK =
  '2024-07-18 20:02:12, Error    CBS    Startup: Failed to process advanced operation queue. A rollback transaction will be created. [HRESULT = 0x80004005 - E_FAIL]\r\n';
const FINE = '2024-07-18 20:00:12, Info     CBS    Exec: Processing complete.\r\n';

describe('servicing-log-full', () => {
  test('the log says that the transaction log is full', async () => {
    expect(await detected(servicingLogFull, { files: { [CBS]: textFile(FINE + FULL) } })).toMatchObject([
      { id: 'servicing-log-full', severity: 'review', confidence: 'strong', data: { path: CBS } },
    ]);
  });

  test('a log without it, beside the files of TxR that every machine has, is none', async () => {
    const txr = { '/Windows/System32/config/TxR/{1}.TxR.0.regtrans-ms': { size: 4096 } };
    expect(await detected(servicingLogFull, { files: { ...txr, [CBS]: textFile(FINE) } })).toEqual([]);
  });
});

describe('update-mixed', () => {
  const other = (build: number): Record<string, FileOptions> => ({
    '/Windows/System32/ntdll.dll': { content: writePe({ fileVersion: `10.0.${build}.1` }) },
  });
  const log = { [CBS]: textFile(FINE + ROLLED_BACK) };

  test('a file of another build after an update that was rolled back', async () => {
    expect(await detected(updateMixed, { files: { ...log, ...other(20348) } })).toMatchObject([
      { severity: 'review', confidence: 'hint', data: { found: 20348, build: 17763 } },
    ]);
  });

  test('neither alone says anything, and builds of one family are one', async () => {
    expect(await detected(updateMixed, { files: log })).toEqual([]);
    expect(await detected(updateMixed, { files: other(20348) })).toEqual([]);
    const software = { 'Microsoft\\Windows NT\\CurrentVersion': { CurrentBuildNumber: '19045' } };
    const files = Object.fromEntries(
      ['ntoskrnl.exe', 'hal.dll', 'ntdll.dll', 'win32k.sys', 'drivers/Ntfs.sys'].map((name) => [
        `/Windows/System32/${name}`,
        { content: writePe({ fileVersion: '10.0.19041.4651' }) },
      ]),
    );
    expect(await detected(updateMixed, { software, files: { ...files, ...log } })).toEqual([]);
  });
});
