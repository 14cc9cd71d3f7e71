import { checkpoint, LogBuilder, table, update } from '../ntfs/log-builder.js';

const CLUSTER = 4096;

/**
 * First bytes of a `$LogFile` that can be followed to its end: a checkpoint with a table of dirty pages, and behind it
 * a change that is still to be replayed.
 * @param offset - of the changed block on the volume, in clusters of 4096 bytes
 * @param redo - operation of the change, by dfir_ntfs' list: 07 UpdateResidentValue, 0E AddIndexEntryAllocation
 * @param ended - whether its transaction ended (1B ForgetTransaction): else the change is undone afterwards
 */
export function pendingLog(offset: number, blockSize: number, redo: number, ended = false): Uint8Array {
  const log = new LogBuilder(1, 64);
  const oldest = log.add({ data: update({ redo: 0x1b }) });
  const page = new Uint8Array(0x28);
  const view = new DataView(page.buffer);
  view.setUint32(4, 0x18, true);
  view.setUint32(0x0c, 1, true);
  view.setBigUint64(0x10, 77n, true);
  view.setBigUint64(0x18, oldest, true);
  view.setBigUint64(0x20, 1n, true);
  const pages = log.add({ data: update({ redo: 0x1f, redoData: table([page]) }) });
  const mark = log.add({ type: 2, data: checkpoint({ start: pages, pages }) });
  const change = log.add({
    data: update({
      redo,
      undo: redo + 1,
      attribute: 0x18,
      blockSize,
      blockOffset: offset % CLUSTER,
      vcn: Math.floor(offset / CLUSTER),
      lcns: [Math.floor(offset / CLUSTER)],
      recordOffset: 56,
      attributeOffset: 0x60,
      redoData: new Uint8Array(24),
    }),
    transaction: 0x40,
  });
  const current = ended ? log.add({ data: update({ redo: 0x1b }), transaction: 0x40 }) : change;
  return log.finish({ current, oldest, checkpoint: mark });
}
