import { asciiText, type Bytes, Cursor, hasAscii, type Issue, sha256Hex, toHex } from '@deadbox/core';
import type { KeyProtectorInfo, KeyProtectorType } from '../finding/finding.js';
import { MAX_LUKS_HEADER, MAX_LUKS_OBJECTS } from '../limits.js';

/** What a LUKS header says without a key. */
export interface LuksHeader {
  readonly version: 1 | 2;
  /** Volume offset of this header: 0, or that of a secondary LUKS2 header. */
  readonly offset: number;
  /** Length of header and metadata in bytes (LUKS2), or of the binary header (LUKS1). */
  readonly headerSize: number;
  readonly uuid: string;
  readonly label?: string;
  readonly subsystem?: string;
  /** LUKS1 only; that of LUKS2 stands in the metadata, see {@link parseLuks2Metadata}. */
  readonly metadata?: LuksMetadata;
}

/** How a LUKS volume is encrypted and what unlocks it. */
export interface LuksMetadata {
  /** Cipher and mode, e.g. `aes-xts-plain64`. */
  readonly method?: string;
  readonly keySlots: readonly KeyProtectorInfo[];
}

/** LUKS1 on-disk format specification 1.2.3, figure 1 (big-endian). */
const LUKS1 = {
  version: 6,
  cipher: 8,
  mode: 40,
  uuid: 168,
  slots: 208,
  slotLength: 48,
  slotCount: 8,
  length: 592,
} as const;
const SLOT_ACTIVE = 0x00ac_71f3;
/** LUKS2 on-disk format specification 1.1.1, section 2.1 (big-endian). */
const LUKS2 = {
  headerSize: 8,
  label: 24,
  checksumName: 72,
  uuid: 168,
  subsystem: 208,
  offset: 256,
  checksum: 448,
  checksumLength: 64,
  json: 4096,
} as const;

/** Where a secondary LUKS2 header can stand: after a header of each size the specification allows. */
export const LUKS2_SECONDARY_OFFSETS: readonly number[] = Array.from({ length: 9 }, (_, i) => 0x4000 << i);

/** Whether a primary header of either version begins at `at`. */
export function isLuksMagic(bytes: Uint8Array, at = 0): boolean {
  return hasAscii(bytes, at, 'LUKS') && bytes[at + 4] === 0xba && bytes[at + 5] === 0xbe;
}

/** Whether a secondary LUKS2 header begins at `at`. */
export function isSecondaryMagic(bytes: Uint8Array, at = 0): boolean {
  return hasAscii(bytes, at, 'SKUL') && bytes[at + 4] === 0xba && bytes[at + 5] === 0xbe;
}

/**
 * Reads a LUKS1 header, or the binary part of a LUKS2 header.
 * @param bytes - from the header's first byte; 592 bytes for LUKS1, 4096 for LUKS2
 * @param offset - volume offset of `bytes[0]`
 * @returns `undefined` when it is not a header, also when a secondary header says that it belongs elsewhere
 */
export function parseLuksHeader(bytes: Bytes, offset: number): LuksHeader | undefined {
  const primary = isLuksMagic(bytes);
  if ((!primary && !isSecondaryMagic(bytes)) || bytes.length < LUKS1.length) return undefined;
  const cursor = new Cursor(bytes, 'LUKS header', offset);
  const version = cursor.u16Be(LUKS1.version);
  if (version === 1 && primary) {
    const method = `${text(bytes, LUKS1.cipher, 32)}-${text(bytes, LUKS1.mode, 32)}`;
    const metadata = { method, keySlots: luks1Slots(cursor) };
    return { version, offset, headerSize: LUKS1.length, uuid: text(bytes, LUKS1.uuid, 40), metadata };
  }
  if (version !== 2) return undefined;
  const headerSize = cursor.u64NumberBe(LUKS2.headerSize);
  if (cursor.u64NumberBe(LUKS2.offset) !== offset || headerSize <= LUKS2.json || headerSize > MAX_LUKS_HEADER)
    return undefined;
  const label = text(bytes, LUKS2.label, 48);
  const subsystem = text(bytes, LUKS2.subsystem, 48);
  return {
    version,
    offset,
    headerSize,
    uuid: text(bytes, LUKS2.uuid, 40),
    ...(label === '' ? {} : { label }),
    ...(subsystem === '' ? {} : { subsystem }),
  };
}

function luks1Slots(cursor: Cursor): KeyProtectorInfo[] {
  const slots: KeyProtectorInfo[] = [];
  for (let i = 0; i < LUKS1.slotCount; i += 1) {
    if (cursor.u32Be(LUKS1.slots + i * LUKS1.slotLength) === SLOT_ACTIVE)
      slots.push(keySlot(String(i), 'password', true));
  }
  return slots;
}

function keySlot(id: string, type: KeyProtectorType, offline: boolean): KeyProtectorInfo {
  return { id: `keyslot-${id}`, type, offline };
}

/**
 * Cipher and key slots of a LUKS2 header from its JSON metadata, with tokens that bind a slot to hardware.
 * @param bytes - from the header's first byte, `headerSize` of them
 */
export function parseLuks2Metadata(header: LuksHeader, bytes: Bytes, issues: (issue: Issue) => void): LuksMetadata {
  const at = { layer: 'LUKS header', offset: header.offset };
  if (!checksumMatches(bytes)) issues({ code: 'luks.header-checksum', severity: 'warning', at, data: {} });
  const json = bytes.subarray(LUKS2.json, header.headerSize);
  const end = json.indexOf(0);
  let metadata: unknown;
  try {
    metadata = JSON.parse(new TextDecoder().decode(end < 0 ? json : json.subarray(0, end)));
  } catch {
    issues({ code: 'luks.metadata', severity: 'warning', at, data: {} });
    return { keySlots: [] };
  }
  const encryption = objects(metadata, 'segments')
    .map(([, segment]) => segment['encryption'])
    .find((item): item is string => typeof item === 'string');
  const bound = new Map<string, KeyProtectorType>();
  for (const [, token] of objects(metadata, 'tokens')) {
    const type = TOKENS.get(String(token['type'])) ?? 'unknown';
    for (const slot of Array.isArray(token['keyslots']) ? token['keyslots'].slice(0, MAX_LUKS_OBJECTS) : [])
      bound.set(String(slot), type);
  }
  const keySlots = objects(metadata, 'keyslots').map(([id]) => {
    const type = bound.get(id) ?? 'password';
    return keySlot(id.slice(0, 16), type, type === 'password');
  });
  return { ...(encryption === undefined ? {} : { method: encryption.slice(0, 128) }), keySlots };
}

/** Tokens of systemd-cryptenroll and clevis; source: their documentation. */
const TOKENS: ReadonlyMap<string, KeyProtectorType> = new Map([
  ['systemd-tpm2', 'tpm'],
  ['systemd-fido2', 'smart-card'],
  ['systemd-pkcs11', 'smart-card'],
  ['systemd-recovery', 'recovery-password'],
  ['clevis', 'unknown'],
]);

function objects(metadata: unknown, name: string): [string, Record<string, unknown>][] {
  const group =
    typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>)[name] : undefined;
  if (typeof group !== 'object' || group === null) return [];
  return Object.entries(group)
    .slice(0, MAX_LUKS_OBJECTS)
    .filter((entry): entry is [string, Record<string, unknown>] => typeof entry[1] === 'object' && entry[1] !== null);
}

/** Only SHA-256, cryptsetup's default, is checked; other algorithms count as matching, because nothing is known against them. */
function checksumMatches(bytes: Bytes): boolean {
  if (text(bytes, LUKS2.checksumName, 32) !== 'sha256') return true;
  const zeroed = bytes.slice();
  zeroed.fill(0, LUKS2.checksum, LUKS2.checksum + LUKS2.checksumLength);
  return sha256Hex(zeroed) === toHex(bytes.subarray(LUKS2.checksum, LUKS2.checksum + 32));
}

function text(bytes: Bytes, offset: number, length: number): string {
  const field = bytes.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return asciiText(field, 0, end < 0 ? length : end);
}
