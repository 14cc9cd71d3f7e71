import { describe, expect, test } from 'vitest';
import { bootExecute } from '../../../../packages/triage/src/causes/session/boot-execute.js';
import { coreProcesses } from '../../../../packages/triage/src/causes/session/core-processes.js';
import { knownDlls } from '../../../../packages/triage/src/causes/session/known-dlls.js';
import { pendingRenames } from '../../../../packages/triage/src/causes/session/pending-renames.js';
import { subSystems } from '../../../../packages/triage/src/causes/session/sub-systems.js';
import {
  detected,
  IMAGE,
  MANAGER,
  sessionSubjects,
  type Values,
  type WindowsChange,
} from '../../../support/triage/session-windows.js';

const manager = (values: Values): WindowsChange => ({ system: { [MANAGER]: values } });
const file = (name: string, content: WindowsChange['files']): WindowsChange => ({
  files: Object.fromEntries(Object.values(content ?? {}).map((options) => [`/Windows/System32/${name}`, options])),
});
const texts = (pairs: readonly (readonly [string, string])[]): { type: number; bytes: Uint8Array } => ({
  type: 7,
  bytes: Buffer.from(`${pairs.map((pair) => pair.join('\0')).join('\0')}\0\0`, 'utf16le'),
});

describe('core-process-bad', () => {
  test.each([
    ['absent', undefined],
    ['empty', { content: new Uint8Array(0) }],
    ['unwritten', { content: new Uint8Array(70_000).fill(1), valid: 0 }],
    ['zeros', { content: new Uint8Array(70_000) }],
    ['not-pe', { content: new Uint8Array(4096).fill(7) }],
    ['truncated', { content: IMAGE.content?.subarray(0, 700) }],
  ] as const)('csrss.exe that is %s', async (state, options) => {
    const found = await detected(coreProcesses, file('csrss.exe', { only: options as never }));
    expect(found).toMatchObject([
      {
        id: 'core-process-bad',
        severity: 'act',
        confidence: 'proves',
        data: { path: '/Windows/System32/csrss.exe', state },
      },
    ]);
    expect(found[0]?.evidence.length).toBe(state === 'absent' ? 0 : 1);
  });

  test('a copy that Windows keeps is named, unless it is the same file under another name', async () => {
    const lost = { '/Windows/System32/csrss.exe': undefined };
    const backup = '/Windows/WinSxS/Backup/amd64_csrss_31bf3856ad364e35_10.0.17763.1_none_aa_csrss.exe_1f2e3d4c';
    const [found] = await detected(coreProcesses, { files: { ...lost, [backup]: IMAGE } });
    expect(found?.data.copy).toBe(backup);
    const old = '/Windows.old/Windows/System32/csrss.exe';
    expect((await detected(coreProcesses, { files: { ...lost, [old]: IMAGE } }))[0]?.data.copy).toBe(old);
    const bad = { [backup]: { content: new Uint8Array(9000) } };
    expect((await detected(coreProcesses, { files: { ...lost, ...bad } }))[0]?.data.copy).toBeUndefined();
  });

  test('where the build is not known, only files of every build are missed, and none that was given up later', async () => {
    const software = { 'Microsoft\\Windows NT\\CurrentVersion': undefined };
    const files = { '/Windows/System32/lsm.exe': undefined, '/Windows/System32/dwm.exe': undefined };
    expect(await detected(coreProcesses, { software, files })).toEqual([]);
  });

  test('a file that this version never had is not missed', async () => {
    const change = { software: { 'Microsoft\\Windows NT\\CurrentVersion': { CurrentBuildNumber: '7601' } } };
    const files = Object.fromEntries(
      ['win32kbase.sys', 'win32kfull.sys', 'win32u.dll', 'gdi32full.dll', 'ucrtbase.dll', 'lsm.dll'].map((name) => [
        `/Windows/System32/${name}`,
        undefined,
      ]),
    );
    const found = await detected(coreProcesses, { ...change, files });
    expect(found.map(({ data }) => data.path)).toEqual(['/Windows/System32/lsm.exe']);
    expect(
      await detected(coreProcesses, { ...change, files: { ...files, '/Windows/System32/lsm.exe': IMAGE } }),
    ).toEqual([]);
  });

  test('a file for another processor than its neighbours', async () => {
    const other = { content: Uint8Array.from(IMAGE.content ?? []) };
    const at = new DataView(other.content.buffer).getUint32(0x3c, true) + 4;
    new DataView(other.content.buffer).setUint16(at, 0x14c, true);
    expect(await detected(coreProcesses, file('lsass.exe', { only: other }))).toMatchObject([
      { data: { state: 'wrong-machine' } },
    ]);
  });

  test('a folder with next to nothing in it proves nothing of single files', async () => {
    const { windows } = await sessionSubjects();
    const names = await windows.files.list('/Windows/System32');
    const files = Object.fromEntries(
      [...(names?.names.values() ?? [])]
        .filter(({ name }) => name.includes('.') && name !== 'ntdll.dll')
        .map(({ name }) => [`/Windows/System32/${name}`, undefined]),
    );
    expect(await detected(coreProcesses, { files })).toEqual([]);
  });
});

describe('session-manager-key', () => {
  const key = `${MANAGER}\\SubSystems`;
  test.each<[string, Values | undefined, object]>([
    ['the whole key', undefined, { fault: 'missing', name: 'Windows' }],
    ['Windows', { Windows: undefined }, { fault: 'missing', name: 'Windows' }],
    ['Required', { Required: undefined }, { fault: 'missing', name: 'Required' }],
    ['Kmode', { Kmode: '' }, { fault: 'missing', name: 'Kmode' }],
    ['Windows among those required', { Required: ['Debug'] }, { fault: 'not-required', name: 'Required' }],
    [
      'a program that is there',
      { Windows: { expand: '%SystemRoot%\\system32\\csrs.exe ObjectDirectory=\\Windows' } },
      { fault: 'no-program', name: 'Windows' },
    ],
  ])('lacks %s', async (_, values, data) => {
    const found = await detected(subSystems, { system: { [key]: values } });
    expect(found).toMatchObject([{ id: 'session-manager-key', severity: 'act', confidence: 'proves', data }]);
    expect(found[0]?.evidence).toHaveLength(1);
  });

  test('another spelling of the same command is fine, and a csrss.exe that is gone is a cause of its own', async () => {
    const change = { system: { [key]: { Windows: '%systemroot%\\SYSTEM32\\CSRSS.EXE ObjectDirectory=\\Windows' } } };
    expect(await detected(subSystems, change)).toEqual([]);
    expect(await detected(subSystems, { files: { '/Windows/System32/csrss.exe': undefined } })).toEqual([]);
  });
});

describe('boot-execute-dangling', () => {
  test('an entry whose program is not in System32', async () => {
    const found = await detected(bootExecute, manager({ BootExecute: ['autocheck autochk *', 'lsdelete'] }));
    expect(found).toMatchObject([
      {
        id: 'boot-execute-dangling',
        severity: 'act',
        confidence: 'proves',
        data: { entry: 'lsdelete', path: '/Windows/System32/lsdelete.exe' },
      },
    ]);
    expect(Buffer.from(found[0]?.evidence[0]?.bytes ?? '', 'hex').toString('utf16le')).toContain('autocheck');
  });

  test('a program behind "autocheck" is looked for by its own name', async () => {
    const found = await detected(bootExecute, manager({ BootExecute: ['autocheck pgdfgsvc C 1'] }));
    expect(found).toMatchObject([{ data: { path: '/Windows/System32/pgdfgsvc.exe' } }]);
  });

  test('an entry of another product whose program is there is only worth knowing', async () => {
    const change = manager({ BootExecute: ['autocheck autochk *', 'aswBoot.exe /M:1'] });
    const found = await detected(bootExecute, { ...change, files: { '/Windows/System32/aswBoot.exe': IMAGE } });
    expect(found).toMatchObject([{ severity: 'none', confidence: 'hint' }]);
  });

  test('forms of the default entry are none', async () => {
    for (const entry of ['autocheck autochk /r \\??\\C:', 'autocheck autochk /k:C *', ''])
      expect(await detected(bootExecute, manager({ BootExecute: [entry] })), entry).toEqual([]);
  });
});

describe('known-dlls', () => {
  test('a library that is named and not there', async () => {
    const found = await detected(knownDlls, { system: { [`${MANAGER}\\KnownDLLs`]: { evil: 'evil.dll' } } });
    expect(found).toMatchObject([
      { id: 'known-dlls', severity: 'act', confidence: 'strong', data: { name: 'evil', state: 'absent' } },
    ]);
  });

  test('libraries of other processors, and the folder, need not be there', async () => {
    const values = { wow64: 'wow64.dll', DllDirectory32: { expand: '%SystemRoot%\\syswow64' }, _x: 'x.dll' };
    expect(await detected(knownDlls, { system: { [`${MANAGER}\\KnownDLLs`]: values } })).toEqual([]);
  });
});

describe('pending-renames', () => {
  test('a core file that is to be deleted', async () => {
    const change = manager({
      PendingFileRenameOperations: texts([
        ['\\??\\C:\\Temp\\x', ''],
        ['\\??\\C:\\Windows\\System32\\NTDLL.DLL', ''],
      ]),
    });
    expect(await detected(pendingRenames, change)).toMatchObject([
      { severity: 'act', confidence: 'strong', data: { path: '/Windows/System32/NTDLL.DLL', deletes: true } },
    ]);
  });

  test('a core driver that is to be replaced', async () => {
    const change = manager({
      PendingFileRenameOperations: texts([
        ['\\??\\C:\\Temp\\disk.sys', '!\\??\\C:\\Windows\\System32\\drivers\\disk.sys'],
      ]),
    });
    expect(await detected(pendingRenames, change)).toMatchObject([{ data: { deletes: false } }]);
  });

  test('files of the same name elsewhere, and other files of System32, are ordinary', async () => {
    const change = manager({
      PendingFileRenameOperations: texts([
        ['\\??\\C:\\Windows\\WinSxS\\Temp\\PendingDeletes\\ntdll.dll', ''],
        ['\\??\\C:\\Windows\\System32\\spool\\x.dll', ''],
        ['\\??\\C:\\Windows\\System32\\foo.dll', '!\\??\\C:\\Windows\\System32\\bar.dll'],
        ['\\??\\D:\\Windows\\System32\\ntdll.dll', ''],
      ]),
    });
    expect(await detected(pendingRenames, change)).toEqual([]);
  });
});
