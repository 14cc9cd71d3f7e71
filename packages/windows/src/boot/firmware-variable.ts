import { type Bytes, Cursor, defined, isDeadboxError, untilNul, utf16Text } from '@deadbox/core';
import { diskSignatureText } from '../machine/mounted-devices.js';

/** What a firmware boot entry points at. */
export interface FirmwareBootEntry {
  /** Name in the firmware's boot menu. */
  readonly name: string;
  /** The partition of the hard-drive node (UEFI 10.3.5.1), when the path has one. */
  readonly partition?: {
    readonly number: number;
    /** Blocks, of the disk's sector size. */
    readonly startLba: number;
    readonly sizeLba: number;
  } & (
    | { readonly style: 'gpt'; readonly partitionId: string }
    | { readonly style: 'mbr'; readonly diskSignature: string }
  );
  /** File of the path, e.g. `\EFI\Microsoft\Boot\bootmgfw.efi`. */
  readonly path?: string;
}

const MEDIA = 0x04;
const HARD_DRIVE = 0x01;
const FILE_PATH = 0x04;
const END = 0x7f;
const EFI_PATH_TYPE = 4;
/** Nodes of one device path; real ones have two to eight. */
const MAX_NODES = 64;

/**
 * Parses `Description\FirmwareVariable` of a boot store object: Windows' copy of the firmware's boot entry (`BOOT_ENTRY` of the native API: version,
 * length, id, attributes, offset of the name, offset of the path) with an EFI device path in it.
 * @returns `undefined` when it is damaged
 */
export function parseFirmwareVariable(bytes: Bytes): FirmwareBootEntry | undefined {
  const cursor = new Cursor(bytes, 'firmware variable');
  try {
    const nameAt = cursor.u32(0x10);
    const pathAt = cursor.u32(0x14);
    const name = nameAt === 0 ? '' : untilNul(utf16Text(cursor.slice(nameAt, bytes.length - nameAt)));
    if (pathAt === 0 || cursor.u32(pathAt + 8) !== EFI_PATH_TYPE) return { name };
    return { name, ...readDevicePath(cursor, pathAt + 12, Math.min(bytes.length, pathAt + cursor.u32(pathAt + 4))) };
  } catch (error) {
    if (isDeadboxError(error, 'CURSOR_OUT_OF_RANGE')) return undefined;
    throw error;
  }
}

function readDevicePath(cursor: Cursor, from: number, end: number): Omit<FirmwareBootEntry, 'name'> {
  let partition: FirmwareBootEntry['partition'];
  let path: string | undefined;
  let at = from;
  for (let node = 0; node < MAX_NODES && at + 4 <= end; node += 1) {
    const [type, subtype, length] = [cursor.u8(at), cursor.u8(at + 1), cursor.u16(at + 2)];
    if (type === END || length < 4 || at + length > end) break;
    if (type === MEDIA && subtype === HARD_DRIVE && length >= 42) partition = hardDrive(cursor, at) ?? partition;
    else if (type === MEDIA && subtype === FILE_PATH) path = untilNul(utf16Text(cursor.slice(at + 4, length - 4)));
    at += length;
  }
  return defined({ partition, path });
}

function hardDrive(cursor: Cursor, at: number): FirmwareBootEntry['partition'] {
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
