import { type ReadOptions, toHex } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { type ByteEdit, RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { plainFile } from './neutralise-file.js';
import { checkPending, openRepairable } from './volume-state.js';

/** Bytes of one edit. */
const PIECE = 4096;
/** Most bytes of a file that are blanked: content files of drivers are far smaller. */
const MOST_BYTES = 4 << 20;

/**
 * Overwrites the written content of a file with zeros, where it lies. The file system's own structures stay as they
 * are, so no log can undo it; what the program that reads the file makes of zeros is its own business. The second
 * choice.
 * @throws RefusedRepair
 */
export async function blankContent(
  disk: Disk,
  volumeNumber: number,
  path: string,
  options: ReadOptions,
): Promise<RepairOperation> {
  const { tree, volume, pending } = await openRepairable(disk, volumeNumber, options);
  const file = await plainFile(tree, path, options);
  // The log must not give its clusters to another file.
  for (const part of await tree.records.locate(file.record, options))
    checkPending(pending, 'file record', part.offset, part.length, file.fileRecord.lsn);
  const stream = await file.stream('', options);
  const runs = await file.dataRuns('', options);
  const stored = file.attributes.find(({ typeName, name }) => typeName === '$DATA' && name === '');
  if (stored === undefined || stored.resident || runs.length === 0 || stream.size > MOST_BYTES)
    throw new RefusedRepair('content-not-stored', { path, size: stream.size });
  const edits: ByteEdit[] = [];
  // What was never written reads as zeros; what is said to be written behind the end belongs to nobody.
  let left = Math.min(stored.initializedSize ?? stream.size, stream.size);
  for (const run of runs) {
    if (left <= 0) break;
    // A hole, or a compressed or WOF file: its bytes do not lie there as they are read.
    if (run.offset === undefined) throw new RefusedRepair('content-not-stored', { path });
    const end = run.offset + Math.min(run.bytes, left);
    for (let at = run.offset; at < end; at += PIECE) {
      const before = await tree.source.read(at, Math.min(PIECE, end - at), options);
      const after = '00'.repeat(before.length);
      edits.push({ volume: volume.number, offset: at, before: toHex(before), after, what: 'file-content' });
    }
    left -= run.bytes;
  }
  return {
    id: 'blank-content',
    volume: volume.number,
    edits: edits.filter(({ before, after }) => before !== after),
    data: { path: file.path, record: file.record, bytes: stream.size },
  };
}
