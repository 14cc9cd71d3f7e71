import { type Bytes, Cursor } from '@deadbox/core';

/** Header extension types (QEMU docs/interop/qcow2, "Header extensions"). */
const TYPE = {
  end: 0,
  backingFormat: 0xe2792aca,
  featureNames: 0x6803f857,
  encryption: 0x0537be77,
  dataFile: 0x44415441,
} as const;
/** One entry of the feature name table: type, bit, name of 46 bytes. */
const FEATURE_NAME_BYTES = 48;
const INCOMPATIBLE = 0;

/** What the header extensions of a QCOW2 image tell. */
export interface Qcow2Extensions {
  /** Driver name of the backing file's format, e.g. `raw`. */
  backingFormat?: string;
  /** Name of the external data file. */
  dataFile?: string;
  /** Byte offset and length of the LUKS header. */
  encryptionHeader?: { readonly offset: number; readonly length: number };
  /** Names of incompatible features by bit. */
  readonly featureNames: Map<number, string>;
  /** Whether the extensions end inside the given bytes. */
  complete: boolean;
}

/**
 * Parses the extensions behind the header; `bytes` is the beginning of the file. Stops at the first extension that is
 * not whole.
 */
export function parseQcow2Extensions(bytes: Bytes, headerLength: number): Qcow2Extensions {
  const cursor = new Cursor(bytes, 'QCOW2 header');
  const found: Qcow2Extensions = { featureNames: new Map(), complete: false };
  for (let at = headerLength; at + 8 <= bytes.length; ) {
    const type = cursor.u32Be(at);
    const length = cursor.u32Be(at + 4);
    if (type === TYPE.end) {
      found.complete = true;
      break;
    }
    if (at + 8 + length > bytes.length) break;
    addExtension(found, type, cursor.sub(at + 8, length));
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return found;
}

function addExtension(found: Qcow2Extensions, type: number, data: Cursor): void {
  if (type === TYPE.backingFormat) found.backingFormat = text(data.bytes);
  else if (type === TYPE.dataFile) found.dataFile = text(data.bytes);
  else if (type === TYPE.encryption && data.length >= 16) {
    found.encryptionHeader = { offset: data.u64NumberBe(0), length: data.u64NumberBe(8) };
  } else if (type === TYPE.featureNames) {
    for (let at = 0; at + FEATURE_NAME_BYTES <= data.length; at += FEATURE_NAME_BYTES) {
      if (data.u8(at) === INCOMPATIBLE)
        found.featureNames.set(data.u8(at + 1), text(data.slice(at + 2, FEATURE_NAME_BYTES - 2)));
    }
  }
}

/** UTF-8 text, up to a NUL. */
function text(bytes: Bytes): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
