import type { BitLockerStateId, ConversionProgress, UnlockNeed } from '../../finding/finding.js';
import { encryptedBytes } from './eow.js';
import type { EowState } from './eow-reader.js';
import type { BitLockerProtectorInfo } from './key-protector.js';
import type { MetadataBlock } from './metadata-block.js';
import { relocatedHeader } from './relocated-header.js';

/** `currentState` and `nextState` of the metadata. Source: dissect.fve, dislocker; 1, 3 and 4 seen on images. */
const STATE = { decrypted: 1, switching: 2, encrypted: 4 } as const;

/**
 * Conversion flags in the relocated-header entry, inferred from images (0x0A finished, 0x4A encrypting, 0x14A
 * decrypting).
 */
const FLAG = { encrypting: 0x40, decrypting: 0x100 } as const;

/** Bit of every kind of protector that needs the machine's TPM. */
const TPM = 0x0100;

/** Whether the volume's data is plain and only headers are left. */
export function isDecrypted(block: MetadataBlock): boolean {
  return block.currentState === STATE.decrypted;
}

/** Whether a conversion log holds data in flight. */
export function hasConversionLog(block: MetadataBlock): boolean {
  return block.currentState === STATE.switching && block.conversionLogSize > 0;
}

/**
 * How far a conversion got; `undefined` when none is unfinished.
 * @param encryptOnWrite - whether the volume header says so
 * @param eow - the bitmaps, where they were readable
 * @param volumeSize - bytes
 */
export function conversionProgress(
  block: MetadataBlock,
  encryptOnWrite: boolean,
  eow: EowState | undefined,
  volumeSize: number,
): ConversionProgress | undefined {
  if (isDecrypted(block)) return undefined;
  const direction = conversionDirection(block);
  if (encryptOnWrite) {
    if (eow === undefined || !eow.complete) return { direction };
    const encrypted = eow.bitmaps.reduce((sum, bitmap) => sum + encryptedBytes(bitmap, eow.information.chunkSize), 0);
    const total = eow.bitmaps.reduce((sum, bitmap) => sum + bitmap.regionSize, 0);
    if (total === 0) return { direction };
    return { direction, encryptedBytes: encrypted, percentEncrypted: percent(encrypted, total) };
  }
  // Vista keeps no boundary: the field is 0 there.
  if (block.version === 1 || block.boundary === 0 || block.boundary >= volumeSize) return undefined;
  return { direction, encryptedBytes: block.boundary, percentEncrypted: percent(block.boundary, volumeSize) };
}

function conversionDirection(block: MetadataBlock): ConversionProgress['direction'] {
  if (block.nextState === STATE.decrypted) return 'decrypting';
  const flags = relocatedHeader(block.entries)?.flags ?? 0;
  if (flags & FLAG.decrypting) return 'decrypting';
  // State 4 with the goal 4 says nothing; only a state on the way to 4 does.
  return flags & FLAG.encrypting || block.currentState !== STATE.encrypted ? 'encrypting' : 'unknown';
}

function percent(part: number, whole: number): number {
  return Math.min(100, Math.floor((part / whole) * 1000) / 10);
}

/** The state id, from the metadata alone. */
export function stateId(
  block: MetadataBlock,
  protectors: readonly BitLockerProtectorInfo[],
  conversion: ConversionProgress | undefined,
): BitLockerStateId {
  if (isDecrypted(block)) return 'decrypted';
  if (protectors.some((item) => item.type === 'clear-key')) {
    if (conversion !== undefined && conversion.direction !== 'unknown') return conversion.direction;
    if (block.nextState === STATE.decrypted) return 'decrypting';
    return protectors.every((item) => item.type === 'clear-key') ? 'waiting-for-activation' : 'suspended';
  }
  const bound = protectors.length > 0 && protectors.every((item) => item.rawType & TPM);
  return bound ? 'locked-tpm-only' : 'locked';
}

/** Protectors that a secret opens, which are called as the need is; best first. */
const BY_SECRET: readonly UnlockNeed[] = ['recovery-password', 'password', 'startup-key', 'smart-card'];

/** What would open a locked volume, best first. */
export function needsOf(protectors: readonly BitLockerProtectorInfo[]): UnlockNeed[] {
  const types = new Set<string>(protectors.map((item) => item.type));
  if (types.has('clear-key')) return ['nothing'];
  const needs = BY_SECRET.filter((need) => types.has(need));
  if (protectors.some((item) => item.rawType & TPM)) needs.push('original-machine');
  return needs;
}
