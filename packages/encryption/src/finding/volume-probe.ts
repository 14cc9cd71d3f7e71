import {
  type ByteSource,
  type Bytes,
  defined,
  type Evidence,
  type EvidenceName,
  type IssueSink,
  locateEvidence,
  type ReadOptions,
  survive,
  toHex,
} from '@deadbox/core';
import type { EncryptionIssueCode } from '../errors.js';
import { PROBE_HEAD } from '../limits.js';

/**
 * A volume together with the bytes of its start that were read already: every detector shares them, so that detection
 * costs no extra reads.
 */
export interface VolumeProbe {
  /** The volume; offset 0 is the first byte of the partition. */
  readonly source: ByteSource;
  /** Its first 16 KiB, or more, or all of a smaller volume. */
  readonly head: Bytes;
  /** Where the volume begins on the disk, in bytes: added to the offsets of evidence. 0 when not given. */
  readonly diskOffset?: number;
}

/** Reads the shared start of a volume: one read of 16 KiB. */
export async function probeVolume(
  source: ByteSource,
  options: ReadOptions & { diskOffset?: number } = {},
): Promise<VolumeProbe> {
  const head = await source.read(0, Math.min(PROBE_HEAD, source.size), options);
  return { source, head, ...defined({ diskOffset: options.diskOffset }) };
}

/**
 * Reads `length` bytes at `offset`; notes a place that the medium refuses, so that nobody takes what was not read for
 * what is not there.
 * @returns `undefined` for such a place
 * @throws DeadboxError whatever is no fact about the medium
 */
export function readOrNote(
  source: ByteSource,
  offset: number,
  length: number,
  issues: IssueSink<EncryptionIssueCode>,
  options?: ReadOptions,
): Promise<Bytes | undefined> {
  return survive(
    async () => source.read(offset, length, options),
    ({ code }) => {
      const at = { layer: 'volume', offset };
      issues.add({ code: 'encryption.unreadable', severity: 'warning', at, data: { length, reason: code } });
      return undefined;
    },
    options,
  );
}

/** Whether the argument is a probe and not a bare source. */
export function isProbe(volume: ByteSource | VolumeProbe): volume is VolumeProbe {
  return 'head' in volume;
}

const SHOWN_BYTES = 64;

/** Evidence from bytes that were read already: costs no read. `bytes` begins at volume offset `offset`. */
export async function probeEvidence(
  probe: VolumeProbe,
  what: EvidenceName,
  offset: number,
  bytes: Uint8Array,
  options?: ReadOptions,
): Promise<Evidence> {
  const shown = toHex(bytes.subarray(0, SHOWN_BYTES));
  const located = await locateEvidence(probe.source, { what, offset, length: bytes.length, bytes: shown }, options);
  return { ...located, offset: offset + (probe.diskOffset ?? 0) };
}

/** Evidence that is a part of the probe's head. */
export function headEvidence(
  probe: VolumeProbe,
  what: EvidenceName,
  offset: number,
  length: number,
  options?: ReadOptions,
): Promise<Evidence> {
  return probeEvidence(probe, what, offset, probe.head.subarray(offset, offset + length), options);
}
