import { DeadboxError } from '@deadbox/core';
import { finishRepair, journalState, readJournal, type SectorState, undoRepair } from '@deadbox/repair/node';
import { undoPage } from '@deadbox/report/internals';
import { EXIT } from '../exit-code.js';
import { readLocks } from '../input/in-use/file-locks.node.js';
import { ImageFiles } from '../input/in-use/image-hints.node.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';

/** Options of `deadbox undo`. */
export interface UndoOptions extends CommonOptions {
  readonly check?: boolean;
  readonly finish?: boolean;
}

/** Puts back every byte that an undo file holds, finishes a repair that was cut off, or says how far it came. */
export async function undoVerb(path: string, options: UndoOptions, session: Session): Promise<number> {
  session.inputs.add(path);
  const journal = readJournal(path);
  session.inputs.add(journal.image.path);
  if (options.check !== true) refuseInUse(journal, session);
  // Where the outcome cannot be told, nothing is put back either.
  await withOutput(session.output(options), (output) => {
    const outcome = outcomeOf(journal, options);
    if (options.json === true || options.ndjson === true)
      output.writeJson({ schema: 'deadbox.undo-result/1', ...outcome }, options.ndjson === true);
    else output.write(writerFor(options, output)(undoPage(outcome, session.pageOptions(options))));
  });
  return EXIT.ok;
}

/** Whoever has the image open goes on with what it has read of it, and may write that back. */
function refuseInUse(journal: ReturnType<typeof readJournal>, session: Session): void {
  const paths = journal.files.map(({ path }) => path);
  const files = new ImageFiles();
  for (const path of paths) files.add(path);
  const [hint] = files.useHints(paths, readLocks(), session.devices);
  if (hint === undefined) return;
  const path = typeof hint.data.path === 'string' ? hint.data.path : journal.image.path;
  throw new DeadboxError(
    'REPAIR_REFUSED',
    `${path} is in use: stop the machine, or unmount the disk, before its bytes are put back`,
    { data: { path } },
  );
}

function outcomeOf(journal: ReturnType<typeof readJournal>, options: UndoOptions): Parameters<typeof undoPage>[0] {
  const { sectors } = journalState(journal);
  const states = {} as Record<SectorState, number>;
  for (const state of sectors) states[state] = (states[state] ?? 0) + 1;
  const facts = { image: journal.image.path, createdAt: journal.createdAt, states };
  if (options.check === true) return facts;
  if (options.finish === true) return { ...facts, done: { kind: 'finished', ...finishRepair(journal) } };
  return { ...facts, done: { kind: 'undone', ...undoRepair(journal) } };
}
