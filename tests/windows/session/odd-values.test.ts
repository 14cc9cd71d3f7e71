import { type FileTree, MemorySource } from '@deadbox/core';
import { Hive, type RegistryKey } from '@deadbox/windows';
import {
  programOf,
  programPaths,
  readCriticalServices,
  readDeviceLog,
  readDirectoryService,
  readEsentState,
  readImageOptions,
  readImageState,
  readLsaPackages,
  readPartitionManagers,
  readProfiles,
  readServicingLog,
  readServicingStack,
  readSessionManager,
  readSetupState,
  readStoreMarks,
  readWinlogon,
} from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { guidBytes } from '../../support/bcd-writer.js';
import { keysFromPaths, type ValueData, writeHive } from '../../support/hive-writer.js';
import { memoryTree } from '../../support/memory-tree.js';

type Paths = Record<string, Record<string, ValueData>>;
const hiveOf = (paths: Paths): Promise<Hive> => Hive.open(new MemorySource(writeHive(keysFromPaths(paths))));
const keyOf = async (paths: Paths): Promise<RegistryKey> => (await (await hiveOf(paths)).key('S')) as RegistryKey;
const SERVICING = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing';

test('a program that is quoted to no end is all that follows, and one without an ending gets one', () => {
  expect(programOf('"C:\\a b\\c.exe -x')).toBe('C:\\a b\\c.exe -x');
  expect(programOf('autocheck autochk *\r\nx')).toBe('autocheck');
  expect(programPaths('  ', '/Windows')).toEqual([]);
  expect(programPaths('autochk *', '/Windows')).toEqual(['/Windows/System32/autochk.exe', '/Windows/autochk.exe']);
});

describe('keys that are not there', () => {
  test('tell nothing of the session', async () => {
    const nothing = await hiveOf({ S: {} });
    const set = await keyOf({ S: {} });
    for (const read of [readSessionManager, readLsaPackages, readDirectoryService])
      expect(await read(set)).toBeUndefined();
    for (const read of [readWinlogon, readImageState, readServicingStack, readSetupState])
      expect(await read(nothing)).toBeUndefined();
    expect(await readImageOptions(nothing, ['lsass.exe'])).toEqual([]);
    expect(await readProfiles(nothing)).toEqual({ profiles: [] });
    expect(await readCriticalServices(set)).toEqual([]);
    expect(await readPartitionManagers(set)).toEqual({ managers: [], complete: true });
  });

  test('below the session manager leave its lists empty', async () => {
    const manager = await readSessionManager(await keyOf({ 'S\\Control\\Session Manager': {} }));
    expect(manager).toEqual({
      key: expect.anything(),
      setupExecute: [],
      pendingRenames: [],
      excludedKnownDlls: [],
      pageFiles: [],
    });
  });
});

test('a shared library without a name is none, and lists of Setup are read both', async () => {
  const manager = await readSessionManager(
    await keyOf({
      'S\\Control\\Session Manager': { SetupExecute: ['a'], SetupExecuteNoPnpSync: ['b'] },
      'S\\Control\\Session Manager\\KnownDLLs': { empty: '', number: 1, DllDirectory32: 'C:\\x', user32: 'user32.dll' },
      'S\\Control\\Session Manager\\Memory Management': { VerifyDrivers: ' ' },
    }),
  );
  expect(manager?.knownDlls?.files).toEqual([{ name: 'user32', file: 'user32.dll' }]);
  expect(manager?.setupExecute).toEqual(['a', 'b']);
  expect(manager?.verifier).toBeUndefined();
});

test('a directory without places and an image without a state are told as such', async () => {
  const set = await keyOf({ 'S\\Services\\NTDS\\Parameters': { 'DSA Database file': ' ' } });
  expect(await readDirectoryService(set)).toEqual({ key: expect.anything() });
  const path = 'Microsoft\\Windows\\CurrentVersion\\Setup\\State';
  expect(await readImageState(await hiveOf({ [path]: {} }))).toBeUndefined();
  expect(await readImageState(await hiveOf({ [path]: { ImageState: '' } }))).toBeUndefined();
  const setup = await readSetupState(await hiveOf({ Setup: { CmdLine: ' ' }, 'Setup\\Status\\ChildCompletion': {} }));
  expect(setup).toEqual({ key: expect.anything() });
});

test.each([
  [1, 'other'],
  [2, 'dirty'],
  [3, 'clean'],
  [5, 'other'],
])('a database whose header has the state %i is %s', async (state, expected) => {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, 0x89ab_cdef, true);
  view.setUint32(0x34, state, true);
  expect(await readEsentState(new MemorySource(bytes))).toBe(expected);
});

describe('marks of servicing', () => {
  test('are values of any type that say something', async () => {
    const components = await Hive.open(
      new MemorySource(
        writeHive({
          values: {
            PendingXmlIdentifier: [],
            ExecutionState: 0n,
            NextQueueEntryIndex: '',
            AdvancedInstallersNeedResolving: new Uint8Array(0),
            StoreDirty: 1,
            PoqexecFailure: ['x'],
            RepairTransactionPended: Uint8Array.of(0, 1),
          },
        }),
      ),
    );
    expect((await readStoreMarks(components)).map(({ value }) => value)).toEqual([
      'StoreDirty',
      'PoqexecFailure',
      'RepairTransactionPended',
    ]);
  });

  test('are keys that are there, and a session that keeps others out', async () => {
    const stack = await readServicingStack(
      await hiveOf({
        [`${SERVICING}\\RebootInProgress`]: {},
        [`${SERVICING}\\PackagesPending`]: {},
        [`${SERVICING}\\SessionsPending`]: { Exclusive: 3 },
      }),
    );
    expect(stack).toMatchObject({
      rebootInProgress: { value: null },
      packagesPending: { value: null },
      exclusive: { value: 'Exclusive' },
      incomplete: [],
    });
    expect(stack?.rebootPending).toBeUndefined();
    expect(await readServicingStack(await hiveOf({ [SERVICING]: {} }))).toEqual({ incomplete: [] });
  });
});

test('services whose failure is more than a message are those that start by themselves and are no drivers', async () => {
  const service = { Start: 2, Type: 0x10, ErrorControl: 2, ImagePath: 'a.exe' };
  const changes: Record<string, Record<string, ValueData>> = {
    severe: {},
    critical: { ErrorControl: 3, Type: 0x20 },
    normal: { ErrorControl: 1 },
    manual: { Start: 3 },
    driver: { Type: 1 },
    typeless: { Type: 'x' },
    pathless: { ImagePath: '' },
    numbered: { ImagePath: 5 },
  };
  const paths = Object.entries(changes).map(([name, change]) => [
    `S\\Services\\${name}`,
    { ...service, Other: 1, ...change },
  ]);
  const found = await readCriticalServices(await keyOf({ S: {}, ...Object.fromEntries(paths) }));
  expect(found.map(({ name, errorControl }) => [name, errorControl])).toEqual([
    ['critical', 3],
    ['severe', 2],
  ]);
});

describe('the disks that a Windows has seen', () => {
  const DISK = '0B2394A9-095E-487D-8D48-719ECD4D78CA';
  /** DRIVE_LAYOUT_INFORMATION_EX: style, count, then signature or GUID. */
  const cache = (style: number, id: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(48);
    bytes[0] = style;
    bytes.set(id, 8);
    return bytes;
  };

  test('are told with their attributes and the identity of the table that is kept', async () => {
    const place = (name: string): string => `S\\Enum\\SCSI\\${name}\\0\\Device Parameters\\Partmgr`;
    const set = await keyOf({
      [place('Disk&Ven_A')]: { Attributes: 0, PartitionTableCache: cache(1, guidBytes(DISK)) },
      [place('Disk&Ven_B')]: { Attributes: 1, PartitionTableCache: cache(0, Uint8Array.of(0xae, 0x46, 0x45, 0xdf)) },
      [place('Disk&Ven_C')]: { Attributes: 0, PartitionTableCache: cache(2, guidBytes(DISK)) },
      [place('Disk&Ven_D')]: { Attributes: 0, PartitionTableCache: new Uint8Array(23) },
      [place('Disk&Ven_E')]: { Attributes: 0 },
      [place('Disk&Ven_F')]: { PartitionTableCache: new Uint8Array(48) },
      'S\\Enum\\SCSI\\Disk&Ven_G\\0': {},
      [place('CdRom&Ven_A')]: { Attributes: 0 },
    });
    const { managers, complete } = await readPartitionManagers(set);
    expect(managers.map(({ attributes, diskId }) => [attributes, diskId])).toEqual([
      [0, DISK],
      [1, 'DF4546AE'],
      [0, undefined],
      [0, undefined],
      [0, undefined],
    ]);
    expect(complete).toBe(true);
  });

  test('are not all where they are more than are looked at', async () => {
    const list = (keys: readonly object[]) => ({ subkeyCount: keys.length, subkeys: () => Promise.resolve(keys) });
    const instance = { key: () => Promise.resolve(undefined) };
    const disk = { name: 'Disk', ...list(Array.from({ length: 16_000 }, () => instance)) };
    const set = (keys: readonly object[]): RegistryKey =>
      ({ key: (path: string) => Promise.resolve(path.endsWith('SCSI') ? list(keys) : undefined) }) as never;
    expect((await readPartitionManagers(set([disk]))).complete).toBe(true);
    expect((await readPartitionManagers(set([disk, disk]))).complete).toBe(false);
  });
});

test('profiles that are more than are looked at are told by their key', async () => {
  const list = { subkeyCount: 2 ** 20, subkeys: () => Promise.resolve([]) };
  expect((await readProfiles({ key: () => Promise.resolve(list) } as never)).unread).toBe(list);
});

describe('text logs', () => {
  const LINE = '2024-07-18 20:03:12, Error CSI ERROR_LOG_FULL';
  const log = (bytes: Uint8Array) =>
    readServicingLog(memoryTree({ '/Windows/Logs/CBS/CBS.log': new Uint8Array(bytes) }), '/Windows');

  test.each([
    ['UTF-16 with a mark', Buffer.from(`\ufeff${LINE}\r\n`, 'utf16le')],
    ['UTF-16 without one', Buffer.from(`${LINE}\r\n`, 'utf16le')],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${LINE}\r\n`, 'utf8')],
    ['one byte a character', Buffer.from(`${LINE}\n`, 'latin1')],
  ])('are read in %s', async (_, bytes) => {
    expect((await log(bytes))?.logFull).toBe('2024-07-18 20:03:12');
  });

  test('of a few bytes, and of bytes that only begin like UTF-16, say nothing', async () => {
    for (const bytes of [[], [0x41, 0], [0x41, 0, 0x42, 0x43, 0x0a]])
      expect(await log(Uint8Array.from(bytes))).toEqual({
        path: '/Windows/Logs/CBS/CBS.log',
        modified: '2024-07-19T02:09:35.8000000Z',
        packages: [],
      });
  });

  test('without a time of change have none, and a log that is not there is none', async () => {
    const tree = memoryTree({ '/Windows/Logs/CBS/CBS.log': Uint8Array.from(Buffer.from(LINE)) });
    const timeless: FileTree = {
      fileSystem: 'memory',
      async lookup(path) {
        const node = await tree.lookup(path);
        if (node === undefined) return undefined;
        const { modified: _, ...rest } = node;
        return rest;
      },
    };
    expect(await readServicingLog(timeless, '/Windows')).not.toHaveProperty('modified');
    expect(await readDeviceLog(tree, '/Windows')).toBeUndefined();
  });
});
