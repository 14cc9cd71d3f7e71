import { createHash } from 'node:crypto';
import { type Bytes, DeadboxError, type Json, MemorySource, toHex } from '@deadbox/core';
import { type Disk, openDisk, type Volume } from '@deadbox/disk';
import { planRepair, type RepairOperation, type RepairPlan, type RepairRequest, verifyRepair } from '@deadbox/repair';
import { describe, expect, test } from 'vitest';
import { RefusedRepair } from '../../../packages/repair/src/plan/repair-plan.js';
import { TouchedBytes } from '../../../packages/repair/src/plan/touched-bytes.js';
import { type StoredPlace, StoredPlaces } from '../../../packages/repair/src/storage/stored-places.js';
import { LOADER } from '../../support/bcd-writer.js';
import { FAULTY_CHANNEL_FILE } from '../../support/disk-writer/crashed-disk.js';
import { SMALL_VOLUME, smallDisk } from '../../support/disk-writer/small-disk.js';
import { MemoryFiles } from '../../support/image/memory-files.js';
import { writeVhdx } from '../../support/image/vhdx-writer.js';
import { vmdkDescriptor } from '../../support/image/vmdk-writer.js';

/*
 * Which operation a request comes to, what refuses it and what is no refusal at all; and what a look with fresh eyes
 * finds wrong. In memory.
 */

const FOLDER = '/Windows/System32/drivers/CrowdStrike';
const FAULTY = `${FOLDER}/${FAULTY_CHANNEL_FILE.name}`;
const volume = 1;
const MBR = smallDisk('mbr');
const open = (bytes: Bytes, name = 'disk.img'): Promise<Disk> => openDisk(new MemorySource(bytes, { name }), { name });
const disks = { mbr: await open(MBR), gpt: await open(smallDisk('gpt')) };
/** The same bytes, which lie in no file. */
const nowhere = await openDisk(new MemorySource(MBR), { name: 'disk.img' });

/** Operation or refusal of a plan of one request, with its facts. */
async function outcome(disk: Disk, request: RepairRequest, options = {}): Promise<unknown> {
  const { operations, refusals } = await planRepair(disk, [request], options);
  expect(operations.length + refusals.length).toBe(1);
  const [operation] = operations;
  if (operation !== undefined) return operation.id;
  const [refusal] = refusals;
  expect(refusal.operation).toBe(request.operation);
  return refusal;
}

const ACTIVE = { operation: 'set-active-partition', partition: 1 } as const;
const RENAME = { operation: 'neutralise-file', volume, path: FAULTY } as const;

describe('a request is planned by the operation of its name', () => {
  test.each<[RepairRequest]>([
    [RENAME],
    [{ operation: 'blank-content', volume, path: FAULTY }],
    [{ operation: 'restore-disk-identity', identity: '12345678', witnesses: 3 }],
    [{ operation: 'disable-driver', volume, root: '/Windows', name: 'CSAgent' }],
    [{ operation: 'remove-boot-element', volume, path: '/Boot/BCD', object: LOADER, element: '25000080' }],
  ])('$operation', async (request) => {
    expect(await outcome(disks.mbr, request)).toBe(request.operation);
  });

  test.each<['mbr' | 'gpt', RepairRequest, string, Record<string, Json>]>([
    ['mbr', { operation: 'restore-boot-signature' }, 'nothing-to-repair', { offset: 510 }],
    ['mbr', { operation: 'restore-gpt' }, 'table-damaged', { table: 'mbr' }],
    // The backup is the last sector of the volume.
    ['mbr', { operation: 'restore-boot-sector', volume }, 'nothing-to-repair', { offset: SMALL_VOLUME.length - 512 }],
    ['mbr', { operation: 'set-hidden-sectors', volume }, 'nothing-to-repair', { volume }],
    ['mbr', { operation: 'restore-mft-records', volume }, 'nothing-to-repair', { record: 0 }],
    ['mbr', { operation: 'restore-attribute-list', volume, record: 40 }, 'nothing-to-repair', { record: 40 }],
    ['mbr', { operation: 'restore-mft-mirror', volume }, 'nothing-to-repair', { record: 1 }],
    [
      'mbr',
      {
        operation: 'set-registry-value',
        volume,
        path: '/Windows/System32/config/SYSTEM',
        key: 'ControlSet001\\Services\\CSAgent',
        value: 'Start',
        to: 4,
      },
      'value-not-settable',
      {
        path: '/Windows/System32/config/SYSTEM',
        key: '\\ControlSet001\\Services\\CSAgent',
        value: 'Start',
        from: 1,
        to: 4,
      },
    ],
    [
      'mbr',
      { operation: 'set-boot-element', volume, path: '/Boot/BCD', object: LOADER, element: '25000080', to: false },
      'nothing-to-repair',
      { path: '/Boot/BCD', element: '25000080' },
    ],
    ['gpt', { operation: 'set-partition-entry', partition: 1, type: '0x07' }, 'value-not-settable', { to: '0x07' }],
    ['gpt', ACTIVE, 'table-damaged', { table: 'gpt' }],
    ['mbr', ACTIVE, 'nothing-to-repair', { partition: 1 }],
  ])('%s: %j', async (table, request, id, data) => {
    expect(await outcome(disks[table], request)).toEqual({
      id,
      operation: request.operation,
      volume: 'volume' in request ? volume : null,
      data,
    });
  });

  test('and refused requests leave the others alone, in their order', async () => {
    const remove = {
      operation: 'remove-boot-element',
      volume,
      path: '/Boot/BCD',
      object: LOADER,
      element: '25000080',
    } as const;
    const missing = { operation: 'blank-content', volume, path: '/none' } as const;
    const plan = await planRepair(disks.mbr, [ACTIVE, RENAME, missing, remove]);
    expect(plan.operations.map(({ id }) => id)).toEqual(['neutralise-file', 'remove-boot-element']);
    expect(plan.refusals.map(({ operation }) => operation)).toEqual(['set-active-partition', 'blank-content']);
    expect(await planRepair(disks.mbr, [])).toEqual({ operations: [], refusals: [] });
  });
});

describe('where a volume holds a hibernated Windows', () => {
  /** The disk with one more volume, on which Windows was put to sleep. */
  const asleepOn = (disk: Disk, number: number): Disk => {
    const ntfs = { hibernation: () => Promise.resolve('hibernated') };
    const other = { number, locked: false, fileSystem: 'ntfs', ntfs: () => Promise.resolve(ntfs) };
    return { ...disk, volumes: [...disk.volumes, other as unknown as Volume] };
  };

  test('nothing on the other volumes is changed, which it has in its memory', async () => {
    expect(await outcome(asleepOn(disks.mbr, 2), RENAME)).toEqual({
      id: 'hibernated',
      operation: 'neutralise-file',
      volume,
      data: { path: FAULTY, volume: 2, state: 'hibernated' },
    });
    // A volume's own sleep is asked of where it is changed.
    expect(await outcome(asleepOn(disks.mbr, volume), RENAME)).toBe('neutralise-file');
  });

  test('the disk itself is, and where a volume begins: Windows remembers both as they were', async () => {
    const identity = { operation: 'restore-disk-identity', identity: '12345678', witnesses: 3 } as const;
    expect(await outcome(asleepOn(disks.mbr, 2), identity)).toBe('restore-disk-identity');
    const moved = MBR.slice();
    // Hidden sectors of the boot sector (NTFS, offset 0x1C).
    new DataView(moved.buffer).setUint32(SMALL_VOLUME.offset + 0x1c, 1, true);
    await using disk = await open(moved);
    expect(await outcome(asleepOn(disk, 2), { operation: 'set-hidden-sectors', volume })).toBe('set-hidden-sectors');
  });
});

describe('two changes of one plan', () => {
  const identity = (last: string): RepairRequest => ({
    operation: 'restore-disk-identity',
    identity: `1234567${last}`,
    witnesses: 3,
  });
  const answers = ({ operations, refusals }: RepairPlan): string[] => [
    ...operations.map(({ id }) => id),
    ...refusals.map(({ id }) => id),
  ];

  test('are not made where both change the same bytes', async () => {
    const plan = await planRepair(disks.mbr, [identity('8'), RENAME, identity('9')]);
    expect(answers(plan)).toEqual(['restore-disk-identity', 'neutralise-file', 'same-bytes']);
    expect(plan.refusals[0]).toMatchObject({ operation: 'restore-disk-identity', data: {} });
  });

  test('are not made where volumes that overlap keep them in one sector, in an overlay either', async () => {
    const bytes = MBR.slice();
    bytes.copyWithin(0x1ce, 0x1be, 0x1ce);
    await using disk = await open(bytes);
    expect(disk.volumes.map(({ offset }) => offset)).toEqual([SMALL_VOLUME.offset, SMALL_VOLUME.offset]);
    for (const overlay of [false, true])
      expect(answers(await planRepair(disk, [RENAME, { ...RENAME, volume: 2 }], { overlay }))).toEqual([
        'neutralise-file',
        'same-bytes',
      ]);
  });

  test('may share a sector, and what was refused stands in the way of none', async () => {
    // Byte 1b8 (hex) and the active flag at 1be lie in one sector.
    const bytes = MBR.slice();
    bytes[0x1be] = 0;
    await using disk = await open(bytes);
    const plan = await planRepair(disk, [identity('8'), identity('9'), ACTIVE]);
    expect(answers(plan)).toEqual(['restore-disk-identity', 'set-active-partition', 'same-bytes']);
  });
});

describe('a volume that is kept on several disks', () => {
  test.each([
    ['mirrored', ['redundant-volume', { layout: 'mirrored' }]],
    ['raid5', ['redundant-volume', { layout: 'raid5' }]],
    ['simple', ['not-ntfs', undefined]],
    ['striped', ['not-ntfs', undefined]],
  ])('%s', async (layout, [id, data]) => {
    const plain = { number: 1, partition: { dynamic: { layout: 'simple' } }, ntfs: () => Promise.resolve(undefined) };
    const other = { ...plain, number: 2, partition: { dynamic: { layout } } };
    const third = { ...plain, number: 3, partition: undefined };
    const disk = { ...disks.mbr, volumes: [plain, other, third] } as unknown as Disk;
    const request = (wanted: number): RepairRequest => ({ operation: 'blank-content', volume: wanted, path: '/a' });
    expect(await outcome(disk, request(2))).toMatchObject({ id, ...(data === undefined ? {} : { data }) });
    for (const wanted of [1, 3, 4]) expect(await outcome(disk, request(wanted))).toMatchObject({ id: 'not-ntfs' });
    expect(await outcome(disk, ACTIVE)).toMatchObject({ id: 'nothing-to-repair' });
  });
});

describe('a request is refused', () => {
  test('while the image must not change, whatever it asks for', async () => {
    for (const hazard of ['snapshot-beside', 'saved-vm-state', 'in-use'] as const) {
      const options = { hazards: [hazard, 'in-use'], overlay: true };
      expect(await outcome(disks.mbr, RENAME, options)).toEqual({
        id: hazard,
        operation: 'neutralise-file',
        volume,
        data: { path: FAULTY },
      });
    }
    expect(await outcome(disks.mbr, RENAME, { hazards: [] })).toBe('neutralise-file');
  });

  test('with what it named: a path, a driver, or neither', async () => {
    const driver = { operation: 'disable-driver', volume, root: '/Windows', name: 'none such' } as const;
    expect(await outcome(disks.mbr, driver)).toMatchObject({ id: 'service-missing', data: { name: 'none such' } });
    expect(await outcome(disks.mbr, driver, { hazards: ['in-use'] })).toEqual({
      id: 'in-use',
      operation: 'disable-driver',
      volume,
      data: { name: 'none such' },
    });
    const gone = { operation: 'neutralise-file', volume, path: '/none' } as const;
    expect(await outcome(disks.mbr, gone)).toMatchObject({ id: 'file-missing', data: { path: '/none' } });
    expect(await outcome(disks.mbr, ACTIVE, { hazards: ['in-use'] })).toEqual({
      id: 'in-use',
      operation: 'set-active-partition',
      volume: null,
      data: {},
    });
  });

  test('where its sectors lie in no file that may be written, unless they go into an overlay', async () => {
    expect(await outcome(nowhere, RENAME)).toMatchObject({
      id: 'not-stored',
      data: { path: FAULTY, storedIn: null, parent: false, reason: expect.stringMatching(/in no file/) },
    });
    expect(await outcome(nowhere, RENAME, { overlay: false })).toMatchObject({ id: 'not-stored' });
    expect(await outcome(nowhere, RENAME, { overlay: true })).toBe('neutralise-file');
  });

  /** An MBR disk of which a partition can be made the active one. */
  function inactive(): Bytes {
    const bytes = new Uint8Array(1 << 20);
    const view = new DataView(bytes.buffer);
    bytes[0x1be + 4] = 7;
    view.setUint32(0x1be + 8, 8, true);
    view.setUint32(0x1be + 12, 1000, true);
    view.setUint16(0x1fe, 0xaa55, true);
    return bytes;
  }

  test('where the headers of a VHDX do not allow it', async () => {
    const recipe = { size: 1 << 20, blocks: [{ state: 6, data: inactive() }], dataWriteGuid: LOADER } as const;
    const logGuid = '11111111-2222-3333-4444-555555555555';
    await using sound = await open(writeVhdx(recipe), 'disk.vhdx');
    expect(await outcome(sound, ACTIVE)).toBe('set-active-partition');
    // A log without an entry is not replayed, and not empty either.
    await using logged = await open(writeVhdx({ ...recipe, logGuid }), 'disk.vhdx');
    expect(await outcome(logged, ACTIVE)).toMatchObject({ id: 'not-stored', data: { log: true } });
    expect(await outcome(logged, ACTIVE, { overlay: true })).toBe('set-active-partition');
  });

  test('but not for headers that lie in another file than the sectors', async () => {
    const extents = [{ sectors: 2048, type: 'FLAT', file: 'flat.vmdk', start: 0 }];
    const text = vmdkDescriptor({ type: 'monolithicFlat', extents });
    const siblings = new MemoryFiles({ 'disk.vmdk': text, 'flat.vmdk': inactive() });
    await using disk = await openDisk(new MemorySource(text, { name: 'disk.vmdk' }), { name: 'disk.vmdk', siblings });
    expect(await outcome(disk, ACTIVE)).toBe('set-active-partition');
  });

  /** A disk whose table cannot be asked for. */
  const failing = (error: Error): Disk => ({
    ...disks.mbr,
    get table(): never {
      throw error;
    },
  });

  test('where what it needs is damaged, and the damage is said', async () => {
    const error = new DeadboxError('NTFS_DAMAGED', 'record 7 is torn');
    expect(await outcome(failing(error), ACTIVE)).toEqual({
      id: 'unreadable',
      operation: 'set-active-partition',
      volume: null,
      data: { code: 'NTFS_DAMAGED', reason: 'record 7 is torn' },
    });
    const image = {
      ...disks.mbr.image,
      format: 'raw',
      details: {},
      issues: [],
      parents: [],
      ownFiles: ['disk.img'],
      size: MBR.length,
      read: (offset: number, length: number) => MBR.subarray(offset, offset + length),
      extents: () => {
        throw error;
      },
    };
    const unmapped = { ...disks.mbr, image } as unknown as Disk;
    const identity = { operation: 'restore-disk-identity', identity: '12345678', witnesses: 3 } as const;
    expect(await outcome(unmapped, identity)).toMatchObject({ id: 'unreadable', data: { code: 'NTFS_DAMAGED' } });
  });

  test.each([
    ['a lost connection', new DeadboxError('READ_FAILED', 'no answer', { data: { transport: 'network' } })],
    ['a missing key', new DeadboxError('VOLUME_LOCKED', 'a key is missing')],
    ['an encrypted container', new DeadboxError('IMAGE_ENCRYPTED', 'a key is missing')],
    ['a fault of its own', new TypeError('x is not a function')],
  ])('but %s is no fact about one change', async (_, error) => {
    await expect(planRepair(failing(error), [ACTIVE])).rejects.toBe(error);
  });

  test('nor is what happens after the caller gave up', async () => {
    const error = new DeadboxError('NTFS_DAMAGED', 'record 7 is torn');
    const { signal } = new AbortController();
    expect(await outcome(failing(error), ACTIVE, { signal })).toMatchObject({ id: 'unreadable' });
    await expect(planRepair(failing(error), [ACTIVE], { signal: AbortSignal.abort() })).rejects.toBe(error);
  });
});

/** The disk after an operation, written by hand. */
function done(bytes: Bytes, { edits }: RepairOperation): Bytes {
  const copy = bytes.slice();
  for (const { volume: number, offset, after } of edits)
    copy.set(Buffer.from(after, 'hex'), offset + (number === null ? 0 : SMALL_VOLUME.offset));
  return copy;
}

async function planned(request: RepairRequest): Promise<RepairOperation> {
  const { operations } = await planRepair(disks.mbr, [request]);
  expect(operations).toHaveLength(1);
  return operations[0];
}

const planOf = (...operations: readonly RepairOperation[]): RepairPlan => ({ operations, refusals: [] });

/** What fresh eyes find on these bytes. */
async function found(bytes: Bytes, plan: RepairPlan): Promise<unknown> {
  await using disk = await open(bytes);
  return await verifyRepair(disk, plan);
}

const changed = (bytes: Bytes, at: number): Bytes => {
  const copy = bytes.slice();
  copy[at] ^= 1;
  return copy;
};

const rename = await planned(RENAME);
const identity = await planned({ operation: 'restore-disk-identity', identity: '12345678', witnesses: 3 });
const renamed = done(MBR, rename);
const names = rename.data.names as unknown as readonly { from: string; to: string }[];

describe('fresh eyes', () => {
  test('find nothing where everything is as planned, in any folder', async () => {
    expect(names.length).toBeGreaterThan(1);
    expect(await found(done(renamed, identity), planOf(rename, identity))).toEqual([]);
    const atRoot = await planned({ operation: 'neutralise-file', volume, path: '/bootmgr' });
    expect(await found(done(MBR, atRoot), planOf(atRoot))).toEqual([]);
    expect(await found(MBR, planOf())).toEqual([]);
  });

  test('find each edit that is not there, on the disk or on a volume', async () => {
    const differs = ({ edits }: RepairOperation): unknown[] =>
      edits.map(({ volume: number, offset, what }) => ({ id: 'bytes-differ', data: { volume: number, offset, what } }));
    expect(await found(MBR, planOf(identity))).toEqual(differs(identity));
    const [one, ...others] = identity.edits;
    expect(await found(changed(done(MBR, identity), one.offset), planOf(identity))).toEqual([differs(identity)[0]]);
    expect(others.length).toBeGreaterThanOrEqual(0);
    const held = { ...rename, id: 'blank-content', edits: [{ ...rename.edits[0], volume: 9 }] } as const;
    expect(await found(renamed, planOf(held))).toEqual(differs(held));
    const gone = { ...identity, edits: [{ ...one, volume: 9 }] };
    expect(await found(done(MBR, identity), planOf(gone))).toEqual(differs(gone));
  });

  test('find an old name, and the lack of a new one', async () => {
    const problems = (await found(MBR, planOf({ ...rename, edits: [] }))) as unknown[];
    expect(problems).toEqual(
      names.flatMap(({ from, to }) => [
        { id: 'old-name-found', data: { path: `${FOLDER}/${from}` } },
        { id: 'new-name-missing', data: { path: `${FOLDER}/${to}` } },
      ]),
    );
  });

  test('find a new name that leads to another file', async () => {
    const data = { ...rename.data, record: Number(rename.data.record) + 1 };
    expect(await found(renamed, planOf({ ...rename, data }))).toEqual(
      names.map(({ to }) => ({ id: 'new-name-missing', data: { path: `${FOLDER}/${to}` } })),
    );
  });

  test('find another content', async () => {
    const sha256 = 'ab'.repeat(32);
    expect(await found(renamed, planOf({ ...rename, data: { ...rename.data, sha256 } }))).toEqual(
      names.map(({ to }) => ({
        id: 'content-changed',
        data: { path: `${FOLDER}/${to}`, sha256: rename.data.sha256 },
      })),
    );
  });

  test('find a folder that is gone, on a volume or with it', async () => {
    const elsewhere = { ...rename, data: { ...rename.data, path: '/none/file.sys' } };
    expect(await found(renamed, planOf(elsewhere))).toEqual([{ id: 'index-wrong', data: { folder: '/none/' } }]);
    const noVolume = { ...rename, volume: 9, edits: [] };
    expect(await found(renamed, planOf(noVolume))).toEqual([{ id: 'index-wrong', data: { folder: `${FOLDER}/` } }]);
  });

  test('find a folder that is out of order', async () => {
    const name = Buffer.from('C-00000001-00000000-00000001.sys', 'utf16le');
    const copy = renamed.slice();
    const bytes = Buffer.from(copy.buffer);
    // In the record of the file and in the index of its folder.
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) bytes[at] = 'Z'.charCodeAt(0);
    const [problem] = (await found(copy, planOf(rename))) as { id: string; data: Record<string, Json> }[];
    expect(problem).toMatchObject({ id: 'index-wrong', data: { folder: `${FOLDER}/`, reason: 'index-unsorted' } });
    expect(Object.keys(problem.data).length).toBeGreaterThan(1);
  });

  test('compare the content as it is stored: packed or encrypted, it was not opened for the plan either', async () => {
    const content = new TextEncoder().encode('as it lies there');
    const file = {
      record: rename.data.record,
      stream: (name: string, { raw }: { raw?: boolean }) => {
        if (name !== '' || raw !== true) throw new Error('it is encrypted');
        return Promise.resolve(new MemorySource(content));
      },
    };
    const tree = {
      lookup: (path: string) => Promise.resolve(names.some(({ from }) => path.endsWith(from)) ? undefined : file),
      // The folder itself is another matter.
      upCase: () => Promise.reject(new RefusedRepair('index-damaged')),
    };
    const disk = { volumes: [{ number: 1, ntfs: () => Promise.resolve(tree) }] } as unknown as Disk;
    const sha256 = createHash('sha256').update(content).digest('hex');
    const ids = async (wanted: string): Promise<string[]> => {
      const plan = planOf({ ...rename, edits: [], data: { ...rename.data, sha256: wanted } });
      return (await verifyRepair(disk, plan)).map(({ id }) => id);
    };
    expect(await ids(sha256)).toEqual(['index-wrong']);
    expect(await ids('00')).toEqual(['index-wrong', ...names.map(() => 'content-changed')]);
  });

  test('pass on what is no fact about the folder', async () => {
    const error = new DeadboxError('READ_FAILED', 'no answer', { data: { transport: 'network' } });
    const tree = {
      lookup: () => Promise.resolve({}),
      upCase: () => Promise.reject(error),
    };
    const disk = { volumes: [{ number: 1, ntfs: () => Promise.resolve(tree) }] } as unknown as Disk;
    await expect(verifyRepair(disk, planOf({ ...rename, edits: [] }))).rejects.toBe(error);
  });
});

test('the bytes of an edit are compared as a whole', async () => {
  const [{ after, ...edit }] = identity.edits;
  const longer = { ...identity, edits: [{ ...edit, after: `${after}00` }] };
  const bytes = done(MBR, identity);
  const next = bytes[edit.offset + after.length / 2];
  expect(await found(bytes, planOf(longer))).toHaveLength(next === 0 ? 0 : 1);
  expect(toHex(bytes.slice(edit.offset, edit.offset + after.length / 2))).toBe(after);
});

test('bytes are changed by one operation of a plan only', () => {
  type Spans = readonly (readonly [offset: number, length: number])[];
  const operation = (on: number | null, ...spans: Spans): RepairOperation => {
    const edits = spans.map(([offset, length]) => ({
      ...rename.edits[0],
      volume: on,
      offset,
      after: '00'.repeat(length),
    }));
    return { ...rename, edits };
  };
  const touched = new TouchedBytes();
  touched.add(operation(1, [5000, 10], [4090, 12], [20_000, 10_000]));
  touched.add(operation(1, [5100, 1]));
  const conflict = (on: number | null, offset: number, length: number): boolean =>
    touched.conflicts(operation(on, [0, 1], [offset, length]));
  for (const [offset, length] of [
    [5000, 1],
    [5009, 100],
    [4990, 11],
    [5100, 1],
    [4095, 1],
    [4096, 1],
    [4101, 1],
    [24_600, 2],
    [29_999, 1],
    [100, 20_000],
  ])
    expect([offset, conflict(1, offset, length)]).toEqual([offset, true]);
  for (const [offset, length] of [
    [4990, 10],
    [5010, 90],
    [5101, 10],
    [4102, 10],
    [4080, 10],
    [30_000, 100],
    [19_990, 10],
  ])
    expect([offset, conflict(1, offset, length)]).toEqual([offset, false]);
  for (const other of [null, 2]) expect(conflict(other, 5000, 10)).toBe(false);
});

test('a place of a file holds one sector of the disk only', () => {
  const at = (file: string, offset: number, length: number, sector: string): StoredPlace[] => [
    { file: 'other', offset: 0, length: 512, sector: 'other' },
    { file, offset, length, sector },
  ];
  const places = new StoredPlaces();
  places.add(at('a', 1024, 1024, '1:0'));
  places.add(at('a', 5000, 100, '1:8'));
  for (const [offset, length] of [
    [1024, 512],
    [1536, 512],
    [2047, 1],
    [512, 600],
    [4608, 512],
    [5099, 100],
  ]) {
    expect([offset, places.conflicts(at('a', offset, length, '2:0'))]).toEqual([offset, true]);
    expect(places.conflicts(at('b', offset, length, '2:0'))).toBe(false);
  }
  for (const [offset, length] of [
    [512, 512],
    [2048, 512],
    [4096, 512],
    [5120, 512],
  ])
    expect([offset, places.conflicts(at('a', offset, length, '2:0'))]).toEqual([offset, false]);
  expect(places.conflicts(at('a', 1536, 512, '1:0'))).toBe(false);
});
