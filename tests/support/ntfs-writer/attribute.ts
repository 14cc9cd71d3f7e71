import { encodeRuns } from './data-runs.js';
import { writeU64 } from './file-name.js';
import type { Run } from './layout.js';

/** Attribute types. */
export const TYPE = {
  standardInformation: 0x10,
  attributeList: 0x20,
  fileName: 0x30,
  volumeName: 0x60,
  volumeInformation: 0x70,
  data: 0x80,
  indexRoot: 0x90,
  indexAllocation: 0xa0,
  bitmap: 0xb0,
} as const;

/** An attribute to be placed in a file record: its bytes without the id, which the record gives. */
export interface Attribute {
  type: number;
  name: string;
  bytes: Uint8Array;
}

/** Rounds up to a multiple of 8. */
export function align8(length: number): number {
  return (length + 7) & ~7;
}

/** A resident attribute. `indexed` is set for $FILE_NAME. */
export function resident(
  type: number,
  value: Uint8Array,
  options: { name?: string; indexed?: boolean } = {},
): Attribute {
  const name = options.name ?? '';
  const valueAt = align8(0x18 + name.length * 2);
  const bytes = new Uint8Array(align8(valueAt + value.length));
  const view = head(bytes, type, 0, name, 0x18);
  view.setUint32(0x10, value.length, true);
  view.setUint16(0x14, valueAt, true);
  view.setUint8(0x16, options.indexed === true ? 1 : 0);
  bytes.set(value, valueAt);
  return { type, name, bytes };
}

/** Sizes of a non-resident stream, in bytes. */
export interface StreamSizes {
  size: number;
  /** Bytes behind it read as zeros. Default `size`. */
  valid?: number;
}

/** A non-resident attribute, or one extent of it: `firstVcn` > 0 leaves the sizes out. */
export function nonResident(
  type: number,
  runs: readonly Run[],
  sizes: StreamSizes,
  clusterSize: number,
  options: { name?: string; firstVcn?: number; allocated?: number } = {},
): Attribute {
  const name = options.name ?? '';
  const firstVcn = options.firstVcn ?? 0;
  const clusters = runs.reduce((sum, run) => sum + run.length, 0);
  const encoded = encodeRuns(runs);
  const runsAt = align8(0x40 + name.length * 2);
  const bytes = new Uint8Array(align8(runsAt + encoded.length));
  const view = head(bytes, type, 1, name, 0x40);
  writeU64(view, 0x10, firstVcn);
  view.setBigInt64(0x18, BigInt(firstVcn + clusters - 1), true);
  view.setUint16(0x20, runsAt, true);
  if (firstVcn === 0) {
    writeU64(view, 0x28, options.allocated ?? clusters * clusterSize);
    writeU64(view, 0x30, sizes.size);
    writeU64(view, 0x38, sizes.valid ?? sizes.size);
  }
  bytes.set(encoded, runsAt);
  return { type, name, bytes };
}

function head(bytes: Uint8Array, type: number, nonResidentFlag: number, name: string, nameAt: number): DataView {
  const view = new DataView(bytes.buffer);
  view.setUint32(0x00, type, true);
  view.setUint32(0x04, bytes.length, true);
  view.setUint8(0x08, nonResidentFlag);
  view.setUint8(0x09, name.length);
  view.setUint16(0x0a, nameAt, true);
  for (let i = 0; i < name.length; i += 1) view.setUint16(nameAt + i * 2, name.charCodeAt(i), true);
  return view;
}
