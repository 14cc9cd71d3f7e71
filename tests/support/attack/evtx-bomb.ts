import { writeEventLog } from '../evtx-writer.js';

const HEADER = 4096;
const CHUNK = 65_536;
/** Where the template of the first record of a chunk begins: record header, fragment header, instance. */
const TEMPLATE = 512 + 24 + 4 + 2 + 4 + 4;
const RECORD = 48;

/**
 * A log whose every chunk has one template of hundreds of elements, and as many records as fit that do nothing but
 * refer to it.
 */
export function eventLogBomb(chunks: number, elements = 600): Uint8Array<ArrayBuffer> {
  const data = Object.fromEntries(Array.from({ length: elements }, (_, i) => [`a${i}`, 0]));
  const event = { provider: 'Microsoft-Windows-Kernel-Power', eventId: 41, time: 133_658_285_758_000_000n, data };
  const file = writeEventLog(Array.from({ length: chunks }, () => [event]));
  const view = new DataView(file.buffer);
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const from = HEADER + chunk * CHUNK;
    let at = from + view.getUint32(from + 48, true);
    const first = view.getBigUint64(from + 8, true);
    let count = 1;
    for (; at + RECORD <= from + CHUNK; at += RECORD, count += 1) {
      view.setUint32(at, 0x2a2a, true);
      view.setUint32(at + 4, RECORD, true);
      view.setBigUint64(at + 8, first + BigInt(count), true);
      view.setBigUint64(at + 16, event.time, true);
      file.set([0x0f, 1, 1, 0, 0x0c, 1], at + 24);
      view.setUint32(at + 30, 0x1234, true);
      view.setUint32(at + 34, TEMPLATE, true);
      view.setUint32(at + RECORD - 4, RECORD, true);
    }
    for (const place of [16, 32]) view.setBigUint64(from + place, first + BigInt(count - 1), true);
    view.setUint32(from + 48, at - from, true);
  }
  return file;
}
