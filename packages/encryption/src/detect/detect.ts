import { type ByteSource, type Issue, IssueLog, type ReadOptions } from '@deadbox/core';
import { parseVolumeHeader } from '../bitlocker/metadata/volume-header.js';
import { type EncryptionFinding, lockedBy, noEncryption } from '../finding/finding.js';
import { headEvidence, isProbe, probeVolume, type VolumeProbe } from '../finding/volume-probe.js';
import { detectApple } from './apple.js';
import { matchVolumeHeader } from './boot-code.js';
import { detectLuks, detectSecondary } from './detect-luks.js';
import { headKind } from './known-content.js';

/** Options of {@link detectEncryption}. */
export interface DetectOptions extends ReadOptions {
  /**
   * Look in more places where the start tells nothing: second LUKS2 headers, and BitLocker's metadata (up to 256 MiB
   * are read).
   */
  readonly deep?: boolean;
  /** The partition's GPT type, where it has one: plain dm-crypt shows nowhere else. */
  readonly partitionType?: string;
}

/** GPT type of a partition encrypted by dm-crypt without a header. Source: util-linux. */
const PLAIN_DM_CRYPT = '7FFEC5C9-2D00-49B7-8941-3EA10A5586B7';

/**
 * Says what encrypts a volume. With a {@link VolumeProbe} whose head was read already, a volume with a known file
 * system costs no read at all, an unrecognised one at most seven, BitLocker three of 64 KiB (more while a conversion
 * runs). Nothing is decided by statistics here: `samplingAdvised` tells when {@link sampleVolume} could say more.
 * Places that the medium refuses are issues of the finding, and a volume on which nothing is found but not everything
 * was read is `not-enough-data`; what is no fact about the medium (network, a closed source) is thrown.
 * @throws DeadboxError what `source` throws, apart from that
 */
export async function detectEncryption(
  volume: ByteSource | VolumeProbe,
  options: DetectOptions = {},
): Promise<EncryptionFinding> {
  const probe = isProbe(volume) ? volume : await probeVolume(volume, options);
  const unread = new IssueLog();
  const exact =
    (await bitLocker(probe, options)) ??
    (await detectLuks(probe, options)) ??
    (await detectVolumeHeader(probe, options)) ??
    (await detectApple(probe, unread, options));
  if (exact !== undefined) return exact;
  const kind = headKind(probe.head);
  if (kind === 'known') return noEncryption();
  // A header wiped with zeros leaves a blank start, as every unused partition has it: one read is worth that chance,
  // seven are not.
  const secondary = await detectSecondary(probe, kind === 'unknown' || options.deep === true, unread, options);
  if (secondary !== undefined) return secondary;
  let notes: readonly Issue[] = [];
  if (options.deep === true) {
    const { detectBitLocker, searchEnd } = await import('../bitlocker/detect-bitlocker.js');
    const lost = await detectBitLocker(probe, { ...options, carve: true, unread });
    if (lost !== undefined) return lost;
    notes = searchEnd(probe);
  }
  if (options.partitionType?.toUpperCase() === PLAIN_DM_CRYPT) {
    const details = { partitionType: PLAIN_DM_CRYPT };
    return { ...lockedBy('dm-crypt (plain)', ['password']), confidence: 'corroborated', details };
  }
  const undecided: EncryptionFinding = {
    ...noEncryption(),
    confidence: 'heuristic',
    samplingAdvised: true,
    issues: notes,
  };
  // A place that could not be read may hold what was looked for.
  return unread.issues.length === 0
    ? undecided
    : { ...undecided, verdict: 'not-enough-data', issues: [...unread.issues, ...notes] };
}

/** Its metadata is read by code that is loaded only where the first sector is BitLocker's. */
async function bitLocker(probe: VolumeProbe, options: DetectOptions): Promise<EncryptionFinding | undefined> {
  if (parseVolumeHeader(probe.head, new IssueLog()) === undefined) return undefined;
  const { detectBitLocker } = await import('../bitlocker/detect-bitlocker.js');
  return detectBitLocker(probe, options);
}

async function detectVolumeHeader(probe: VolumeProbe, options: DetectOptions): Promise<EncryptionFinding | undefined> {
  const match = matchVolumeHeader(probe.head)[0];
  if (match === undefined) return undefined;
  return {
    ...lockedBy(match.product, ['password', 'product']),
    confidence: match.confidence,
    evidence: [await headEvidence(probe, match.what, match.offset, match.length, options)],
  };
}
