import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { type DeadboxError, isDeadboxError } from '@deadbox/core';
import { jsonText } from '@deadbox/report/internals';
import { isFailedOutline } from '@deadbox/triage';
import { usageError } from '../exit-code.js';
import { JournalFile } from '../output/journal-file.node.js';
import { fingerprintOf, JOURNAL_SCHEMA, type JournalHead, type JournalImage } from './journal.js';
import { journalLine, packReport } from './kept-report.node.js';
import { loadJournal } from './merge-journals.node.js';
import type { RunResults } from './results.node.js';
import { stillHolds } from './resume.node.js';
import type { RunTask } from './run-tasks.node.js';

/** The journal of a run: takes every report as soon as it is there. */
export class RunJournal {
  readonly #file: JournalFile;
  #failure: DeadboxError | undefined;

  constructor(path: string, head: JournalHead) {
    this.#file = new JournalFile(path);
    this.add(new TextEncoder().encode(`${jsonText(head)}\n`));
  }

  /** What kept the journal from being written; the run goes on. */
  get failure(): DeadboxError | undefined {
    return this.#failure;
  }

  /** Adds a line. */
  add(line: Uint8Array): void {
    try {
      this.#file.append(line);
    } catch (error) {
      if (!isDeadboxError(error)) throw error;
      this.#failure ??= error;
    }
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * A journal line as bytes.
 * @param json - of the image, as `jsonText` gives it
 */
export function lineOf(line: Omit<JournalImage, 'image'>, json: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${jsonText(line).slice(0, -1)},"image":${json}}\n`);
}

/** The first line of a run. */
export function headOf(facts: Pick<JournalHead, 'shard' | 'images' | 'provenance'>): JournalHead {
  return { schema: JOURNAL_SCHEMA, type: 'run', run: randomUUID(), ...facts };
}

/**
 * Takes over what an earlier run left in the journal at `path`, and gives what is still to do.
 * @throws UsageError when the journal is of another run or version
 */
export function takeOver(path: string, head: JournalHead, tasks: readonly RunTask[], results: RunResults): RunTask[] {
  if (!existsSync(path) || statSync(path).size === 0) return [...tasks];
  const { head: before, images, file } = loadJournal(path);
  try {
    if (fingerprintOf(before) !== fingerprintOf(head) || before.shard !== head.shard)
      throw usageError('journal-other-run', { path, other: null });
    const known = tasks.filter(({ key }) => images.has(key));
    // Images come and go in a folder; where none is left, it is another folder.
    if (known.length === 0 && images.size > 0) throw usageError('journal-other-run', { path, other: null });
    return tasks.filter(({ key, index, target }) => {
      const kept = images.get(key);
      if (kept === undefined || target.silent === true || isFailedOutline(kept.outline)) return true;
      const line = journalLine(kept);
      if (line === undefined || !stillHolds(line.files)) return true;
      // Packed: a run of hours must not depend on what becomes of the journal's file meanwhile.
      results.add(packReport(index, line.image, line.sameAs));
      return false;
    });
  } finally {
    file.close();
  }
}
