import { type Bytes, DeadboxError, type FileTree, MemorySource, WindowSource } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { Hive } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { removeBootElement } from '../../packages/repair/src/operations/hive/boot-element.js';
import { disableDriver } from '../../packages/repair/src/operations/hive/disable-driver.js';
import {
  hiveEdits,
  openRepairableHive,
  type RepairableHive,
} from '../../packages/repair/src/operations/hive/hive-place.js';
import { setBootElement } from '../../packages/repair/src/operations/hive/set-boot-element.js';
import { setRegistryValue } from '../../packages/repair/src/operations/hive/set-registry-value.js';
import { checkMountedDevice, checkNumber } from '../../packages/repair/src/operations/hive/settable-values.js';
import type { RepairOperation } from '../../packages/repair/src/plan/repair-plan.js';
import { boolean, guidBytes, integer, writeBootStore } from '../support/bcd-writer.js';
import { changedPages, makeDirty, writeNewLog } from '../support/hive-log-writer.js';
import { type HiveSpec, keysFromPaths, type ValueData, writeHive } from '../support/hive-writer.js';
import { memoryTree } from '../support/memory-tree.js';
import {
  appliedTo,
  diskWith,
  MEMORY_VOLUME,
  memoryDisk,
  refusalOf,
  volumeOf,
} from '../support/repair/memory-volume.js';
import { pendingLog } from '../support/repair/pending-log.js';
import { HiveEditor, NK, VK } from '../support/windows/hive-editor.js';

/*
 * What an operation plans for a hive on a small volume in memory: written, the bytes must make the volume that a writer
 * of hives, which shares no code with the reader, makes of the right values; and what it refuses, with its facts.
 */

type Keys = Record<string, Record<string, ValueData>>;

const SYSTEM = '/Windows/System32/config/SYSTEM';
const STORE = '/Boot/BCD';
const SET = 'ControlSet001';
const SELECT = { Current: 1, Default: 1, Failed: 0, LastKnownGood: 2 };

const hiveOf = (keys: Keys): Bytes => writeHive(keysFromPaths(keys));

/** Bytes in front of the hive on its volume. */
const BEFORE = 512;

/** A disk of a FAT volume with a hive at `path` and other files, and an NTFS volume with others. */
function diskOf(path: string, hive: Bytes, files: Record<string, Bytes> = {}, ...others: readonly string[]): Disk {
  const bytes = new Uint8Array(BEFORE + hive.length);
  bytes.set(hive, BEFORE);
  const content = new MemorySource(bytes);
  const fat = memoryTree({ [path]: new WindowSource(content, BEFORE, hive.length), ...files });
  const ntfs = memoryTree(Object.fromEntries(others.map((file) => [file, Uint8Array.of(1)])));
  const tree = (from: FileTree) => (): Promise<never> => Promise.resolve(from as never);
  return diskWith(
    { number: 1, fileSystem: 'fat32', locked: false, content, fileTree: tree(fat) },
    { number: 2, fileSystem: 'ntfs', locked: false, fileTree: tree(ntfs) },
  );
}

/** Whether an operation makes one hive of the other. */
async function turns(
  path: string,
  [from, to]: readonly [Bytes, Bytes],
  work: (disk: Disk) => Promise<RepairOperation>,
  ...others: readonly string[]
): Promise<RepairOperation> {
  const operation = await work(diskOf(path, from, {}, ...others));
  const place = { edits: operation.edits.map((edit) => ({ ...edit, offset: edit.offset - BEFORE })) };
  expect(Buffer.compare(appliedTo(from, { ...operation, ...place }), to)).toBe(0);
  return operation;
}

describe('a driver', () => {
  const service = (name: string, values: Record<string, ValueData>, more: Keys = {}): Bytes =>
    hiveOf({ Select: SELECT, [`${SET}\\Services\\${name}`]: values, ...more });
  const request = (name: string, force?: boolean): Parameters<typeof disableDriver>[1] => ({
    volume: 1,
    root: '/Windows',
    name,
    ...(force === undefined ? {} : { force }),
  });
  const asked = async (hive: Bytes, name: string, force?: boolean): Promise<RepairOperation> =>
    disableDriver(diskOf(SYSTEM, hive), request(name, force), {});

  test('is disabled: four bytes, in the control set that the loader takes', async () => {
    const hive = (start: number, current: number, set: string): Bytes =>
      hiveOf({
        Select: { ...SELECT, Current: current },
        'ControlSet001\\Services\\bad': { Start: set === '1' ? start : 1, Group: 'Base' },
        'ControlSet002\\Services\\bad': { Start: set === '2' ? start : 1, Group: 'Base' },
      });
    for (const current of [1, 2]) {
      const pair = [hive(1, current, '1'), hive(4, current, '1')] as const;
      const operation = await turns(SYSTEM, pair, (disk) => disableDriver(disk, request('BAD'), {}));
      expect(operation).toEqual({
        id: 'disable-driver',
        volume: 1,
        edits: [
          { volume: 1, offset: expect.any(Number), before: '01000000', after: '04000000', what: 'registry-value' },
        ],
        data: { name: 'BAD', hive: SYSTEM, key: '\\ControlSet001\\Services\\bad', from: 1, to: 4, forced: false },
      });
    }
  });

  test('is disabled although its group is one of those that are needed, where it is not started with the loader', async () => {
    for (const [group, start] of [
      ['SCSI Miniport', 3],
      ['scsi miniport', 1],
      ['FSFilter Activity Monitor', 0],
    ] as const)
      expect((await asked(service('bad', { Start: start, Group: group }), 'bad')).data).toMatchObject({
        from: start,
        forced: false,
      });
    expect((await asked(service('bad', { Start: 0 }), 'bad', true)).data).toMatchObject({ forced: false });
  });

  test('is not disabled where Windows needs it, unless it must be', async () => {
    for (const [name, group, start] of [
      ['bad', 'SCSI Miniport', 0],
      ['bad', 'BASE', 0],
      ['DISK', '', 3],
      ['Ntfs', 'Boot File System', 0],
    ] as const) {
      const hive = service(name, { Start: start, ...(group === '' ? {} : { Group: group }) });
      expect(await refusalOf(asked(hive, name))).toEqual(['driver-needed', { name, group, start }]);
      expect((await asked(hive, name, true)).data).toMatchObject({ from: start, to: 4, forced: true });
    }
  });

  test('is not disabled where it is not there, or is disabled, or says it in another form', async () => {
    const hive = service('bad', { Group: 'Base' });
    for (const name of ['bad', 'other'])
      expect(await refusalOf(asked(hive, name))).toEqual(['service-missing', { name, controlSet: SET }]);
    expect(await refusalOf(asked(hiveOf({ Select: SELECT }), 'bad'))).toEqual([
      'service-missing',
      { name: 'bad', controlSet: null },
    ]);
    expect(await refusalOf(asked(service('bad', { Start: 4 }), 'bad'))).toEqual(['nothing-to-repair', { name: 'bad' }]);
    for (const [value, type, size] of [
      [{ type: 4, bytes: new Uint8Array(2) }, 4, 2],
      [{ type: 3, bytes: new Uint8Array(4) }, 3, 4],
      [{ type: 5, bytes: Uint8Array.of(0, 0, 0, 1) }, 5, 4],
      [1n, 11, 8],
    ] as const)
      expect(await refusalOf(asked(service('bad', { Start: value }), 'bad'))).toEqual([
        'value-not-in-place',
        { name: 'bad', type, size },
      ]);
    // Four bytes may stand in a cell of their own, too.
    const editor = new HiveEditor(service('bad', { Start: integer(1) }));
    editor.setU32(editor.value('Start'), VK.size, 4);
    editor.setU32(editor.value('Start'), VK.type, 4);
    const place = 4096 + editor.u32(editor.value('Start'), VK.data) + 4;
    const { edits } = await asked(editor.seal(), 'bad');
    expect(edits.map(({ offset }) => offset)).toEqual([BEFORE + place]);
    editor.setU32(editor.value('Start'), VK.data, 12);
    expect(await refusalOf(asked(editor.seal(), 'bad'))).toEqual([
      'value-not-in-place',
      { name: 'bad', type: 4, size: 4 },
    ]);
    // What cannot be read is no number of a driver that is needed.
    expect(await refusalOf(asked(service('disk', { Start: 'x' }), 'disk'))).toEqual([
      'driver-needed',
      { name: 'disk', group: '', start: null },
    ]);
  });
});

describe('a hive', () => {
  const sound = hiveOf({ Select: SELECT, Setup: { SetupType: 2 } });
  const changed = hiveOf({ Select: SELECT, Setup: { SetupType: 0 } });
  const opened = async (disk: Disk, path = SYSTEM): Promise<RepairableHive> => openRepairableHive(disk, 1, path, {});
  const state = (hive: Bytes, log?: Bytes): Disk =>
    diskOf(SYSTEM, hive, log === undefined ? {} : { [`${SYSTEM}.LOG1`]: log });
  const logOf = (hive: Bytes, pages = changedPages(hive, changed)): Bytes =>
    writeNewLog(makeDirty(hive), [{ sequence: 7, binsSize: hive.length - 4096, pages }]);

  test('is opened as it is stored, once for all operations of a plan', async () => {
    const disk = await memoryDisk(volumeOf({ [SYSTEM]: { content: sound } }).bytes);
    let times = 0;
    const [volume] = disk.volumes;
    const counted = diskWith(
      {
        ...(volume as object),
        fileTree: (...args) => {
          times += 1;
          return volume.fileTree(...args);
        },
      },
      { number: 2, locked: true },
    );
    const hives = new Map<string, Promise<RepairableHive>>();
    const lower = SYSTEM.toLowerCase();
    const first = await openRepairableHive(counted, 1, lower, { hives });
    expect([first.path, first.stream.size, first.volume.number]).toEqual([SYSTEM, sound.length, 1]);
    expect(await openRepairableHive(counted, 1, lower, { hives })).toBe(first);
    expect(times).toBe(1);
    expect(await openRepairableHive(counted, 1, lower, {})).not.toBe(first);
    expect(times).toBe(2);
    expect(await refusalOf(openRepairableHive(counted, 2, lower, { hives }))).toEqual(['locked', { volume: 2 }]);
    expect(await refusalOf(openRepairableHive(counted, 3, lower, { hives }))).toEqual(['locked', { volume: 3 }]);
    expect(await refusalOf(opened(counted, '/SYSTEM'))).toEqual(['file-missing', { path: '/SYSTEM' }]);
  });

  test('is not opened on a volume that is locked, whatever else is known of it', async () => {
    const { volumes } = diskOf(SYSTEM, sound);
    const locked = diskWith({ ...(volumes[0] as object), locked: true });
    expect(await refusalOf(opened(locked))).toEqual(['locked', { volume: 1 }]);
  });

  test('is not opened where it is missing or damaged, or dirty without its log', async () => {
    const path = '/Windows/System32/config/SOFTWARE';
    const disk = state(sound);
    expect(await refusalOf(opened(disk, path))).toEqual(['file-missing', { path }]);
    const fat = diskWith({ number: 1, fileSystem: 'fat32', fileTree: () => Promise.resolve(memoryTree({}) as never) });
    expect(await refusalOf(opened(fat, path))).toEqual(['file-missing', { path }]);
    const broken = sound.slice();
    broken[4096] = 0;
    for (const [hive, ...findings] of [
      [sound.slice(0, 4096 + 32), 'hive-root-unreadable'],
      [new Uint8Array(8192), 'hive-not-regf'],
      [broken, 'hive-bins-damaged'],
      [makeDirty(sound), 'hive-dirty', 'hive-log-missing'],
    ] as const)
      expect(await refusalOf(opened(state(hive)))).toEqual(['hive-damaged', { path: SYSTEM, findings }]);
  });

  test('is opened where its log makes it whole, and what the log writes is not changed', async () => {
    const to = { operation: 'set-registry-value', volume: 1, path: SYSTEM, key: 'Setup', value: 'SetupType' } as const;
    const dirty = state(makeDirty(sound), logOf(sound));
    expect((await opened(dirty)).path).toBe(SYSTEM);
    const other = hiveOf({ Select: SELECT, Setup: { SetupType: 1 } });
    const log = logOf(sound, changedPages(sound, other));
    expect(await refusalOf(setRegistryValue(state(makeDirty(sound), log), { ...to, to: 0 }, {}))).toEqual([
      'hive-log-pending',
      { path: SYSTEM, offset: new HiveEditor(sound).value('SetupType') + 4096 + 4 + 8 },
    ]);
  });

  test('is not opened where the journal would write its record, and nowhere else', async () => {
    const files = { [SYSTEM]: { content: sound } };
    // Three folders stand before it.
    const at = volumeOf(files).at(27);
    for (const [offset, refused] of [
      [at, true],
      [at + 1024, false],
      [at - 1024, false],
    ] as const) {
      const work = memoryDisk(volumeOf(files, { log: pendingLog(offset, 1024, 0x07), flags: 1 }).bytes).then(opened);
      if (refused)
        expect(await refusalOf(work)).toEqual([
          'log-pending',
          { what: 'file record', offset: at, operation: 'UpdateResidentValue', lsn: expect.any(String) },
        ]);
      else expect((await work).path).toBe(SYSTEM);
    }
  });

  test('is changed where each of its pieces lies on the volume', async () => {
    const content = Uint8Array.from({ length: 3 * 4096 }, (_, i) => Math.imul(i + 1, 0x9e37_79b1) >>> 24);
    const bytes = volumeOf({ '/a/b': { content, pieces: 3 } }).bytes;
    const disk = await memoryDisk(bytes);
    const tree = await disk.volumes[0]?.fileTree();
    const stream = await (await tree?.lookup('/a/b'))?.stream();
    const target = { hive: { isFromLog: () => false }, volume: disk.volumes[0], path: '/a/b', stream } as never;
    const placeOf = (at: number): number => Buffer.from(bytes).indexOf(content.subarray(at, at + 32));
    const edits = (offset: number, after: Bytes): unknown => hiveEdits(target, offset, after, 'boot-element', {});
    const what = { volume: 1, what: 'boot-element' };
    const hex = (from: number, to: number): string => Buffer.from(content.subarray(from, to)).toString('hex');
    expect(await edits(4094, new Uint8Array(4))).toEqual([
      { ...what, offset: placeOf(4062) + 32, before: hex(4094, 4096), after: '0000' },
      { ...what, offset: placeOf(4096), before: hex(4096, 4098), after: '0000' },
    ]);
    const same = content.slice(4094, 4098);
    expect(await edits(4094, same)).toEqual([]);
    same[3] = 0;
    expect(await edits(4094, same)).toEqual([
      { ...what, offset: placeOf(4096), before: hex(4096, 4098), after: `${hex(4096, 4097)}00` },
    ]);
    expect(await edits(content.length - 2, new Uint8Array(2))).toHaveLength(1);
    expect(await refusalOf(edits(content.length - 2, new Uint8Array(3)) as Promise<unknown>)).toEqual([
      'hive-damaged',
      { path: '/a/b', offset: content.length - 2 },
    ]);
  });

  test('is changed through up to eight layers above the volume, and not where its bytes lie nowhere', async () => {
    const content = new MemorySource(Uint8Array.from({ length: 64 }, (_, i) => i));
    const edits = (layers: number, below: MemorySource): Promise<unknown> => {
      const stream = Array.from({ length: layers }).reduce<WindowSource>(
        (source) => new WindowSource(source, 1, source.size - 1),
        new WindowSource(below, 0, below.size),
      );
      const hive = { isFromLog: () => false } as unknown as Hive;
      const volume = { number: 3, content } as unknown as RepairableHive['volume'];
      return hiveEdits({ hive, volume, path: 'x', stream }, 2, Uint8Array.of(0xff), 'registry-key', {});
    };
    for (const layers of [0, 1, 7]) {
      const offset = 2 + layers;
      expect(await edits(layers, content)).toEqual([
        { volume: 3, offset, before: offset.toString(16).padStart(2, '0'), after: 'ff', what: 'registry-key' },
      ]);
    }
    const refused = ['content-not-stored', { path: 'x', offset: 2 }];
    expect(await refusalOf(edits(8, content))).toEqual(refused);
    expect(await refusalOf(edits(0, new MemorySource(new Uint8Array(64))))).toEqual(refused);
  });
});

describe('an element of a boot store', () => {
  const OBJECT = '{733b62e5-f608-11eb-825c-c112f60133ab}';
  const PLAIN = OBJECT.slice(1, -1);
  const ELEMENTS = ['11000001', '12000002', '25000080', '26000081'];
  const storeOf = (elements: Record<string, ValueData>, spec: HiveSpec = {}): Bytes =>
    writeBootStore({ [OBJECT]: { type: 0x1020_0003, elements } }, spec);
  const values = (names: readonly string[]): Record<string, ValueData> =>
    Object.fromEntries(names.map((name) => [name, integer(1)]));
  const request = (element: string, object = OBJECT): Parameters<typeof removeBootElement>[1] => ({
    volume: 1,
    path: STORE,
    object,
    element,
  });
  const removed = async (store: Bytes, element: string, object?: string): Promise<RepairOperation> =>
    removeBootElement(diskOf(STORE, store), request(element, object), {});

  /** The store without an element: what bcdedit makes of the list, written with no code of the library. */
  function without(store: Bytes, element: string): Bytes {
    const editor = new HiveEditor(store);
    const parent = editor.key('Elements');
    const list = editor.u32(parent, NK.subkeyList);
    const step = editor.u16(list, 0) === 0x696c ? 4 : 8;
    const count = editor.u16(list, 2);
    const key = editor.key(element);
    const index = Array.from({ length: count }, (_, i) => editor.u32(list, 4 + i * step)).indexOf(key);
    const at = 4096 + list + 4 + 4;
    editor.bytes.copyWithin(at + index * step, at + (index + 1) * step, at + count * step);
    editor.setU16(list, 2, count - 1);
    editor.setU32(parent, NK.subkeyCount, count - 1);
    if (count === 1) editor.setU32(parent, NK.subkeyList, 0xffff_ffff);
    return editor.bytes;
  }

  test('leaves the list of its parent, whatever form that has and wherever it stands in it', async () => {
    for (const lists of ['li', 'lf', 'lh'] as const)
      for (const names of [
        ELEMENTS,
        ['25000080'],
        ['24000002', '25000080'],
        ['25000080', '26000081'],
        // More than a byte counts.
        Array.from({ length: 257 }, (_, i) => (0x2500_0000 + i).toString(16)),
      ]) {
        const store = storeOf(values(names), { lists });
        const operation = await turns(STORE, [store, without(store, '25000080')], (disk) =>
          removeBootElement(disk, request('25000080'), {}),
        );
        expect(operation).toMatchObject({
          id: 'remove-boot-element',
          volume: 1,
          data: { store: STORE, object: PLAIN, element: '25000080', bytes: '0100000000000000' },
        });
        expect(new Set(operation.edits.map(({ what }) => what))).toEqual(new Set(['registry-key']));
      }
  });

  test('leaves it behind the entries that move up, before they are counted anew', async () => {
    const store = storeOf(values(ELEMENTS), { lists: 'lf' });
    const editor = new HiveEditor(store);
    const list = editor.u32(editor.key('Elements'), NK.subkeyList);
    const { edits } = await removed(store, '25000080');
    const first = edits[0]?.offset ?? 0;
    expect(edits.map(({ offset, before, after }) => [offset - first, before.length / 2, after.length / 2])).toEqual([
      [0, 8, 8],
      [2 - 4 - 2 * 8, 2, 2],
      [editor.key('Elements') + NK.subkeyCount - (list + 4 + 2 * 8), 4, 4],
    ]);
  });

  test('is meant with and without braces, in any case, and taken out where it holds nothing', async () => {
    const store = storeOf(values(ELEMENTS));
    for (const [element, object] of [
      ['0x25000080', PLAIN.toUpperCase()],
      ['25000080', OBJECT.toUpperCase()],
    ] as const)
      expect((await removed(store, element, object)).data).toMatchObject({ object: PLAIN, element: '25000080' });
    expect((await removed(storeOf(values(['26000081', '24000002'])), '24000002')).edits.length).toBeGreaterThan(0);
    const editor = new HiveEditor(storeOf({ '25000080': integer(1) }));
    editor.setU32(editor.key('25000080'), NK.valueCount, 0);
    expect((await removed(editor.seal(), '25000080')).data.bytes).toBe('');
  });

  test('is not taken out where a start needs it, and where it is not there', async () => {
    const store = storeOf(values(ELEMENTS));
    for (const [asked, element] of [
      ['11000001', '11000001'],
      ['0X12000002', '12000002'],
      ['250000800x', '250000800x'],
    ] as const)
      expect(await refusalOf(removed(store, asked.toLowerCase()))).toEqual(['element-not-removable', { element }]);
    expect(await refusalOf(removed(store, '24000002'))).toEqual([
      'element-missing',
      { object: PLAIN, element: '24000002' },
    ]);
    const other = '00000000-0000-0000-0000-000000000000';
    expect(await refusalOf(removed(store, '25000080', other))).toEqual([
      'element-missing',
      { object: other, element: '25000080' },
    ]);
  });

  test('is not taken out of a list that holds others, or not what its key says', async () => {
    const refused = ['value-not-in-place', { path: STORE, key: `\\Objects\\${OBJECT}\\Elements` }];
    const changed = (change: (editor: HiveEditor, parent: number, list: number) => void, lists: 'lh' | 'li'): Bytes => {
      const editor = new HiveEditor(storeOf(values(ELEMENTS), { lists }));
      const parent = editor.key('Elements');
      change(editor, parent, editor.u32(parent, NK.subkeyList));
      return editor.seal();
    };
    for (const count of [3, 5]) {
      const fewer = changed((editor, parent) => editor.setU32(parent, NK.subkeyCount, count), 'lh');
      expect(await refusalOf(removed(fewer, '25000080'))).toEqual(refused);
    }
    const split = storeOf(values(ELEMENTS), { listSize: 2 });
    const editor = new HiveEditor(split);
    const cell = editor.u32(editor.key('Elements'), NK.subkeyList);
    expect(await refusalOf(removed(split, '25000080'))).toEqual(['value-not-in-place', { cell }]);
    // A list may be the last cell of the hive.
    const last = changed((each, _, list) => each.setSize(list, list + 4096 - each.bytes.length), 'lh');
    expect((await removed(last, '25000080')).edits).toHaveLength(3);
    // A cell that has no room for a fifth.
    for (const [lists, step] of [
      ['lh', 8],
      ['li', 4],
    ] as const) {
      let place = 0;
      const short = changed((each, _, list) => {
        place = list;
        each.setU16(list, 2, 5);
      }, lists);
      const size = new DataView(short.buffer).getInt32(4096 + place, true);
      // Cells are multiples of eight bytes long: where five have room, the number of the list is not the key's.
      const fits = -size - 4 >= 4 + 5 * step;
      expect(await refusalOf(removed(short, '25000080'))).toEqual(
        fits ? refused : ['value-not-in-place', { cell: place }],
      );
    }
  });
});

describe('the data of an element', () => {
  const OBJECT = '{733b62e5-f608-11eb-825c-c112f60133ab}';
  const OTHER = '{733b62e4-f608-11eb-825c-c112f60133ab}';
  const NO_PATH = '{733b62e3-f608-11eb-825c-c112f60133ab}';
  type To = string | false;
  const storeOf = (elements: Record<string, ValueData>): Bytes =>
    writeBootStore({
      [OBJECT]: { type: 0x1020_0003, elements },
      [OTHER]: { type: 0x1020_0003, elements: { '12000002': '\\Windows\\system32\\winload.efi' } },
      [NO_PATH]: { type: 0x1020_0003, elements: { '22000002': '\\Windows' } },
    });
  /** Cells of the values of its elements that have data in cells of their own. */
  const elementValues = ({ view, bytes }: HiveEditor): number[] =>
    [...Buffer.from(bytes).toString('latin1').matchAll(/vk/g)]
      .map(({ index }) => index - 4 - 4096)
      .filter((cell) => view.getUint32(4096 + cell + 4 + VK.size, true) === 8);
  const request = (element: string, to: To, object = OBJECT): Parameters<typeof setBootElement>[1] => ({
    operation: 'set-boot-element',
    volume: 1,
    path: STORE,
    object,
    element,
    to,
  });
  /** `System32` is a folder, and a file. */
  const FILES = ['/Windows/System32/x', '/Winfile/System32'];
  const refused = async (element: string, from: ValueData, to: To): Promise<unknown> => {
    const disk = diskOf(STORE, storeOf({ [element]: from }), {}, ...FILES);
    return refusalOf(setBootElement(disk, request(element, to), {}));
  };

  test('is set in place: an entry, a path with another ending, a folder, a switch', async () => {
    const bytes = (text: string): number => 2 * text.length;
    const cases: readonly (readonly [string, ValueData, To, ValueData, string | boolean])[] = [
      ['23000003', '{00000000-0000-0000-0000-000000000001}', OTHER, OTHER, '{00000000-0000-0000-0000-000000000001}'],
      ['12000002', '\\W\\winload.exe', '\\W\\winload.efi', '\\W\\winload.efi', '\\W\\winload.exe'],
      ['12000002', '\\w\\WinLoad.EFI', '\\W\\winload.EXE', '\\W\\winload.EXE', '\\w\\WinLoad.EFI'],
      ['22000002', '\\Windoof', '\\Windows', '\\Windows', '\\Windoof'],
      ['26000022', boolean(true), false, boolean(false), true],
      ['16000009', Uint8Array.of(0xff), false, boolean(false), true],
    ];
    for (const [element, from, to, after, said] of cases) {
      const pair = [storeOf({ [element]: from }), storeOf({ [element]: after })] as const;
      const operation = await turns(STORE, pair, (disk) => setBootElement(disk, request(element, to), {}), ...FILES);
      expect(operation).toMatchObject({
        id: 'set-boot-element',
        volume: 1,
        data: { store: STORE, object: OBJECT.slice(1, -1), element, from: said, to },
      });
      expect(operation.edits.map(({ what, after: hex }) => [what, hex.length / 2])).toEqual([
        ['boot-element', typeof to === 'string' ? bytes(to) + 2 : 1],
      ]);
    }
  });

  test('keeps the zeros that end it, and needs none', async () => {
    const text = (zeros: number, last: string): ValueData => ({
      type: 1,
      bytes: new Uint8Array(Buffer.from(`winload.ex${last}${'\0'.repeat(zeros)}`, 'utf16le')),
    });
    for (const zeros of [0, 1, 3]) {
      const from = storeOf({ '12000002': text(zeros, 'e') });
      const after = storeOf({ '12000002': text(zeros, 'E') });
      await turns(STORE, [from, after], (disk) => setBootElement(disk, request('12000002', 'winload.exE'), {}));
    }
    const inside = diskOf(STORE, storeOf({ '22000002': '\\Win\0oof' }), {}, ...FILES);
    expect((await setBootElement(inside, request('22000002', '\\Windows'), {})).data.from).toBe('\\Win\0oof');
  });

  test('is meant with and without braces, in any case', async () => {
    const disk = diskOf(STORE, storeOf({ '260000a0': boolean(true) }));
    for (const [element, object] of [
      ['0x260000A0', OBJECT.slice(1, -1).toUpperCase()],
      ['260000a0', OBJECT.toUpperCase()],
    ] as const)
      expect((await setBootElement(disk, request(element, false, object), {})).data).toMatchObject({
        object: OBJECT.slice(1, -1),
        element: '260000a0',
      });
  });

  test('is not set where the element is not there, nor twice, nor to another kind', async () => {
    const disk = diskOf(STORE, storeOf({ '26000022': boolean(false), '22000002': '\\Windows' }));
    const ask = (element: string, to: To, object = OBJECT): Promise<unknown> =>
      refusalOf(setBootElement(disk, request(element, to, object), {}));
    for (const [element, object] of [
      ['26000005', OBJECT],
      ['2600002', OBJECT],
      ['260000220x', OBJECT],
      ['26000022', '{00000000-0000-0000-0000-000000000001}'],
    ] as const)
      expect(await ask(element, false, object)).toEqual(['element-missing', { object: object.slice(1, -1), element }]);
    expect(await ask('26000022', false)).toEqual(['nothing-to-repair', { element: '26000022' }]);
    expect(await ask('22000002', '\\Windows')).toEqual(['nothing-to-repair', { element: '22000002' }]);
    expect(await ask('26000022', 'x')).toEqual(['element-not-settable', { element: '26000022', to: 'x' }]);
    expect(await ask('22000002', false)).toEqual(['element-not-settable', { element: '22000002', to: false }]);
    const editor = new HiveEditor(storeOf({ '26000022': boolean(true) }));
    editor.setU32(editor.key('26000022'), NK.valueCount, 0);
    // Its data stands in a cell that is none.
    const unread = new HiveEditor(storeOf({ '26000022': integer(1) }));
    for (const cell of elementValues(unread)) unread.setU32(cell, VK.data, 12);
    for (const store of [editor, unread])
      expect(await refusalOf(setBootElement(diskOf(STORE, store.seal()), request('26000022', false), {}))).toEqual([
        'element-missing',
        { object: OBJECT.slice(1, -1), element: '26000022' },
      ]);
  });

  test('is only set of elements of which it is known what they must be', async () => {
    for (const [element, from, to] of [
      ['16000048', boolean(true), false],
      ['12000004', 'Windows', 'windows'],
      ['23000003', NO_PATH, OTHER.slice(1)],
      ['23000003', NO_PATH, `x${OTHER}`],
      ['23000003', NO_PATH, `${OTHER}x`],
      ['23000003', NO_PATH, OTHER.replace('b', 'g')],
      ['12000002', '\\W\\winload.exe', '\\W\\winlord.efi'],
      ['12000002', '\\W\\winload.exe', '\\W\\winload.com'],
      ['12000002', '\\W\\winload.exe', '\\W\\winload.exe.efi'],
      ['12000002', '\\W\\winload.exe', '\\W\\winload'],
      ['12000002', '\\W\\winload.exe.x', '\\W\\winload.efi.x'],
      ['12000002', '\\W\\winload.exe.x', '\\W\\winload.x.efi'],
      ['12000002', '\\W\\winload.exe.x', '\\w\\winload.exe.x'],
      ['12000002', '\\W\\winload', '\\W\\winloadxexe'],
      ['26000022', 'Windows', false],
      ['23000003', integer(1), OTHER],
    ] as const)
      expect(await refused(element, from, to)).toEqual(['element-not-settable', { element, to }]);
    for (const [element, from, to] of [
      ['23000003', OTHER, NO_PATH],
      ['23000003', OTHER, '{00000000-0000-0000-0000-000000000001}'],
      ['22000002', '\\Windoof', '\\Windxxx'],
      ['22000002', '\\Windoof', '\\Winfile'],
    ] as const)
      expect(await refused(element, from, to)).toEqual(['target-missing', { target: to }]);
  });

  test('is only set where it is as long as before', async () => {
    for (const [element, from, to, size] of [
      ['22000002', '\\WINDOWS2', '\\Windows', 20],
      ['22000002', '\\WINDOW', '\\Windows', 16],
      ['26000022', new Uint8Array(2).fill(1), false, 2],
      ['26000022', new Uint8Array(0), false, 0],
    ] as const)
      expect(await refused(element, from, to)).toEqual(['value-not-in-place', { element, size }]);
  });

  test('names the Windows folder of any volume that can be read', async () => {
    const store = storeOf({ '22000002': '\\Windoof' });
    const disk = diskOf(STORE, store);
    const windows = memoryTree({ '/Windows/System32/x': Uint8Array.of(1) });
    const ask = async (...volumes: readonly Partial<Disk['volumes'][number]>[]): Promise<unknown> =>
      setBootElement(diskWith(disk.volumes[0] as object, ...volumes), request('22000002', '\\Windows'), {}).then(
        ({ id }) => id,
        (error) => (error as { id?: string }).id ?? error,
      );
    const volume = { number: 2, fileSystem: 'ntfs', locked: false } as const;
    const tree = (): Promise<never> => Promise.resolve(windows as never);
    const damaged = (): Promise<never> =>
      Promise.reject(new DeadboxError('NTFS_DAMAGED', 'damaged', { at: { layer: 'volume', offset: 0 } }));
    expect(await ask({ ...volume, fileTree: tree })).toBe('set-boot-element');
    expect(await ask({ ...volume, fileTree: damaged }, { ...volume, fileTree: tree })).toBe('set-boot-element');
    expect(await ask({ ...volume, fileTree: damaged })).toBe('target-missing');
    expect(await ask({ ...volume, fileSystem: 'fat32', fileTree: tree })).toBe('target-missing');
    expect(await ask({ ...volume, locked: true, fileTree: tree })).toBe('target-missing');
    const lost = new Error('the connection is lost');
    expect(await ask({ ...volume, fileTree: () => Promise.reject(lost) })).toBe(lost);
  });
});

describe('a value of the SYSTEM hive', () => {
  type Request = Parameters<typeof setRegistryValue>[1];
  const request = (key: string, value: string, to: number | string, path = SYSTEM): Request => ({
    operation: 'set-registry-value',
    volume: 1,
    path,
    key,
    value,
    to,
  });
  const mounted = (offset: number, signature = 0x5eed_a1b2): Bytes => {
    const bytes = new Uint8Array(12);
    new DataView(bytes.buffer).setUint32(0, signature, true);
    new DataView(bytes.buffer).setBigUint64(4, BigInt(offset), true);
    return bytes;
  };
  const hex = (bytes: Bytes): string => Buffer.from(bytes).toString('hex');
  const DRIVE = '\\DosDevices\\C:';

  test('is set in place', async () => {
    const numbers = (value: number): Bytes => hiveOf({ Select: SELECT, Setup: { SetupType: value } });
    const operation = await turns(SYSTEM, [numbers(0x0102_0304), numbers(0)], (disk) =>
      setRegistryValue(disk, request('\\setup', 'setuptype', 0), {}),
    );
    expect(operation).toMatchObject({
      id: 'set-registry-value',
      volume: 1,
      edits: [{ before: '04030201', after: '00000000', what: 'registry-value' }],
      data: { hive: SYSTEM, key: '\\Setup', value: 'SetupType', from: 0x0102_0304, to: 0 },
    });
    const drive = (offset: number): Bytes => hiveOf({ Select: SELECT, MountedDevices: { [DRIVE]: mounted(offset) } });
    const to = hex(mounted(MEMORY_VOLUME.offset));
    const device = await turns(SYSTEM, [drive(512), drive(MEMORY_VOLUME.offset)], (disk) =>
      setRegistryValue(disk, request('MountedDevices', DRIVE, to), {}),
    );
    expect(device.data).toEqual({
      hive: SYSTEM,
      key: '\\MountedDevices',
      value: DRIVE,
      from: hex(mounted(512)),
      to,
    });
  });

  test('is not set in another hive, where it is not there, or twice', async () => {
    const hive = hiveOf({
      Select: SELECT,
      Setup: { SetupType: 2, CmdLine: 'x' },
      MountedDevices: { [DRIVE]: mounted(512) },
    });
    const disk = diskOf(SYSTEM, hive, { '/SYSTEM/SOFTWARE': hive, '/MYSYSTEM': hive });
    const ask = (...asked: Parameters<typeof request>): Promise<unknown> =>
      refusalOf(setRegistryValue(disk, request(...asked), {}));
    for (const path of ['/SYSTEM/SOFTWARE', '/MYSYSTEM', '/SYSTEM.bak'])
      expect(await ask('Setup', 'SetupType', 0, path)).toEqual(['value-not-settable', { path, value: 'SetupType' }]);
    expect(await ask('Setup', 'SetupType', 0, '/Windows/x/SYSTEM')).toEqual([
      'file-missing',
      { path: '/Windows/x/SYSTEM' },
    ]);
    for (const [key, value] of [
      ['Setup', 'Other'],
      ['Other', 'SetupType'],
    ] as const)
      expect(await ask(key, value, 0)).toEqual(['value-missing', { key, value }]);
    expect(await ask('Setup', 'SetupType', 2)).toEqual(['nothing-to-repair', { name: 'SetupType' }]);
    expect(await ask('Setup', 'SetupType', 1)).toEqual([
      'value-not-settable',
      { key: '\\Setup', value: 'SetupType', from: 2, to: 1 },
    ]);
    expect(await ask('Setup', 'CmdLine', 0)).toEqual(['value-not-in-place', { type: 1, size: 4 }]);
    expect(await ask('Setup', 'SetupType', '00000000')).toEqual(['value-not-in-place', { type: 4, size: 4 }]);
    expect(await ask('MountedDevices', DRIVE, 0)).toEqual(['value-not-in-place', { type: 3, size: 12 }]);
    expect(await ask('MountedDevices', DRIVE, '00')).toEqual(['value-not-in-place', { type: 3, size: 12 }]);
    expect(await ask('MountedDevices', DRIVE, hex(mounted(4096)))).toEqual([
      'target-missing',
      { target: '5EEDA1B2-00001000' },
    ]);
  });

  test('is read whole, and not set where its data is shorter than it says or cannot be read', async () => {
    const editor = new HiveEditor(hiveOf({ Select: SELECT, MountedDevices: { [DRIVE]: mounted(512) } }));
    const value = editor.value(DRIVE);
    const ask = (): Promise<unknown> => {
      const asked = request('MountedDevices', DRIVE, hex(mounted(MEMORY_VOLUME.offset)));
      return refusalOf(setRegistryValue(diskOf(SYSTEM, editor.seal()), asked, {}));
    };
    editor.setU32(value, VK.size, 24);
    expect(await ask()).toEqual(['value-not-in-place', { type: 3, size: 24 }]);
    editor.setU32(value, VK.data, 12);
    expect(await ask()).toEqual(['value-missing', { key: 'MountedDevices', value: DRIVE }]);
  });

  test('is at most a kibibyte long', async () => {
    const ask = async (bytes: Bytes, to: Bytes): Promise<unknown> => {
      const hive = hiveOf({ Select: SELECT, MountedDevices: { [DRIVE]: bytes } });
      return refusalOf(setRegistryValue(diskOf(SYSTEM, hive), request('MountedDevices', DRIVE, hex(to)), {}));
    };
    for (const size of [1024, 1025])
      expect(await ask(new Uint8Array(size), new Uint8Array(size).fill(1))).toEqual(
        size > 1024 ? ['value-not-in-place', { type: 3, size }] : ['target-missing', { target: 'partition' }],
      );
  });

  test('may become only what is known to be safe', async () => {
    const keys = ['ControlSet001\\Services', 'ControlSet012\\Services', 'ControlSet999\\Services'];
    const hive = { key: (path: string) => Promise.resolve(keys.includes(path) ? {} : undefined) } as unknown as Hive;
    const ok = async (...asked: readonly [string, string, number, number]): Promise<unknown> =>
      checkNumber(hive, ...asked).then(
        () => true,
        (error) => [error.id, error.data],
      );
    const allowed: readonly (readonly [string, string, number, number])[] = [
      ['\\ControlSet001\\Services\\disk', 'Start', 0, 4],
      ['\\CONTROLSET001\\SERVICES\\DISK', 'START', 3, 4],
      ['\\ControlSet001\\Services\\disk', 'ErrorControl', 0, 3],
      ['\\ControlSet001\\Services\\disk', 'ErrorControl', 1, 3],
      ['\\ControlSet001\\Services\\disk\\StartOverride', '0', 0, 3],
      ['\\ControlSet001\\Enum\\a\\b', 'ConfigFlags', 0x20, 0x21],
      ['\\ControlSet001\\Enum\\a\\b', 'ConfigFlags', 0, 0xffff_ffff],
      ['\\ControlSet001\\Enum\\a\\Device Parameters\\Partmgr', 'Attributes', 0, 4],
      ['\\ControlSet001\\Services\\partmgr\\Parameters', 'SanPolicy', 1, 3],
      ['\\ControlSet001\\Services\\partmgr\\Parameters', 'SanPolicy', 2, 3],
      ['\\ControlSet001\\Policies\\EarlyLaunch', 'DriverLoadPolicy', 3, 8],
      ['\\Select', 'Default', 1, 3],
      ['\\Select', 'Current', 12, 3],
      ['\\Select', 'LastKnownGood', 999, 3],
      ['\\Setup', 'SetupType', 0, 2],
    ];
    for (const asked of allowed) expect(await ok(...asked), asked.join(' ')).toBe(true);
    const refused: typeof allowed = [
      ['\\ControlSet001\\Services\\disk', 'Start', 4, 1],
      ['\\ControlSet001\\Services\\disk', 'Start', -1, 4],
      ['\\ControlSet001\\Services\\disk', 'Start', 0.5, 4],
      ['\\ControlSet001\\Services\\disk', 'Start', Number.NaN, 4],
      ['\\ControlSet001\\Services\\disk', 'ErrorControl', 2, 3],
      ['\\ControlSet001\\Services\\disk', 'Type', 1, 3],
      ['\\ControlSet001\\Services\\disk\\StartOverride', '0', 1, 3],
      ['\\ControlSet001\\Services', 'Start', 0, 4],
      ['\\ControlSet01\\Services\\disk', 'Start', 0, 4],
      ['\\ControlSet001\\Services\\disk\\Parameters', 'Start', 0, 4],
      ['\\ControlSet001\\Enum\\a\\b', 'ConfigFlags', 0x25, 0x21],
      ['\\ControlSet001\\Enum\\a\\b', 'ConfigFlags', 0x8000_0000, 0x21],
      ['\\ControlSet001\\Services\\partmgr\\Parameters', 'SanPolicy', 0, 3],
      ['\\ControlSet001\\Services\\partmgr\\Parameters', 'SanPolicy', 4, 3],
      ['\\ControlSet001\\Policies\\EarlyLaunch', 'DriverLoadPolicy', 1, 8],
      ['\\Select', 'Default', 0, 3],
      ['\\Select', 'Default', 1000, 3],
      ['\\Select', 'Failed', 1, 3],
      ['\\Setup', 'SetupType', 1, 2],
    ];
    for (const [key, value, to, from] of refused)
      expect(await ok(key, value, to, from)).toEqual(['value-not-settable', { key, value, from, to }]);
    expect(await ok('\\Select', 'Default', 2, 1)).toEqual(['target-missing', { target: 'ControlSet002' }]);
  });

  test('of MountedDevices may become a partition of this disk, as that kind of disk is named', () => {
    const id = '5EED0000-0000-4000-8000-0000000000B1';
    const disk = (kind: 'gpt' | 'mbr', ...ids: readonly (string | undefined)[]): Disk =>
      ({ table: { kind, partitions: ids.map((each) => ({ id: each })) } }) as unknown as Disk;
    const gpt = Uint8Array.from([...Buffer.from('DMIO:ID:'), ...guidBytes(id)]);
    const mbr = mounted(0x10_0000, 0x00ed_a1b2);
    const ask = (on: Disk, to: Bytes, name = DRIVE, key = '\\MountedDevices'): unknown => {
      try {
        return checkMountedDevice(on, key, name, to) ?? true;
      } catch (error) {
        return [(error as { id: string }).id, (error as { data: unknown }).data];
      }
    };
    const onGpt = disk('gpt', 'other', id);
    const onMbr = disk('mbr', 'other', '00EDA1B2-00100000');
    expect(ask(onGpt, gpt)).toBe(true);
    expect(ask(onMbr, mbr)).toBe(true);
    expect(ask(onMbr, mbr, '\\dosdevices\\z:', '\\MOUNTEDDEVICES')).toBe(true);
    for (const [name, key] of [
      ['\\DosDevices\\1:', '\\MountedDevices'],
      ['\\DosDevices\\CC:', '\\MountedDevices'],
      ['x\\DosDevices\\C:', '\\MountedDevices'],
      ['\\DosDevices\\C:x', '\\MountedDevices'],
      [DRIVE, '\\MountedDevices\\x'],
    ] as const)
      expect(ask(onGpt, gpt, name, key)).toEqual(['value-not-settable', { key, value: name }]);
    expect(ask(disk('gpt', 'other'), gpt)).toEqual(['target-missing', { target: id }]);
    expect(ask(disk('mbr'), mbr)).toEqual(['target-missing', { target: '00EDA1B2-00100000' }]);
    const none = ['target-missing', { target: 'partition' }];
    const undefinedIds = [disk('gpt', id, undefined), disk('mbr', '00EDA1B2-00100000', undefined)];
    for (const on of undefinedIds)
      for (const to of [
        on.table.kind === 'gpt' ? mbr : gpt,
        gpt.slice(0, 23),
        Uint8Array.of(...gpt, 0),
        mbr.slice(0, 11),
      ])
        expect(ask(on, to)).toEqual(none);
    const foreign = gpt.slice();
    foreign[0] = 0x64;
    expect(ask(onGpt, foreign)).toEqual(none);
  });
});
