import type { ReadOptions } from '@deadbox/core';
import type { EncryptionFinding, SamplingSummary } from '../finding/finding.js';
import { headEvidence, type VolumeProbe } from '../finding/volume-probe.js';
import { pointsecText } from './boot-code.js';
import { isRandomSector } from './chi-square.js';
import { headKind } from './known-content.js';

/** Volumes below this size are never called random: too few windows, too many harmless explanations. */
const LEAST_SIZE = 64 * 1024 * 1024;

/**
 * Completes the finding of an unrecognised volume with its statistics. Never names a product from statistics alone:
 * `random-data` means "statistically indistinguishable from random data: encrypted or overwritten".
 * @param finding - with `samplingAdvised`; others come back unchanged
 */
export async function applySampling(
  probe: VolumeProbe,
  finding: EncryptionFinding,
  summary: SamplingSummary,
  options?: ReadOptions,
): Promise<EncryptionFinding> {
  if (finding.samplingAdvised !== true) return finding;
  const { samplingAdvised: _, ...rest } = finding;
  const kind = headKind(probe.head);
  const randomStart = isRandomSector(probe.head);
  const evidence = randomStart ? [await headEvidence(probe, 'first sector, looks random', 0, 512, options)] : [];
  const found: EncryptionFinding = {
    ...rest,
    confidence: 'heuristic',
    sampling: summary,
    evidence: [...finding.evidence, ...evidence],
  };
  if (summary.verdict === 'random' && kind !== 'known') {
    if (probe.source.size < LEAST_SIZE) return { ...found, verdict: 'not-enough-data' };
    const random: EncryptionFinding = { ...found, verdict: 'random-data', needs: ['product'] };
    // An English word in a boot sector proves nothing; with random data behind it, one detector takes it for Check
    // Point's.
    const pointsec = pointsecText(probe.head);
    if (pointsec === undefined) return random;
    const text = await headEvidence(probe, 'Check Point Full Disk Encryption text', pointsec, 7, options);
    return {
      ...random,
      evidence: [...random.evidence, text],
      verdict: 'encrypted-unknown-product',
      product: 'Check Point Full Disk Encryption',
      confidence: 'single-source',
    };
  }
  if (summary.verdict === 'not-enough-data') {
    // Nothing at all is stored: there is nothing to be encrypted.
    const empty = summary.used === 0 && summary.unreadable === undefined && kind === 'blank';
    return { ...found, verdict: empty ? 'none' : 'not-enough-data' };
  }
  return { ...found, verdict: summary.verdict === 'mixed' && randomStart ? 'not-enough-data' : 'none' };
}
