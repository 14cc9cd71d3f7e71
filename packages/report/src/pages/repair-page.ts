import type { ByteEdit, Refusal, RepairOperation, RepairPlan, RepairProblem } from '@deadbox/repair';
import { type Block, type Document, group, heading, paragraph } from '../document/document.js';
import { code, data, type Phrase, text } from '../document/phrase.js';
import { shellWord } from '../document/shell-word.js';
import type { RepairWords, UnexaminedVerdict } from '../words/repair-words.js';
import { type PageOptions, Reader } from './page.js';

/** Places that are shown of one operation; blanking a file has thousands. */
const SHOWN_EDITS = 12;
/** Digits of a place that are shown. */
const SHOWN_DIGITS = 24;

/** What became of a plan. */
export interface RepairOutcome {
  readonly image: string;
  readonly plan: RepairPlan;
  /** The command that writes it; absent once it was written. */
  readonly command?: string;
  readonly written?: { readonly sectors: number; readonly changedBytes: number; readonly undo: string };
  readonly overlay?: string;
  /** What a fresh look found wrong. */
  readonly problems?: readonly RepairProblem[];
  readonly before?: string;
  readonly after?: string;
}

/** The plan of a repair in words and as a diff of bytes, and what became of it. */
export function repairPage(outcome: RepairOutcome, options: PageOptions = {}): Document {
  const reader = new Reader(options);
  const words = reader.language.repair;
  const { operations, refusals } = outcome.plan;
  const body: Block[] = operations.flatMap((operation) => operationBlocks(operation, reader));
  for (const refusal of refusals) body.push(paragraph(refusalPhrase(refusal, reader)));
  if (operations.length === 0)
    body.push(paragraph(refusals.length === 0 ? nothingPlanned(outcome, words) : words.onlyRefusals));
  return [heading(1, words.planOf([data(outcome.image, 'strong')])), group(...body, ...outcomeBlocks(outcome, reader))];
}

/** Whether nobody could look at the disk: an empty plan is then no proof that nothing is to be repaired. */
export function isUnexamined(before: string | undefined): before is UnexaminedVerdict {
  return before === 'blocked-encrypted' || before === 'unreadable';
}

function nothingPlanned({ before }: RepairOutcome, { nothing, unexamined }: RepairWords): Phrase {
  return isUnexamined(before) ? unexamined[before] : nothing;
}

function operationBlocks({ id, edits, data: facts }: RepairOperation, reader: Reader): Block[] {
  const words = reader.language.repair;
  const rows = edits.slice(0, SHOWN_EDITS).map((edit) => editRow(edit, reader));
  const count = edits.reduce((sum, edit) => sum + changedBytes(edit), 0);
  return [
    paragraph(words.operations[id](reader.facts(facts))),
    group(
      { kind: 'table', head: words.columns, rows },
      ...(edits.length > SHOWN_EDITS ? [paragraph(words.moreEdits(edits.length - SHOWN_EDITS))] : []),
      paragraph(words.bytes(count)),
    ),
  ];
}

/** A byte may be overwritten by what it is. */
function changedBytes({ before, after }: ByteEdit): number {
  let count = 0;
  for (let at = 0; at < after.length; at += 2) if (before.slice(at, at + 2) !== after.slice(at, at + 2)) count += 1;
  return count;
}

function editRow({ volume, offset, what, before, after }: ByteEdit, reader: Reader): Phrase[] {
  const words = reader.language.repair;
  return [words.place(volume, offset), [text(words.targets[what])], [code(digits(before))], [code(digits(after))]];
}

function digits(hex: string): string {
  return hex.length > SHOWN_DIGITS ? `${hex.slice(0, SHOWN_DIGITS)}…` : hex;
}

/** A refusal in one sentence: what was to be done, and why it is not. */
export function refusalPhrase({ id, operation, data: facts }: Refusal, reader: Reader): Phrase {
  const words = reader.language.repair;
  const what = facts.path ?? facts.name;
  return words.refused(
    words.names[operation],
    typeof what === 'string' ? [data(what)] : undefined,
    words.refusals[id](reader.facts(facts)),
  );
}

function outcomeBlocks(
  { image, command, written, overlay, problems, before, after }: RepairOutcome,
  reader: Reader,
): Block[] {
  const words = reader.language.repair;
  const said: Block[] = [];
  const showCommand = (line: string): void => void said.push({ kind: 'code', text: line });
  const say = (phrase: Phrase): void => void said.push(paragraph(phrase));
  if (written !== undefined) {
    say(words.written(written.sectors, written.changedBytes));
    showCommand(`deadbox undo ${shellWord(written.undo)}`);
  }
  if (overlay !== undefined) say(words.overlayWritten(overlay, image));
  if (problems?.length === 0) say(words.verified);
  for (const { id, data: facts } of problems ?? []) say(words.problems[id](reader.facts(facts)));
  if (before !== undefined && after !== undefined) say(words.verdicts(before, after));
  if (command !== undefined) {
    say(words.howToWrite);
    showCommand(command);
  }
  return said;
}
