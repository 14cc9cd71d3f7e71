import { type ByteSource, type IssueSink, isDamage, KIB, MIB, type ReadOptions, readInto } from '@deadbox/core';
import type { EncryptionIssueCode } from '../errors.js';
import type { SamplingSummary, SamplingVerdict } from '../finding/finding.js';
import { looksRandom, windowStatistics } from './chi-square.js';

const WINDOW = 64 * KIB;
const WINDOWS = 64;
/** With `deep`, on large volumes: a small plain part of a big disk is then not missed. */
const DEEP_WINDOWS = 256;
const LARGE = 16 * 1024 * MIB;
const CONFIRMATION_WINDOWS = 16;
/** Fewer used windows than this decide nothing. */
const LEAST_WINDOWS = 16;

/** Options of {@link sampleVolume}. */
export interface SampleOptions extends ReadOptions {
  /** 256 windows instead of 64 on volumes above 16 GiB. */
  readonly deep?: boolean;
  /** Takes a note on windows that could not be read. */
  readonly issues?: IssueSink<EncryptionIssueCode>;
}

/**
 * Samples a volume that nothing recognised: 64 windows of 64 KiB, equally spaced, without the first and last MiB;
 * windows of one repeated byte do not count. `random` is confirmed with 16 windows of 1 MiB, which LZX and the like do
 * not pass. Measured: encrypted data is always found; LZMA archives filling the volume pass, too, so the verdict means
 * "encrypted, overwritten or perfectly compressed". Reads are reported in the summary's `cost`, to be counted apart
 * from detection.
 */
export async function sampleVolume(source: ByteSource, options: SampleOptions = {}): Promise<SamplingSummary> {
  const cost = { reads: 0, bytes: 0 };
  const windows = options.deep === true && source.size > LARGE ? DEEP_WINDOWS : WINDOWS;
  const { used, unreadable } = await sample(source, WINDOW, windows, cost, options);
  const passed = used.filter(looksRandom).length;
  const summary: SamplingSummary = {
    verdict: verdictOf(used.length, passed),
    windows: cost.reads,
    used: used.length,
    passed,
    ...(unreadable === 0 ? {} : { unreadable }),
    ...medians(used),
    cost,
  };
  if (summary.verdict !== 'random') return summary;
  const second = (await sample(source, MIB, CONFIRMATION_WINDOWS, cost, options)).used;
  const confirmation = { used: second.length, passed: second.filter(looksRandom).length };
  const confirmed = second.length > 0 && confirmation.passed / second.length >= 0.9;
  return { ...summary, verdict: confirmed ? 'random' : 'mixed', confirmation };
}

function verdictOf(used: number, passed: number): SamplingVerdict {
  if (used < LEAST_WINDOWS) return 'not-enough-data';
  const share = passed / used;
  return share >= 0.95 ? 'random' : share <= 0.5 ? 'not-encrypted-looking' : 'mixed';
}

function medians(windows: readonly Statistics[]): Pick<SamplingSummary, 'chiSquareMedian' | 'entropyMedian'> {
  if (windows.length === 0) return {};
  return {
    chiSquareMedian: median(windows.map((item) => item.chiSquare)),
    entropyMedian: median(windows.map((item) => item.entropy)),
  };
}

type Statistics = ReturnType<typeof windowStatistics>;

async function sample(
  source: ByteSource,
  window: number,
  count: number,
  cost: { reads: number; bytes: number },
  options: SampleOptions,
): Promise<{ used: Statistics[]; unreadable: number }> {
  const used: Statistics[] = [];
  let unreadable = 0;
  const buffer = new Uint8Array(window);
  for (const offset of sampleOffsets(source.size, window, count)) {
    options.signal?.throwIfAborted();
    cost.reads += 1;
    cost.bytes += window;
    try {
      const pending = readInto(source, offset, buffer, options);
      if (pending instanceof Promise) await pending;
    } catch (error) {
      if (!isDamage(error, options.signal)) throw error;
      const at = { layer: 'volume', offset };
      options.issues?.add({ code: 'sampling.unreadable', severity: 'warning', at, data: { length: window } });
      unreadable += 1;
      continue;
    }
    const statistics = windowStatistics(buffer);
    if (statistics.distinct > 1) used.push(statistics);
  }
  return { used, unreadable };
}

/**
 * Offsets of up to `count` windows: multiples of 64 KiB, equally spaced, outside the first and last MiB, never
 * overlapping.
 */
export function sampleOffsets(size: number, window: number, count: number): number[] {
  const from = MIB;
  const room = size - MIB - from;
  const fitting = Math.min(count, Math.floor(room / window));
  if (fitting <= 0) return [];
  const step = Math.floor(room / fitting / WINDOW) * WINDOW;
  return Array.from({ length: fitting }, (_, i) => from + i * step);
}

function median(values: number[]): number {
  const sorted = values.sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const value = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return Math.round(value * 10_000) / 10_000;
}
