import { type Bytes, defined, formatFileTime, type Structure, structure, untilNul, utf16Text } from '@deadbox/core';
import type { KeyProtectorInfo, KeyProtectorPart, KeyProtectorType } from '../../finding/finding.js';
import { type Datum, EntryType, ValueType } from './datum.js';

/** What BitLocker tells of a key protector: its number for the kind is always there. */
export type BitLockerProtectorInfo = KeyProtectorInfo & Required<Pick<KeyProtectorInfo, 'rawType'>>;

/** How the secret of a key protector becomes its key. */
export interface KeyStretching {
  /** 16 bytes. */
  readonly salt: Bytes;
  /** Flags of the stretch key entry; 0x40 stands for another key derivation. */
  readonly flags: number;
}

/** A key protector: one volume master key entry with what is needed to use it. */
export interface KeyProtector {
  readonly info: BitLockerProtectorInfo;
  /** The volume master key entry. */
  readonly entry: Datum;
  /** The 32 bytes of a clear key, in the clear on the disk. */
  readonly clearKey?: Bytes;
  /** Only of recovery passwords and passwords. */
  readonly stretching?: KeyStretching;
  /** Nested entry that holds the recovery password itself under the volume master key. */
  readonly recoveryPasswordCopy?: Datum;
  /** The volume master key, AES-CCM encrypted; absent in damaged entries and in smart card entries. */
  readonly wrappedKey?: Datum;
}

const KEY_PROTECTOR_FIELDS = {
  id: [0, 'guid', 'Identifies the protector: what recovery screens and key stores show'],
  changed: [16, 'filetime', 'Last change; of a clear key, when protection was suspended'],
  type: [
    26,
    'u16',
    'Kind of protector: no bit for a clear key',
    {
      flags: {
        0x0100: 'TPM',
        0x0200: 'startup key',
        0x0400: 'PIN',
        0x0800: 'recovery password',
        0x1000: 'certificate',
        0x2000: 'password',
        0x4000: 'DPAPI-NG',
      },
    },
  ],
} as const;
/** Payload of a volume master key entry; nested entries follow. */
export const KEY_PROTECTOR: Structure<typeof KEY_PROTECTOR_FIELDS> = structure(
  'bitlocker-key-protector',
  'libbde format document, "FVE Volume Master Key (VMK)"',
  KEY_PROTECTOR_FIELDS,
);

const STRETCH_KEY_FIELDS = {
  keyType: [0, 'u16', 'Type of the key'],
  flags: [2, 'u16', 'Key derivation', { flags: { 0x40: 'PBKDF2' }, source: 'dissect.fve' }],
  salt: [4, 'bytes[16]', 'Salt of the key stretching'],
} as const;
/** Payload of a stretch key entry; nested entries follow. */
export const STRETCH_KEY: Structure<typeof STRETCH_KEY_FIELDS> = structure(
  'bitlocker-stretch-key',
  'libbde format document, "FVE stretch key"',
  STRETCH_KEY_FIELDS,
);

/** Payload of a key: its type and flags, u16 each, then the key. No field table: it would list keys. */
const KEY_BYTES = 4;

const SMART_CARD = 0x1000;
const CLEAR_KEY_LENGTH = 32;

const TYPES: ReadonlyMap<number, KeyProtectorType> = new Map([
  [0x0000, 'clear-key'],
  [0x0100, 'tpm'],
  [0x0200, 'startup-key'],
  [0x0300, 'tpm-startup-key'],
  [0x0500, 'tpm-pin'],
  [0x0800, 'recovery-password'],
  [SMART_CARD, 'smart-card'],
  [0x1100, 'network'],
  [0x2000, 'password'],
]);

const PARTS: readonly (readonly [number, KeyProtectorPart])[] = [
  [0x0100, 'tpm'],
  [0x0200, 'startup-key'],
  [0x0400, 'pin'],
  [0x0800, 'recovery-password'],
  [0x1000, 'certificate'],
  [0x2000, 'password'],
  [0x4000, 'dpapi-ng'],
];

/** Whether the key lies beside the data, complete: an entry that calls itself a clear key may have lost it. */
export function opensByItself({ clearKey, wrappedKey }: KeyProtector): boolean {
  return clearKey !== undefined && wrappedKey !== undefined;
}

/** Bits that tie a protector to a machine (TPM) or a domain (DPAPI-NG): no secret given here can replace those. */
const BOUND = 0x4100;

/** The protectors among the entries of a metadata block, in the order stored. */
export function keyProtectors(entries: readonly Datum[]): KeyProtector[] {
  return entries.flatMap((entry) =>
    entry.entryType === EntryType.volumeMasterKey &&
    entry.valueType === ValueType.volumeMasterKey &&
    entry.payload.length >= KEY_PROTECTOR.size
      ? [keyProtector(entry)]
      : [],
  );
}

function keyProtector(entry: Datum): KeyProtector {
  const payload = KEY_PROTECTOR.read(entry.payload);
  const { id, type: rawType } = payload;
  const type = TYPES.get(rawType) ?? 'unknown';
  const changed = formatFileTime(payload.changed);
  const child = (valueType: number): Datum | undefined => entry.children.find((item) => item.valueType === valueType);
  const name = child(ValueType.unicode);
  const info: BitLockerProtectorInfo = {
    id,
    type,
    rawType,
    parts: PARTS.flatMap(([bit, part]) => (rawType & bit ? [part] : [])),
    ...defined({ changed, name: name && untilNul(utf16Text(name.payload)) }),
    ...(type === 'recovery-password'
      ? { shortId: id.slice(0, 8), backupRecorded: child(ValueType.backupInfo) !== undefined }
      : {}),
    offline: (rawType & BOUND) === 0 && rawType !== SMART_CARD,
  };
  // Only the direct child wraps the volume master key; AES-CCM entries inside stretch and use keys are copies of
  // secrets.
  const wrappedKey = child(ValueType.aesCcm);
  const clearKey = type === 'clear-key' ? child(ValueType.key)?.payload.subarray(KEY_BYTES) : undefined;
  return {
    info,
    entry,
    ...defined({ wrappedKey, clearKey: clearKey?.length === CLEAR_KEY_LENGTH ? clearKey : undefined }),
    ...stretching(child(ValueType.stretchKey), type),
  };
}

function stretching(
  entry: Datum | undefined,
  type: KeyProtectorType,
): Pick<KeyProtector, 'stretching' | 'recoveryPasswordCopy'> {
  if (entry === undefined || entry.payload.length < STRETCH_KEY.size) return {};
  const { salt, flags } = STRETCH_KEY.read(entry.payload);
  const copy = entry.children.find(
    (item) => item.valueType === ValueType.aesCcm && item.entryType !== EntryType.stretchedKeyCopy,
  );
  return {
    stretching: { salt, flags },
    ...defined({ recoveryPasswordCopy: type === 'recovery-password' ? copy : undefined }),
  };
}
