import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MemorySource } from '@deadbox/core';
import { Hive, openControlSet } from '@deadbox/windows';
import {
  parsePendingRenames,
  programOf,
  programPaths,
  readDirectoryService,
  readEsentState,
  readImageOptions,
  readImageState,
  readLsaPackages,
  readProfiles,
  readServicingStack,
  readSessionManager,
  readSetupState,
  readStoreMarks,
  readWinlogon,
} from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { corpusFolder, describeWithCorpus } from '../../support/corpus.js';
import { keysFromPaths, type ValueData, writeHive } from '../../support/hive-writer.js';

function utf16(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, 'utf16le'));
}

async function hiveOf(paths: Record<string, Record<string, ValueData>>): Promise<Hive> {
  return Hive.open(new MemorySource(writeHive(keysFromPaths(paths))));
}

const VERSION = 'Microsoft\\Windows NT\\CurrentVersion';
const SERVICING = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing';

describe('commands', () => {
  test.each([
    ['oobe\\windeploy.exe', 'oobe\\windeploy.exe'],
    ['"C:\\Program Files\\x y\\a.exe" -k', 'C:\\Program Files\\x y\\a.exe'],
    ['C:\\Program Files\\x y\\a.exe -k', 'C:\\Program Files\\x y\\a.exe'],
    ['cmd /c start', 'cmd'],
    ['C:\\Windows\\system32\\userinit.exe,', 'C:\\Windows\\system32\\userinit.exe'],
    ['', ''],
  ])('the program of %s', (command, program) => {
    expect(programOf(command)).toBe(program);
  });

  test('a bare name is looked for in System32 and in the Windows folder', () => {
    expect(programPaths('explorer.exe', '/Windows')).toEqual([
      '/Windows/System32/explorer.exe',
      '/Windows/explorer.exe',
    ]);
    expect(programPaths('oobe\\windeploy.exe', '/Windows')[0]).toBe('/Windows/System32/oobe/windeploy.exe');
    expect(programPaths('%SystemRoot%\\system32\\csrss.exe ObjectDirectory=\\Windows', '/Windows')).toEqual([
      '/Windows/system32/csrss.exe',
    ]);
  });

  test('a program on another volume has no path here', () => {
    expect(programPaths('E:\\tools\\x.exe', '/Windows')).toEqual([]);
  });
});

describe('pending renames', () => {
  test('an empty second text deletes, a mark replaces, and neither ends the list', () => {
    const bytes = utf16('\\??\\C:\\a.tmp\0\0\\??\\C:\\b.dll\0!\\??\\C:\\c.dll\0*1\\??\\C:\\d\0\\??\\C:\\e\0\0');
    expect(parsePendingRenames(bytes)).toEqual([
      { source: '\\??\\C:\\a.tmp', target: null, replace: false },
      { source: '\\??\\C:\\b.dll', target: '\\??\\C:\\c.dll', replace: true },
      { source: '\\??\\C:\\d', target: '\\??\\C:\\e', replace: false },
    ]);
  });

  test('half a character and half a pair are no rename', () => {
    expect(parsePendingRenames(Uint8Array.of(0x41))).toEqual([]);
    expect(parsePendingRenames(utf16('\\??\\C:\\a'))).toEqual([]);
    expect(parsePendingRenames(new Uint8Array(0))).toEqual([]);
  });
});

test('the session manager tells what it starts, and the folder of shared libraries is none of them', async () => {
  const hive = await hiveOf({
    'S\\Control\\Session Manager': {
      BootExecute: ['autocheck autochk *', 'lsdelete'],
      SETUPEXECUTE: ['poqexec.exe /x'],
      ExcludeFromKnownDlls: ['x.dll'],
    },
    'S\\Control\\Session Manager\\SubSystems': {
      Required: ['Debug', 'Windows'],
      Windows: { expand: 'csrss' },
      Kmode: 'w',
    },
    'S\\Control\\Session Manager\\KnownDLLs': { DllDirectory: 'C:\\x', advapi32: 'advapi32.dll' },
    'S\\Control\\Session Manager\\Memory Management': {
      VerifyDrivers: 'x.sys',
      VerifyDriverLevel: 1,
      PagingFiles: ['?:\\p'],
    },
  });
  const manager = await readSessionManager((await hive.key('S')) as never);
  expect(manager).toMatchObject({
    subSystems: { required: ['Debug', 'Windows'], windows: 'csrss', kernelMode: 'w' },
    bootExecute: ['autocheck autochk *', 'lsdelete'],
    setupExecute: ['poqexec.exe /x'],
    knownDlls: { files: [{ name: 'advapi32', file: 'advapi32.dll' }] },
    excludedKnownDlls: ['x.dll'],
    verifier: { drivers: 'x.sys', level: 1 },
    pageFiles: ['?:\\p'],
  });
});

test('Setup says what it runs, and the state of the image stands in SOFTWARE', async () => {
  const system = await hiveOf({
    Setup: { SetupType: 2, CmdLine: 'oobe\\windeploy.exe', SystemSetupInProgress: 1, OOBEInProgress: 1 },
    'Setup\\Status\\ChildCompletion': { 'setup.exe': 1 },
  });
  expect(await readSetupState(system)).toMatchObject({
    setupType: 2,
    commandLine: 'oobe\\windeploy.exe',
    childCompletion: { value: 1 },
  });
  const software = await hiveOf({
    'Microsoft\\Windows\\CurrentVersion\\Setup\\State': { ImageState: 'IMAGE_STATE_COMPLETE' },
  });
  expect(await readImageState(software)).toMatchObject({ state: 'IMAGE_STATE_COMPLETE' });
  expect(await readSetupState(software)).toBeUndefined();
});

test('only values that say something are marks of servicing, and a complete session is none', async () => {
  const components = await Hive.open(
    new MemorySource(
      writeHive({
        values: { PendingXmlIdentifier: utf16('a'), ExecutionState: 0, StoreDirty: new Uint8Array(4), Other: 1 },
      }),
    ),
  );
  expect((await readStoreMarks(components)).map(({ value }) => value)).toEqual(['PendingXmlIdentifier']);
  const software = await hiveOf({
    [`${SERVICING}\\RebootPending`]: {},
    [`${SERVICING}\\SessionsPending`]: { Exclusive: 0 },
    [`${SERVICING}\\SessionsPending\\1_1`]: { Complete: 1 },
    [`${SERVICING}\\SessionsPending\\2_2`]: {},
  });
  const stack = await readServicingStack(software);
  expect(stack?.rebootPending).toBeDefined();
  expect(stack?.exclusive).toBeUndefined();
  expect(stack?.rebootInProgress).toBeUndefined();
  expect(stack?.incomplete.map(({ key }) => key.name)).toEqual(['2_2']);
});

test.each([
  [1024, 1, undefined],
  [1025, 0, 'SessionsPending'],
])('of %i sessions of the servicing stack it is told whether all are looked at', async (count, found, unread) => {
  const sessions = Array.from({ length: count }, (_, i) => [
    `${SERVICING}\\SessionsPending\\${10_000 + i}_1`,
    i === count - 1 ? {} : { Complete: 1 },
  ]);
  const stack = await readServicingStack(await hiveOf(Object.fromEntries(sessions)));
  expect(stack?.incomplete).toHaveLength(found);
  expect(stack?.unread?.name).toBe(unread);
});

test('Winlogon, start options of programs, LSA lists and profiles', async () => {
  const software = await hiveOf({
    [`${VERSION}\\Winlogon`]: { Userinit: 'C:\\Windows\\system32\\userinit.exe,', Shell: 'explorer.exe' },
    [`${VERSION}\\Image File Execution Options\\LSASS.exe`]: {
      Debugger: 'x.exe',
      MinimumStackCommitInBytes: 0x02000000,
    },
    [`${VERSION}\\ProfileList\\S-1-5-18`]: { ProfileImagePath: 'x' },
    [`${VERSION}\\ProfileList\\S-1-5-21-1-2-3-500.bak`]: { ProfileImagePath: 'C:\\Users\\a', State: 1 },
  });
  expect(await readWinlogon(software)).toMatchObject({ shell: 'explorer.exe' });
  expect(await readImageOptions(software, ['lsass.exe', 'csrss.exe'])).toMatchObject([
    { program: 'LSASS.exe', debugger: 'x.exe', stackCommit: 0x02000000 },
  ]);
  const { profiles, unread } = await readProfiles(software);
  expect(profiles).toMatchObject([{ sid: 'S-1-5-21-1-2-3-500', aside: true, path: 'C:\\Users\\a' }]);
  expect(unread).toBeUndefined();
  const system = await hiveOf({
    'S\\Control\\Lsa': { 'Authentication Packages': ['msv1_0'], 'Security Packages': ['""'], RunAsPPL: 1 },
    'S\\Services\\NTDS\\Parameters': { 'DSA Database file': 'D:\\NTDS\\ntds.dit' },
  });
  const set = (await system.key('S')) as never;
  const lsa = await readLsaPackages(set);
  expect(lsa?.lists.map(({ names }) => names)).toEqual([['msv1_0'], [], []]);
  expect(lsa?.runAsProtected).toBe(1);
  expect(await readDirectoryService(set)).toMatchObject({ database: 'D:\\NTDS\\ntds.dit' });
});

test('the header of a database of the storage engine', async () => {
  const header = (signature: number, state: number): MemorySource => {
    const bytes = new Uint8Array(4096);
    const view = new DataView(bytes.buffer);
    view.setUint32(4, signature, true);
    view.setUint32(0x34, state, true);
    return new MemorySource(bytes);
  };
  expect(await readEsentState(header(0x89abcdef, 3))).toBe('clean');
  expect(await readEsentState(header(0x89abcdef, 2))).toBe('dirty');
  expect(await readEsentState(header(0, 3))).toBe('not-a-database');
  expect(await readEsentState(new MemorySource(new Uint8Array(8)))).toBe('not-a-database');
});

describeWithCorpus('real SYSTEM hives', () => {
  test.each(['win-system-dissect', 'win-system-regipy', 'win10-1709-system'])(
    '%s has a session manager, Setup and LSA at rest',
    async (name) => {
      const bytes = new Uint8Array(gunzipSync(readFileSync(join(corpusFolder(), 'hives', `${name}.hiv.gz`))));
      const hive = await Hive.open(new MemorySource(bytes));
      const set = (await openControlSet(hive))?.key as never;
      const manager = await readSessionManager(set);
      expect(manager?.bootExecute).toEqual(['autocheck autochk *']);
      expect(manager?.setupExecute).toEqual([]);
      expect(manager?.subSystems?.required).toEqual(['Debug', 'Windows']);
      expect(manager?.subSystems?.windows).toMatch(/csrss\.exe ObjectDirectory=/);
      expect(manager?.verifier).toBeUndefined();
      expect(manager?.knownDlls?.files.map(({ file }) => file.toLowerCase())).toContain('kernel32.dll');
      const setup = await readSetupState(hive);
      expect([setup?.setupType, setup?.commandLine]).toEqual([0, undefined]);
      const lsa = await readLsaPackages(set);
      expect(lsa?.lists[0]?.names).toContain('msv1_0');
      expect(lsa?.lists[2]?.names).toContain('scecli');
    },
  );
});
