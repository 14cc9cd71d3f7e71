import type { ByteSource, ReadOptions } from '@deadbox/core';
import { detectBitLocker } from './bitlocker/detect-bitlocker.js';
import { detectLuks, detectSecondary } from './detect-luks.js';
import { type EncryptionFinding, noEncryption } from './finding.js';
import { headKind } from './known-content.js';
import { isProbe, probeVolume, type VolumeProbe } from './volume-probe.js';

/** Options of {@link detectEncryption}. */
export interface DetectOptions extends ReadOptions {
  /** Look in more places: secondary headers of a volume whose start is blank. */
  deep?: boolean;
}

/**
 * Says what encrypts a volume. With a {@link VolumeProbe} whose head was read already, a volume with a known file system costs no read at all,
 * an unrecognised one at most seven, BitLocker three of 64 KiB (more while a conversion runs).
 * Nothing is decided by statistics here: `samplingAdvised` tells when {@link sampleVolume} could say more.
 * @throws DeadboxError what `source` throws
 */
export async function detectEncryption(volume: ByteSource | VolumeProbe, options: DetectOptions = {}): Promise<EncryptionFinding> {
  const probe = isProbe(volume) ? volume : await probeVolume(volume, options);
  const exact = (await detectBitLocker(probe, options)) ?? (await detectLuks(probe, options));
  if (exact !== undefined) return exact;
  const kind = headKind(probe.head);
  if (kind === 'known') return noEncryption();
  // A header wiped with zeros leaves a blank start, as every unused partition has it: one read is worth that chance, seven are not.
  const secondary = await detectSecondary(probe, options, kind === 'unknown' || options.deep === true);
  if (secondary !== undefined) return secondary;
  return { ...noEncryption(), confidence: 'heuristic', samplingAdvised: true };
}
