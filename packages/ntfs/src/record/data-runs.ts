import { MAX_RUNS } from '../limits.js';

/** LCN of a run that has no clusters. */
export const HOLE: number = -1;

/** Successive clusters of a stream. */
export interface DataRun {
  /** First cluster inside the stream. */
  readonly vcn: number;
  /** First cluster on the volume, or {@link HOLE}. */
  readonly lcn: number;
  /** Clusters, > 0. */
  length: number;
}

/** What is wrong in a run list. */
export interface RunsProblem {
  /** Byte offset in the run list. */
  readonly offset: number;
  /** What is wrong there. */
  readonly reason: 'length' | 'lcn' | 'past-end' | 'past-volume' | 'too-many' | 'vcn-count';
}

/** The runs of one attribute record: those before the first damage. */
export interface ParsedRuns {
  /** The runs before any damage. */
  runs: DataRun[];
  /** The first cluster after the runs. */
  readonly nextVcn: number;
  /** Why parsing ended early. */
  readonly problem?: RunsProblem;
}

/** What bounds a run list. */
export interface RunsBounds {
  /** First VCN of the attribute record. */
  readonly firstVcn: number;
  /** Last VCN that the record claims; `undefined` or -1 when it is not to be checked. */
  readonly lastVcn?: number;
  /** Clusters of the volume: runs end inside it. */
  readonly totalClusters: number;
  /** NTFS before 3.0: LCN -1 is a hole. */
  readonly minusOneIsHole?: boolean;
}

/**
 * Parses mapping pairs: head byte (low half: bytes of length, high half: bytes of signed LCN delta), length, delta; 0 ends the list.
 * Sources: ntfs-3g runlist.c, Linux ntfs3 run.c. Damage ends the list; what came before it is returned with the problem.
 */
export function parseDataRuns(bytes: Uint8Array, bounds: RunsBounds): ParsedRuns {
  const runs: DataRun[] = [];
  let vcn = bounds.firstVcn;
  let lcn = 0;
  let at = 0;
  const stop = (reason: RunsProblem['reason']): ParsedRuns => ({ runs, nextVcn: vcn, problem: { offset: at, reason } });
  while (at < bytes.length) {
    const head = bytes[at];
    if (head === 0) break;
    const lengthBytes = head & 15;
    const deltaBytes = head >> 4;
    if (lengthBytes === 0 || lengthBytes > 8) return stop('length');
    if (deltaBytes > 8) return stop('lcn');
    if (at + 1 + lengthBytes + deltaBytes > bytes.length) return stop('past-end');
    const length = unsignedAt(bytes, at + 1, lengthBytes);
    if (length === 0 || !Number.isSafeInteger(vcn + length)) return stop('length');
    let place = HOLE;
    if (deltaBytes > 0) {
      lcn += signedAt(bytes, at + 1 + lengthBytes, deltaBytes);
      if (lcn === -1 && bounds.minusOneIsHole === true) place = HOLE;
      else if (!(lcn >= 0)) return stop('lcn');
      else if (lcn + length > bounds.totalClusters) return stop('past-volume');
      else place = lcn;
    }
    if (runs.length === MAX_RUNS) return stop('too-many');
    runs.push({ vcn, lcn: place, length });
    vcn += length;
    at += 1 + lengthBytes + deltaBytes;
  }
  const last = bounds.lastVcn;
  if (last !== undefined && last >= 0 && Number.isSafeInteger(last) && vcn !== last + 1) return stop('vcn-count');
  return { runs, nextVcn: vcn };
}

function unsignedAt(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i -= 1) value = value * 256 + bytes[at + i];
  return value;
}

function signedAt(bytes: Uint8Array, at: number, count: number): number {
  const top = bytes[at + count - 1];
  let value = top >= 0x80 ? top - 256 : top;
  for (let i = count - 2; i >= 0; i -= 1) value = value * 256 + bytes[at + i];
  return value;
}

/** Index of the run that holds `vcn`, or -1. */
export function findRun(runs: readonly DataRun[], vcn: number): number {
  let low = 0;
  let high = runs.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const run = runs[middle];
    if (vcn < run.vcn) high = middle - 1;
    else if (vcn >= run.vcn + run.length) low = middle + 1;
    else return middle;
  }
  return -1;
}
