import { type Cursor, defined, untilNul, utf16Text } from '@deadbox/core';
import { diskSignatureText } from '../machine/mounted-devices.js';

/** The partition of a hard-drive node (UEFI 2.10, 10.3.5.1). */
export type DevicePathPartition = {
  /** 1-based place in the partition table. */
  readonly number: number;
  /** Blocks, of the disk's sector size. */
  readonly startLba: number;
  readonly sizeLba: number;
} & (
  | { readonly style: 'gpt'; readonly partitionId: string }
  | { readonly style: 'mbr'; readonly diskSignature: string }
);

/** What a UEFI device path says of a file on a disk. */
export interface DevicePath {
  /** The partition, when the path has a hard-drive node. */
  readonly partition?: DevicePathPartition;
  /** Offset of the hard-drive node in the cursor's bytes. */
  readonly partitionAt?: number;
  /** File of the path, e.g. `\EFI\Microsoft\Boot\bootmgfw.efi`. */
  readonly path?: string;
}

const MEDIA = 0x04;
const HARD_DRIVE = 0x01;
const FILE_PATH = 0x04;
const END = 0x7f;
/** Nodes of one device path; real ones have two to eight. */
const MAX_NODES = 64;

/**
 * Reads the nodes of a device path (UEFI 2.10, 10.3) from `from` on; what is behind `end` or a damaged node is left
 * out.
 */
export function readDevicePath(cursor: Cursor, from: number, end: number): DevicePath {
  let partition: DevicePathPartition | undefined;
  let partitionAt: number | undefined;
  let path: string | undefined;
  let at = from;
  for (let node = 0; node < MAX_NODES && at + 4 <= end; node += 1) {
    const [type, subtype, length] = [cursor.u8(at), cursor.u8(at + 1), cursor.u16(at + 2)];
    if (type === END || length < 4 || at + length > end) break;
    if (type === MEDIA && subtype === HARD_DRIVE && length >= 42) {
      const found = hardDrive(cursor, at);
      if (found !== undefined) [partition, partitionAt] = [found, at];
    } else if (type === MEDIA && subtype === FILE_PATH) path = untilNul(utf16Text(cursor.slice(at + 4, length - 4)));
    at += length;
  }
  return defined({ partition, partitionAt, path });
}

function hardDrive(cursor: Cursor, at: number): DevicePathPartition | undefined {
  const place = {
    number: cursor.u32(at + 4),
    startLba: cursor.u64Number(at + 8),
    sizeLba: cursor.u64Number(at + 16),
  };
  const signatureType = cursor.u8(at + 41);
  if (signatureType === 2) return { ...place, style: 'gpt', partitionId: cursor.guid(at + 24) };
  return signatureType === 1
    ? { ...place, style: 'mbr', diskSignature: diskSignatureText(cursor.u32(at + 24)) }
    : undefined;
}
