import type { Evidence, Issue } from '@deadbox/core';
import type { EncryptionProduct } from './products.js';

/**
 * What is known about a volume's encryption:
 * `none` not encrypted as far as can be told · `encrypted-unlockable` the key is on the disk or was supplied, content
 * not opened · `unlocked` opened · `encrypted-locked` a known product, key missing · `encrypted-unknown-product` random
 * data with traces of a product · `random-data` indistinguishable from random: encrypted or overwritten ·
 * `not-enough-data` too little to decide.
 */
export type EncryptionVerdict =
  | 'none'
  | 'encrypted-unlockable'
  | 'unlocked'
  | 'encrypted-locked'
  | 'encrypted-unknown-product'
  | 'random-data'
  | 'not-enough-data';

/**
 * How well the rule behind a finding is founded: `verified` on real images · `corroborated` by a specification or
 * several projects · `single-source` "looks like" · `heuristic` statistics or circumstances.
 */
export type Confidence = 'verified' | 'corroborated' | 'single-source' | 'heuristic';

/**
 * Kinds of key protectors. Combinations without a word of their own are `unknown` with their parts in
 * {@link KeyProtectorInfo.parts}.
 */
export type KeyProtectorType =
  | 'clear-key'
  | 'tpm'
  | 'tpm-pin'
  | 'tpm-startup-key'
  | 'startup-key'
  | 'recovery-password'
  | 'password'
  | 'smart-card'
  | 'network'
  | 'unknown';

/** The parts that a BitLocker protector combines, by the bits of its number. */
export type KeyProtectorPart =
  | 'tpm'
  | 'startup-key'
  | 'pin'
  | 'recovery-password'
  | 'certificate'
  | 'password'
  | 'dpapi-ng';

/** One way to unlock a volume: a BitLocker volume master key entry, or a LUKS key slot. Never holds a secret. */
export interface KeyProtectorInfo {
  /** GUID in upper case as recovery screens, AD and Entra show it; `keyslot-N` for LUKS. */
  readonly id: string;
  readonly type: KeyProtectorType;
  /** First eight digits of a recovery password's id: what an operator types into a search. */
  readonly shortId?: string;
  /**
   * BitLocker's own number for the kind (bit field: 0x100 TPM, 0x200 external key, 0x400 PIN, 0x800 recovery password,
   * 0x1000 certificate, 0x2000 password, 0x4000 DPAPI-NG).
   */
  readonly rawType?: number;
  /** The parts that `rawType` combines. */
  readonly parts?: readonly KeyProtectorPart[];
  /** Time of the last change, ISO-8601 UTC with seven digits. For a clear key: when protection was suspended. */
  readonly changed?: string;
  /** Name stored beside it, e.g. `DiskPassword`, `ExternalKey`. */
  readonly name?: string;
  /**
   * A record of when the recovery password was saved exists: a hint that it was escrowed. Only for recovery passwords.
   */
  readonly backupRecorded?: boolean;
  /**
   * Whether it can be used away from the machine, given its secret: not for anything that needs a TPM, a network or a
   * domain service.
   */
  readonly offline?: boolean;
}

/**
 * What became of one copy of the BitLocker metadata; `unreadable`: the place lies inside the volume, but reading it
 * failed.
 */
export type CopyStatus = 'good' | 'missing' | 'unreadable' | 'bad-signature' | 'bad-size' | 'bad-crc' | 'foreign';

/** A place where a copy of the BitLocker metadata should be. */
export interface MetadataCopyInfo {
  /** Byte offset in the volume. */
  readonly offset: number;
  readonly status: CopyStatus;
  /** Whether the facts come from this copy. */
  readonly used: boolean;
}

/** Layout of a BitLocker volume: `windows7` is Windows 7 and later, `to-go` a FAT discovery volume. */
export type BitLockerVariant = 'vista' | 'windows7' | 'to-go';

/** Progress of an unfinished conversion. */
export interface ConversionProgress {
  /** Which way the conversion goes. */
  readonly direction: 'encrypting' | 'decrypting' | 'unknown';
  /** Bytes of the volume that are encrypted, where it can be told. */
  readonly encryptedBytes?: number;
  /** Share of the volume that is encrypted, 0…100, one decimal, where it can be told. */
  readonly percentEncrypted?: number;
}

/**
 * State ids of a BitLocker volume: `decrypted` BitLocker was removed, headers are left · `waiting-for-activation` a
 * clear key is the only protector · `suspended` a clear key lies beside others · `encrypting` / `decrypting` conversion
 * under way, key in the clear · `locked` a secret is needed · `locked-tpm-only` only protectors bound to the machine.
 */
export type BitLockerStateId =
  | 'decrypted'
  | 'waiting-for-activation'
  | 'suspended'
  | 'encrypting'
  | 'decrypting'
  | 'locked'
  | 'locked-tpm-only';

/** Facts that need no key, as the BitLocker metadata tells them. */
export interface BitLockerFacts {
  readonly variant: BitLockerVariant;
  /** Whether the volume header says that a conversion was started with encrypt-on-write (Windows 10 and later). */
  readonly encryptOnWrite: boolean;
  /**
   * Host name, drive letter or label, and date as the machine wrote it; the date is in that machine's locale, use
   * `created`.
   */
  readonly description?: string;
  /** ISO-8601 UTC with seven digits. */
  readonly created?: string;
  /** Identifier of the volume (GUID). */
  readonly volumeId?: string;
  /**
   * Current and wanted state as stored: 1 decrypted, 2 switching, 3 paused, 4 encrypted, 5 switching (small volumes).
   */
  readonly stateNumbers?: { readonly current: number; readonly next: number };
  /** The Windows that wrote the header, e.g. `10.0.18363`; absent before Windows 8. */
  readonly windowsVersion?: string;
  /** Bytes in a sector of the encrypted volume. */
  readonly sectorSize: number;
  /** Byte offsets of the three metadata copies and what became of each. */
  readonly copies: readonly MetadataCopyInfo[];
  /** How far a conversion has come; absent when none is under way. */
  readonly conversion?: ConversionProgress;
}

/** State of an encrypted volume; products other than BitLocker are only ever `locked`. */
export type EncryptionState = BitLockerStateId;

/** Additions to the state: `partial` conversion unfinished, `metadata-damaged` a copy of the metadata is bad. */
export type EncryptionFlag = 'partial' | 'metadata-damaged';

/**
 * What would open a volume: `nothing` the key is on the disk · `product` the vendor's own software · `hypervisor`
 * whatever encrypted the image · `original-machine` the TPM that it is bound to · `metadata` an intact copy of
 * BitLocker's metadata.
 */
export type UnlockNeed =
  | 'nothing'
  | 'recovery-password'
  | 'password'
  | 'startup-key'
  | 'smart-card'
  | 'original-machine'
  | 'product'
  | 'hypervisor'
  | 'metadata';

/** What encrypts a volume, with evidence. */
export interface EncryptionFinding {
  readonly verdict: EncryptionVerdict;
  /** Absent when there is none or it is not known. */
  readonly product?: EncryptionProduct;
  readonly confidence: Confidence;
  /** Cipher, e.g. `XTS-AES-128`, `AES-CBC-128 + Elephant diffuser`, `aes-xts-plain64`. */
  readonly method?: string;
  readonly state?: EncryptionState;
  readonly flags: readonly EncryptionFlag[];
  readonly keyProtectors: readonly KeyProtectorInfo[];
  /** Best first. */
  readonly needs: readonly UnlockNeed[];
  /** The bytes that prove it. */
  readonly evidence: readonly Evidence[];
  /** What reading the metadata survived. */
  readonly issues: readonly Issue[];
  /** Only for BitLocker. */
  readonly bitlocker?: BitLockerFacts;
  /** What the product says about itself without a key: label, UUID, version. */
  readonly details?: Readonly<Record<string, string>>;
  /** Statistics, when they were taken. */
  readonly sampling?: SamplingSummary;
  /** True when nothing was recognised at the start and only statistics could tell more (`sampleVolume`). */
  readonly samplingAdvised?: boolean;
}

/** What the statistics of a volume say. */
export type SamplingVerdict = 'random' | 'not-encrypted-looking' | 'mixed' | 'not-enough-data';

/** Result of the chi-square sampling of a volume that nothing recognised, with its own cost. */
export interface SamplingSummary {
  readonly verdict: SamplingVerdict;
  /** Windows of 64 KiB that were read. */
  readonly windows: number;
  /** Windows that hold more than one repeated byte value. */
  readonly used: number;
  /** Used windows whose chi-square lies in the band of random data. */
  readonly passed: number;
  /** Windows that could not be read. */
  readonly unreadable?: number;
  /** Median chi-square of the used windows (255 degrees of freedom: random data has 255 ± 22.6). */
  readonly chiSquareMedian?: number;
  /** Median Shannon entropy in bits a byte: for display only, compressed data reaches the same. */
  readonly entropyMedian?: number;
  /** Windows of 1 MiB read to confirm `random`, and how many passed. */
  readonly confirmation?: { readonly used: number; readonly passed: number };
  /** Reads and bytes of the sampling, to be counted apart. */
  readonly cost: { readonly reads: number; readonly bytes: number };
}

/** A finding of "nothing": not encrypted as far as can be told. */
export function noEncryption(): EncryptionFinding {
  return { verdict: 'none', confidence: 'verified', flags: [], keyProtectors: [], needs: [], evidence: [], issues: [] };
}

/** A finding of content that is encrypted and not open; `confidence` and evidence are the detector's. */
export function lockedBy(product: EncryptionProduct, needs: readonly UnlockNeed[]): EncryptionFinding {
  return { ...noEncryption(), verdict: 'encrypted-locked', product, state: 'locked', needs };
}
