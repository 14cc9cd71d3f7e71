import {
  type ByteSource,
  defined,
  type Evidence,
  type EvidenceName,
  extentsOf,
  isDamage,
  type Json,
  type ReadOptions,
} from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { KnownCauseId } from '../cause-kinds/cause-kinds.js';
import { volumeEvidence } from '../obstacles/obstacle-evidence.js';
import type { FoundCause } from './cause.js';

/** What a finding about the disk says beside its id. */
export interface DiskFinding {
  readonly volume?: number;
  readonly data?: Readonly<Record<string, Json>>;
  readonly evidence?: readonly Evidence[];
  readonly repair?: FoundCause['repair'];
  readonly codes?: readonly string[];
  readonly requests?: FoundCause['requests'];
}

function found(
  id: KnownCauseId,
  severity: FoundCause['severity'],
  confidence: FoundCause['confidence'],
  { volume, data = {}, evidence = [], ...rest }: DiskFinding,
): FoundCause {
  return {
    id,
    severity,
    confidence,
    volume: volume ?? null,
    installation: null,
    data,
    evidence,
    ...defined(rest),
  };
}

/** The disk proves it. */
export const proves = (id: KnownCauseId, finding: DiskFinding = {}): FoundCause => found(id, 'act', 'proves', finding);
/** Much speaks for it; whether it ends the start, something outside the disk decides. */
export const speaksFor = (id: KnownCauseId, finding: DiskFinding = {}): FoundCause =>
  found(id, 'review', 'strong', finding);
/** Unusual, and perhaps meant. */
export const hints = (id: KnownCauseId, finding: DiskFinding = {}): FoundCause => found(id, 'review', 'hint', finding);
/** Worth knowing only, with how sure it is. */
export const noted = (id: KnownCauseId, confidence: FoundCause['confidence'], finding: DiskFinding = {}): FoundCause =>
  found(id, 'none', confidence, finding);

/**
 * Bytes of a file's content as evidence; none where they do not lie verbatim on the volume or cannot be read. @param
 * offset - in the file
 */
export async function fileEvidence(
  volume: Volume,
  content: ByteSource,
  what: EvidenceName,
  offset: number,
  length: number,
  options: ReadOptions,
): Promise<Evidence[]> {
  try {
    for await (const batch of extentsOf(content, offset, Math.min(content.size, offset + length), options)) {
      for (const { origin, length: bytes } of batch)
        return origin === undefined
          ? []
          : await volumeEvidence(volume, what, origin.offset, Math.min(length, bytes), options);
    }
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
  }
  return [];
}
