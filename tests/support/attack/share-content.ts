import { seal, unseal, viewOf } from '../file-record-writer.js';
import { dataOf, recordAt } from './attack-volume.js';

/** Finds the file record whose own name is `name`, in a volume that was written here. */
export function recordNamed(volume: Uint8Array<ArrayBuffer>, name: string): Uint8Array<ArrayBuffer> {
  const wanted = Buffer.from(name, 'utf16le');
  for (let number = 24; ; number += 1) {
    const record = recordAt(volume, number);
    if (viewOf(record).getUint32(0, true) !== 0x454c_4946) throw new Error(`no file ${name}`);
    if (Buffer.from(record).includes(wanted)) return record;
  }
}

/**
 * Gives every file whose content has one cluster the content of another file: the same clusters, under as many records
 * as there are. What folders say of their sizes stays small.
 */
export function shareContent(volume: Uint8Array<ArrayBuffer>, donor: string): void {
  const given = recordNamed(volume, donor);
  unseal(given);
  const from = dataOf(given);
  const givenView = viewOf(given);
  const runs = given.slice(from.at + givenView.getUint16(from.at + 32, true), from.at + from.length);
  const sizes = given.slice(from.at + 24, from.at + 64);
  seal(given);
  for (let number = 24; ; number += 1) {
    const record = recordAt(volume, number);
    const view = viewOf(record);
    if (view.getUint32(0, true) !== 0x454c_4946) return;
    unseal(record);
    takeContent(record, runs, sizes);
    seal(record);
  }
}

function takeContent(record: Uint8Array, runs: Uint8Array, sizes: Uint8Array): void {
  const view = viewOf(record);
  let at = view.getUint16(20, true);
  while (view.getUint32(at, true) < 0x80) at += view.getUint32(at + 4, true);
  if (view.getUint32(at, true) !== 0x80 || record[at + 8] === 0) return;
  if (view.getBigUint64(at + 40, true) !== 4096n) return;
  const place = view.getUint16(at + 32, true);
  if (runs.length > view.getUint32(at + 4, true) - place) throw new Error('no room for the runs');
  // The place of the run list stands between the sizes.
  record.set(sizes.subarray(0, 8), at + 24);
  record.set(sizes.subarray(16), at + 40);
  record.set(runs, at + place);
}
