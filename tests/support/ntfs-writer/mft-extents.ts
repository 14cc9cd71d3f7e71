import { type Attribute, align8, nonResident, resident, TYPE } from './attribute.js';
import { encodeRuns } from './data-runs.js';
import { writeReference, writeU64 } from './file-name.js';
import { attributesAt, fits } from './file-record.js';
import type { Run } from './layout.js';

/** Extension records of $MFT, the only ones that a reader can reach through the first run. */
const FIRST_EXTENSION = 16;
const LAST_EXTENSION = 23;
const ENTRY = 32;

/** $MFT's attributes in record 0, and those of its extension records by number. */
export interface MftAttributes {
  base: Attribute[];
  extensions: Map<number, Attribute[]>;
}

/**
 * Places $MFT's $DATA in record 0, or spreads it over extension records with an attribute list when its run list is
 * long.
 * @param before - attributes of record 0 in front of $DATA
 * @param after - those behind it
 * @param sequenceOf - sequence number of an extension record
 */
export function placeMft(
  before: Attribute[],
  runs: readonly Run[],
  size: number,
  after: Attribute[],
  geometry: { clusterSize: number; recordSize: number },
  sequenceOf: (record: number) => number,
): MftAttributes {
  const { clusterSize, recordSize } = geometry;
  const clusters = runs.reduce((sum, run) => sum + run.length, 0);
  const data = (part: readonly Run[], firstVcn: number): Attribute =>
    nonResident(TYPE.data, part, { size }, clusterSize, { firstVcn, allocated: clusters * clusterSize });
  const whole = [...before, data(runs, 0), ...after];
  if (fits(whole, recordSize)) return { base: whole, extensions: new Map() };

  const others = [...before, ...after].reduce((sum, attribute) => sum + attribute.bytes.length, 0);
  const extents = LAST_EXTENSION - FIRST_EXTENSION + 2;
  const listLength = 0x18 + ENTRY * (before.length + after.length + extents);
  let room = recordSize - attributesAt(recordSize) - 8 - others - listLength - 0x40;
  const pieces: { record: number; firstVcn: number; runs: Run[] }[] = [];
  let vcn = 0;
  let at = 0;
  for (let record = 0; at < runs.length; record = pieces.length === 1 ? FIRST_EXTENSION : record + 1) {
    if (record > LAST_EXTENSION) throw new Error('$MFT has more fragments than its extension records can hold');
    let count = 0;
    while (at + count < runs.length && align8(encodeRuns(runs.slice(at, at + count + 1)).length) <= room) count += 1;
    const part = runs.slice(at, at + count);
    pieces.push({ record, firstVcn: vcn, runs: part });
    vcn += part.reduce((sum, run) => sum + run.length, 0);
    at += count;
    room = recordSize - attributesAt(recordSize) - 8 - 0x40;
  }
  const first = pieces[0];
  const rest = [data(first.runs, 0), ...after];
  // Ids are the places in the record; the list itself stands between $STANDARD_INFORMATION and $FILE_NAME.
  const base = [before[0], listPlaceholder, ...before.slice(1), ...rest];
  const entries = base.flatMap((attribute, id) =>
    attribute === listPlaceholder ? [] : [entryOf(attribute, 0, 0, 1, id)],
  );
  for (const piece of pieces.slice(1))
    entries.push(entryOf(rest[0], piece.firstVcn, piece.record, sequenceOf(piece.record), 0));
  entries.sort((a, b) => typeOf(a) - typeOf(b));
  const list = new Uint8Array(entries.length * ENTRY);
  entries.forEach((entry, i) => list.set(entry, i * ENTRY));
  base[1] = resident(TYPE.attributeList, list);
  return {
    base,
    extensions: new Map(pieces.slice(1).map((piece) => [piece.record, [data(piece.runs, piece.firstVcn)]])),
  };
}

const listPlaceholder: Attribute = { type: TYPE.attributeList, name: '', bytes: new Uint8Array(0) };

function entryOf(attribute: Attribute, firstVcn: number, record: number, sequence: number, id: number): Uint8Array {
  const entry = new Uint8Array(ENTRY);
  const view = new DataView(entry.buffer);
  view.setUint32(0x00, attribute.type, true);
  view.setUint16(0x04, ENTRY, true);
  view.setUint8(0x07, 0x1a);
  writeU64(view, 0x08, firstVcn);
  writeReference(view, 0x10, record, sequence);
  view.setUint16(0x18, id, true);
  return entry;
}

function typeOf(entry: Uint8Array): number {
  return new DataView(entry.buffer).getUint32(0, true);
}
