import { type ByteSource, type Bytes, type ReadOptions, toHex } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { RegistryKey } from '@deadbox/windows';
import { type ByteEdit, RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { type HiveReadOptions, hiveEdits, openRepairableHive, type RepairableHive } from './hive-place.js';

/**
 * Elements of a boot entry that may be taken out: without them the start takes its ordinary way (bcdedit's names:
 * `safeboot`, `safebootalternateshell`, `bootsequence` of the boot manager).
 */
const REMOVABLE: ReadonlySet<string> = new Set(['25000080', '26000081', '24000002']);

/** Fields of a key node, from the start of its cell's data (msuhanov/regf, "Key node"). */
const KEY_NODE = { signature: 0x6b6e, subkeys: 0x14, list: 0x1c } as const;
/** Entry sizes of the lists of subkeys that hold keys. */
const LISTS: ReadonlyMap<number, number> = new Map([
  [0x696c, 4],
  [0x666c, 8],
  [0x686c, 8],
]);
const BINS = 0x1000;
const NO_CELL = 0xffff_ffff;

/** Which element of which store. */
export interface BootElementRequest {
  readonly volume: number;
  /** Path of the store on that volume. */
  readonly path: string;
  /** The entry, a GUID with or without braces. */
  readonly object: string;
  /** Eight hexadecimal digits. */
  readonly element: string;
}

/**
 * Takes an element out of a boot store: its key leaves the list of its parent, which keeps its cell. Some ten bytes
 * change; the cell of the element stays behind unused.
 * @throws RefusedRepair `element-not-removable`, `element-missing`, `value-not-in-place`, and those of the hive
 */
export async function removeBootElement(
  disk: Disk,
  request: BootElementRequest,
  options: HiveReadOptions,
): Promise<RepairOperation> {
  const element = request.element.toLowerCase().replace(/^0x/, '');
  const object = request.object.replace(/[{}]/g, '').toLowerCase();
  if (!REMOVABLE.has(element)) throw new RefusedRepair('element-not-removable', { element });
  const target = await openRepairableHive(disk, request.volume, request.path, options);
  const parent = await target.hive.key(`Objects\\{${object}}\\Elements`);
  const key = await parent?.key(element);
  if (parent === undefined || key === undefined) throw new RefusedRepair('element-missing', { object, element });
  return {
    id: 'remove-boot-element',
    volume: request.volume,
    edits: await unlinkEdits(target, parent, key, options),
    data: { store: target.path, object, element, bytes: toHex((await key.bytes('Element')) ?? new Uint8Array(0)) },
  };
}

async function unlinkEdits(
  target: RepairableHive,
  parent: RegistryKey,
  key: RegistryKey,
  options: ReadOptions,
): Promise<ByteEdit[]> {
  const { hive, path } = target;
  const nodeAt = parent.fileOffset + 4;
  const node = viewOf(await hive.source.read(nodeAt, 0x20, options));
  const listCell = node.getUint32(KEY_NODE.list, true);
  const count = node.getUint32(KEY_NODE.subkeys, true);
  const { at, list, step } = await readList(hive.source, listCell, options);
  const wanted = key.fileOffset - BINS;
  // The list has room for as many as it says; how many the key says is another number.
  const sound = node.getUint16(0, true) === KEY_NODE.signature && list.getUint16(2, true) === count;
  const entries = Array.from({ length: sound ? count : 0 }, (_, i) => list.getUint32(4 + i * step, true));
  const index = entries.indexOf(wanted);
  if (index < 0) throw new RefusedRepair('value-not-in-place', { path, key: parent.path });
  const edits: ByteEdit[] = [];
  const edit = async (offset: number, after: Uint8Array): Promise<void> => {
    edits.push(...(await hiveEdits(target, offset, after, 'registry-key', options)));
  };
  // The entries behind the removed one move up, before the counts leave the last one out.
  const bytes = new Uint8Array(list.buffer, list.byteOffset);
  if (index < count - 1) await edit(at + 4 + index * step, bytes.slice(4 + (index + 1) * step, 4 + count * step));
  await edit(at + 2, u16(count - 1));
  await edit(nodeAt + KEY_NODE.subkeys, u32(count - 1));
  if (count === 1) await edit(nodeAt + KEY_NODE.list, u32(NO_CELL));
  return edits;
}

/** The list of subkeys in the cell at `cell`, where it is a plain one. */
async function readList(
  source: ByteSource,
  cell: number,
  options: ReadOptions,
): Promise<{ at: number; list: DataView; step: number }> {
  const at = BINS + cell + 4;
  const head = viewOf(await source.read(at - 4, 8, options));
  const size = -head.getInt32(0, true) - 4;
  const step = LISTS.get(head.getUint16(4, true));
  if (step === undefined || size < 4 + head.getUint16(6, true) * step || at + size > source.size)
    throw new RefusedRepair('value-not-in-place', { cell });
  return { at, list: viewOf(await source.read(at, size, options)), step };
}

function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
