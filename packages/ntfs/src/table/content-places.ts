import { type Bytes, Cursor, MIB, sha256Hex } from '@deadbox/core';
import { type NonResidentAttribute, parseAttribute } from '../record/attribute.js';
import { HOLE, parseDataRuns } from '../record/data-runs.js';

/** Contents larger than this gain nothing by being read among others. */
const LARGEST_CONTENT: number = MIB;
/** First column entry that no place of a volume has: places are kept one higher. */
const NOWHERE = 0;

/** What a place is checked against. */
export interface ClusterBounds {
  readonly clusterSize: number;
  readonly totalClusters: number;
}

/**
 * Where the unnamed content of plain files lies, as the pass over `$MFT` meets them: a content in its record is hashed
 * at once, one in a single run of clusters is noted. What is compressed, sparse, encrypted, in pieces, behind a reparse
 * point or in any way odd is not in it.
 */
export class ContentPlaces {
  readonly #bounds: ClusterBounds;
  readonly #digests = new Map<number, string>();
  /** By record: byte offset on the volume and one, or {@link NOWHERE}. */
  #places = new Float64Array(0);
  #chunk: Bytes = new Uint8Array(0);
  #cursor = new Cursor(this.#chunk, '$MFT');

  constructor(bounds: ClusterBounds) {
    this.#bounds = bounds;
  }

  /** Whether the content of a record is plain. */
  has(record: number): boolean {
    return this.#digests.has(record) || this.place(record) !== undefined;
  }

  /** SHA-256 of a content that lies in its record. */
  digest(record: number): string | undefined {
    return this.#digests.get(record);
  }

  /** Byte offset on the volume of a content in one run of clusters. */
  place(record: number): number | undefined {
    const place = this.#places[record] ?? NOWHERE;
    return place === NOWHERE ? undefined : place - 1;
  }

  /**
   * Takes in the only unnamed `$DATA` of a record that is whole so far as the table's own parser looks.
   * @param at - where the attribute begins in `chunk`
   * @param end - where the used part of the record ends
   */
  add(record: number, chunk: Bytes, at: number, end: number): void {
    // A chunk has thousands of records.
    if (chunk !== this.#chunk) {
      this.#chunk = chunk;
      this.#cursor = new Cursor(chunk, '$MFT');
    }
    const attribute = parseAttribute(this.#cursor, at, end);
    if ('problem' in attribute || attribute.flags !== 0) return;
    if (attribute.resident) {
      this.#digests.set(record, sha256Hex(attribute.value));
      return;
    }
    const place = this.#run(attribute);
    if (place === undefined) return;
    this.#reserve(record + 1);
    this.#places[record] = place + 1;
  }

  /** Where the content begins when one run of clusters holds all of it. */
  #run({ size, initializedSize, compressionUnit, lastVcn, runs: bytes }: NonResidentAttribute): number | undefined {
    if (size === 0 || size > LARGEST_CONTENT || initializedSize !== size || compressionUnit !== 0) return undefined;
    const { clusterSize, totalClusters } = this.#bounds;
    const { runs, problem } = parseDataRuns(bytes, { firstVcn: 0, lastVcn, totalClusters });
    const [run] = runs;
    if (problem !== undefined || runs.length !== 1 || run.lcn === HOLE) return undefined;
    return run.length * clusterSize < size ? undefined : run.lcn * clusterSize;
  }

  #reserve(count: number): void {
    if (count <= this.#places.length) return;
    const grown = new Float64Array(Math.max(count, this.#places.length * 2, 1024));
    grown.set(this.#places);
    this.#places = grown;
  }
}
