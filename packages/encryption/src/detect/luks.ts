import {
  type Bytes,
  Cursor,
  defined,
  hasAscii,
  type IssueSink,
  type Structure,
  sha256Hex,
  structure,
  toHex,
} from '@deadbox/core';
import type { EncryptionIssueCode } from '../errors.js';
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

const LUKS1_HEADER_FIELDS = {
  magic: [0, 'bytes[6]', 'LUKS and BA BE'],
  version: [6, 'u16be', 'Version: 1'],
  cipher: [8, 'ascii[32]', 'Cipher'],
  mode: [40, 'ascii[32]', 'Mode of the cipher'],
  hash: [72, 'ascii[32]', 'Hash of the key derivation'],
  payloadOffset: [104, 'u32be', 'Sector where the data begins'],
  keyLength: [108, 'u32be', 'Bytes of the volume key'],
  digest: [112, 'bytes[20]', 'Digest of the volume key'],
  digestSalt: [132, 'bytes[32]', 'Salt of the digest'],
  digestIterations: [164, 'u32be', 'PBKDF2 iterations of the digest'],
  uuid: [168, 'ascii[40]', 'UUID as text'],
} as const;
/** Header of LUKS1, big-endian; eight key slots follow. */
export const LUKS1_HEADER: Structure<typeof LUKS1_HEADER_FIELDS> = structure(
  'luks1-header',
  'LUKS1 on-disk format specification 1.2.3, figure 1',
  LUKS1_HEADER_FIELDS,
);

const LUKS1_KEY_SLOT_FIELDS = {
  active: [0, 'u32be', 'State of the slot', { values: { 0x00ac_71f3: 'in use', 0x0000_dead: 'free' } }],
  iterations: [4, 'u32be', 'PBKDF2 iterations'],
  salt: [8, 'bytes[32]', 'Salt'],
  materialOffset: [40, 'u32be', 'Sector of the key material'],
  stripes: [44, 'u32be', 'Anti-forensic stripes'],
} as const;
/** Key slot of LUKS1. */
export const LUKS1_KEY_SLOT: Structure<typeof LUKS1_KEY_SLOT_FIELDS> = structure(
  'luks1-key-slot',
  'LUKS1 on-disk format specification 1.2.3, figure 2',
  LUKS1_KEY_SLOT_FIELDS,
);
const SLOT_COUNT = 8;
const SLOT_ACTIVE = 0x00ac_71f3;
const LUKS1_SIZE = LUKS1_HEADER.size + SLOT_COUNT * LUKS1_KEY_SLOT.size;

const LUKS2_HEADER_FIELDS = {
  magic: [0, 'bytes[6]', 'LUKS, in the second header SKUL, and BA BE'],
  version: [6, 'u16be', 'Version: 2'],
  headerSize: [8, 'u64be', 'Bytes of this header and the metadata behind it'],
  sequence: [16, 'u64be', 'Sequence number: the higher of two headers is in force'],
  label: [24, 'ascii[48]', 'Label'],
  checksumName: [72, 'ascii[32]', 'Algorithm of the checksum'],
  salt: [104, 'bytes[64]', 'Makes each header unique'],
  uuid: [168, 'ascii[40]', 'UUID as text'],
  subsystem: [208, 'ascii[48]', 'Subsystem label'],
  offset: [256, 'u64be', 'Volume offset of this header'],
  checksum: [448, 'bytes[64]', 'Checksum of header and metadata with this field zero'],
} as const;
/** Binary header of LUKS2, big-endian; its JSON metadata begins at 4096. */
export const LUKS2_HEADER: Structure<typeof LUKS2_HEADER_FIELDS> = structure(
  'luks2-header',
  'LUKS2 on-disk format specification 1.1.1, section 2.1',
  LUKS2_HEADER_FIELDS,
);
const LUKS2_JSON = 4096;

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
  if ((!primary && !isSecondaryMagic(bytes)) || bytes.length < LUKS1_SIZE) return undefined;
  const cursor = new Cursor(bytes, 'LUKS header', offset);
  const version = LUKS1_HEADER.fields.version.read(cursor);
  if (version === 1 && primary) {
    const { cipher, mode, uuid } = LUKS1_HEADER.read(cursor);
    const metadata = { method: `${cipher}-${mode}`, keySlots: luks1Slots(cursor) };
    return { version, offset, headerSize: LUKS1_SIZE, uuid, metadata };
  }
  return version === 2 ? parseLuks2Header(cursor, offset) : undefined;
}

function parseLuks2Header(cursor: Cursor, offset: number): LuksHeader | undefined {
  const { fields } = LUKS2_HEADER;
  const headerSize = cursor.u64NumberBe(fields.headerSize.offset);
  if (cursor.u64NumberBe(fields.offset.offset) !== offset) return undefined;
  if (headerSize <= LUKS2_JSON || headerSize > MAX_LUKS_HEADER) return undefined;
  const label = fields.label.read(cursor) || undefined;
  const subsystem = fields.subsystem.read(cursor) || undefined;
  return { version: 2, offset, headerSize, uuid: fields.uuid.read(cursor), ...defined({ label, subsystem }) };
}

function luks1Slots(cursor: Cursor): KeyProtectorInfo[] {
  const slots: KeyProtectorInfo[] = [];
  for (let i = 0; i < SLOT_COUNT; i += 1) {
    const state = LUKS1_KEY_SLOT.fields.active.read(cursor, LUKS1_HEADER.size + i * LUKS1_KEY_SLOT.size);
    if (state === SLOT_ACTIVE) slots.push(keySlot(String(i), 'password', true));
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
export function parseLuks2Metadata(
  header: LuksHeader,
  bytes: Bytes,
  issues: IssueSink<EncryptionIssueCode>,
): LuksMetadata {
  const at = { layer: 'LUKS header', offset: header.offset };
  if (!checksumMatches(bytes)) issues.add({ code: 'luks.header-checksum', severity: 'warning', at });
  const json = bytes.subarray(LUKS2_JSON, header.headerSize);
  const end = json.indexOf(0);
  let metadata: unknown;
  try {
    metadata = JSON.parse(new TextDecoder().decode(end < 0 ? json : json.subarray(0, end)));
  } catch {
    issues.add({ code: 'luks.metadata', severity: 'warning', at });
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
  return { ...defined({ method: encryption?.slice(0, 128) }), keySlots };
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

/**
 * Only SHA-256, cryptsetup's default, is checked; other algorithms count as matching, because nothing is known against
 * them.
 */
function checksumMatches(bytes: Bytes): boolean {
  const { checksum, checksumName } = LUKS2_HEADER.fields;
  if (bytes.length < LUKS2_HEADER.size || checksumName.read(new Cursor(bytes)) !== 'sha256') return true;
  const zeroed = new Uint8Array(bytes);
  zeroed.fill(0, checksum.offset, checksum.offset + checksum.length);
  return sha256Hex(zeroed) === toHex(bytes.subarray(checksum.offset, checksum.offset + 32));
}
