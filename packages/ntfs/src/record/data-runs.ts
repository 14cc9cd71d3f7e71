import { type Bytes, type DescribedField, partitionPoint, toHex } from '@deadbox/core';
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
  readonly reason: 'length' | 'lcn' | 'past-end' | 'past-volume' | 'shared' | 'too-many' | 'vcn-count';
}

/** The runs of one attribute record: those before the first damage. */
export interface ParsedRuns {
  /** The runs before any damage. */
  runs: DataRun[];
  /** The first cluster after the runs. */
  readonly nextVcn: number;
  /** Clusters of the volume that these runs and those before them name, holes left out. */
  readonly mapped: number;
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
  /** Clusters that earlier records of the same stream name. Default 0. */
  readonly mappedBefore?: number;
  /** NTFS before 3.0: LCN -1 is a hole. */
  readonly minusOneIsHole?: boolean;
}

/**
 * Parses mapping pairs: head byte (low half: bytes of length, high half: bytes of signed LCN delta), length, delta; 0
 * ends the list. Sources: ntfs-3g runlist.c, Linux ntfs3 run.c. Damage ends the list; what came before it is returned
 * with the problem. A stream that names more clusters than the volume has names some of them twice: it would stand for
 * more bytes than there are.
 */
export function parseDataRuns(bytes: Uint8Array, bounds: RunsBounds): ParsedRuns {
  const runs: DataRun[] = [];
  let vcn = bounds.firstVcn;
  let lcn = 0;
  let at = 0;
  let mapped = bounds.mappedBefore ?? 0;
  const stop = (reason: RunsProblem['reason']): ParsedRuns => ({
    runs,
    nextVcn: vcn,
    mapped,
    problem: { offset: at, reason },
  });
  while (at < bytes.length && bytes[at] !== 0) {
    const pair = mappingPairAt(bytes, at);
    if (typeof pair === 'string') return stop(pair);
    const { length, delta } = pair;
    if (length === 0 || !Number.isSafeInteger(vcn + length)) return stop('length');
    let place = HOLE;
    if (delta !== undefined) {
      lcn += delta;
      if (lcn === -1 && bounds.minusOneIsHole === true) place = HOLE;
      else if (!(lcn >= 0)) return stop('lcn');
      else if (lcn + length > bounds.totalClusters) return stop('past-volume');
      else if (mapped + length > bounds.totalClusters) return stop('shared');
      else place = lcn;
    }
    if (place !== HOLE) mapped += length;
    if (runs.length === MAX_RUNS) return stop('too-many');
    runs.push({ vcn, lcn: place, length });
    vcn += length;
    at += pair.bytes;
  }
  const last = bounds.lastVcn;
  if (last !== undefined && last >= 0 && Number.isSafeInteger(last) && vcn !== last + 1) return stop('vcn-count');
  return { runs, nextVcn: vcn, mapped };
}

/**
 * A run as it is stored: its clusters, and how far its place lies behind that of the run before; `undefined` for a
 * hole.
 */
interface MappingPair {
  readonly bytes: number;
  readonly length: number;
  readonly delta: number | undefined;
}

function mappingPairAt(bytes: Uint8Array, at: number): MappingPair | 'length' | 'lcn' | 'past-end' {
  const lengthBytes = bytes[at] & 15;
  const deltaBytes = bytes[at] >> 4;
  if (lengthBytes === 0 || lengthBytes > 8) return 'length';
  if (deltaBytes > 8) return 'lcn';
  const size = 1 + lengthBytes + deltaBytes;
  if (at + size > bytes.length) return 'past-end';
  const length = unsignedAt(bytes, at + 1, lengthBytes);
  return {
    bytes: size,
    length,
    delta: deltaBytes === 0 ? undefined : signedAt(bytes, at + 1 + lengthBytes, deltaBytes),
  };
}

/**
 * The mapping pairs of an attribute, one field a run, for listings; the list ends at the first that cannot be.
 * @param firstVcn - of the attribute record
 */
export function describeDataRuns(bytes: Bytes, firstVcn = 0): DescribedField[] {
  const fields: DescribedField[] = [];
  let vcn = firstVcn;
  let lcn = 0;
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const pair = mappingPairAt(bytes, at);
    if (typeof pair === 'string') break;
    lcn += pair.delta ?? 0;
    fields.push({
      name: `run ${fields.length}`,
      offset: at,
      length: pair.bytes,
      raw: toHex(bytes.subarray(at, at + pair.bytes)),
      value: { vcn, lcn: pair.delta === undefined ? null : lcn, clusters: pair.length },
      meaning: 'Bytes of the two numbers, clusters, distance of the first cluster from that of the run before',
      source: 'ntfs-3g runlist.c; Linux ntfs3 run.c',
    });
    vcn += pair.length;
    at += pair.bytes;
  }
  return fields;
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

/** {@link findRun}: no run has the cluster. */
export const NO_RUN: number = -1;

/** Index of the run that holds `vcn`, or {@link NO_RUN}. */
export function findRun(runs: readonly DataRun[], vcn: number): number {
  const index = runsUpTo(runs, vcn) - 1;
  return index >= 0 && vcn < runs[index].vcn + runs[index].length ? index : NO_RUN;
}

/** How many runs begin at `vcn` or before it. */
export function runsUpTo(runs: readonly DataRun[], vcn: number): number {
  return partitionPoint(runs.length, (index) => runs[index].vcn <= vcn);
}
