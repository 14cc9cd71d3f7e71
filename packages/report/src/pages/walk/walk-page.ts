import type { Walk, WalkField, WalkPiece, WalkPointer, WalkStep, WalkTarget } from '@deadbox/triage/walk';
import {
  type Block,
  BREAK,
  type Document,
  type Field,
  fields,
  group,
  type HexMark,
  heading,
  paragraph,
} from '../../document/document.js';
import { code, concat, data, type Phrase, phrase, type Tone, text } from '../../document/phrase.js';
import { shellWord } from '../../document/shell-word.js';
import { plainText } from '../../words/facts.js';
import { formatCount } from '../../words/units.js';
import type { WalkWords } from '../../words/walk/walk-words.js';
import { type PageOptions, Reader } from '../page.js';

/** Words that `walk` needs besides those of every page. */
export interface WalkPageOptions extends PageOptions {
  readonly walk: WalkWords;
  /** Every field and every byte, not only those by which the walk goes on. */
  readonly all?: boolean;
}

const ROW = 16;
/** Rows shown of a step whose fields say nothing about which ones matter. */
const PLAIN_ROWS = 8;
const TONES: readonly Tone[] = ['good', 'doubt', 'strong'];
const MAX_VALUE = 60;

/** The way from sector 0 to a byte, one block a step. */
export function walkPage(walk: Walk, options: WalkPageOptions): Document {
  const reader = new Reader(options);
  const { walk: words } = options;
  const image = data(basenameOf(walk.image.path), 'strong');
  const end = walk.end === null ? [text(words.reached, 'good')] : words.ended(walk.end.code, data(walk.end.message));
  return [
    heading(1, words.title(data(targetText(walk.target), 'strong'), image)),
    group(paragraph(words.summary(walk.steps.length))),
    ...walk.steps.flatMap((step) => stepBlocks(step, words, reader, options.all === true)),
    BREAK,
    paragraph(end),
  ];
}

/** What a walk leads to, in the form in which the command line takes it. */
export function targetText(target: WalkTarget): string {
  switch (target.kind) {
    case 'file':
      return target.path;
    case 'registry': {
      const name = `${basenameOf(target.hive)}\\${target.key.replace(/^\\/, '')}`;
      return target.value === undefined ? name : `${name}\\${target.value}`;
    }
    case 'boot-log':
      return 'BOOTSTAT.DAT';
    case 'place':
      return target.what;
  }
}

function stepBlocks(step: WalkStep, words: WalkWords, reader: Reader, all: boolean): Block[] {
  const facts = reader.facts(step.data);
  const { question, lesson } = words.steps[step.id];
  const shown = all ? step.fields : step.fields.filter(({ key }) => key);
  const toned = shown.map((field, index) => ({ field, tone: TONES[index % TONES.length] }));
  const note = words.readings[step.reading];
  return [
    BREAK,
    heading(2, words.step(step.number, question(facts))),
    group(
      paragraph(lesson(facts)),
      fields(placeFields(step, words)),
      ...hexBlocks(step, toned, words, all),
      ...(toned.length === 0 ? [] : [fieldTable(toned, words)]),
      ...(note === '' ? [] : [paragraph([text(note, 'faint')])]),
      ...lastFields(step, words),
    ),
  ];
}

function placeFields(step: WalkStep, words: WalkWords): Field[] {
  const { labels } = words;
  const first = step.pieces[0]?.file ?? null;
  const list: Field[] = [];
  if (step.offset === null) list.push({ label: labels.disk, value: [text(words.onlyInFile)] });
  else list.push({ label: labels.disk, value: words.onDisk(step.offset, step.length) });
  if (typeof step.data.at === 'number') list.push({ label: labels.hive, value: [text(formatCount(step.data.at))] });
  list.push({
    label: labels.file,
    value: first === null ? [text(words.nowhere)] : words.inFile(first.offset, data(basenameOf(first.path))),
  });
  for (const { kind, file, bytes } of step.map)
    list.push({ label: labels.map, value: words.mapEntry(words.tables[kind], file.offset, spaced(bytes)) });
  return list;
}

interface TonedField {
  readonly field: WalkField;
  readonly tone: Tone;
}

function fieldTable(toned: readonly TonedField[], words: WalkWords): Block {
  const { at, field: name, value, meaning } = words.columns;
  return {
    kind: 'table',
    head: [at, name, value, meaning],
    rows: toned.map(({ field, tone }) => [
      [code(`+${field.at}`)],
      [code(field.name, tone)],
      valueOf(field),
      [text(words.meaning(field))],
    ]),
  };
}

function valueOf({ value, text: name }: WalkField): Phrase {
  const shown = value === null ? '–' : plainText(value);
  const cut = shown.length > MAX_VALUE ? `${shown.slice(0, MAX_VALUE)}…` : shown;
  return name === undefined ? [data(cut)] : phrase`${cut} (${name})`;
}

/** The rows that hold shown fields; those between them are counted. */
function hexBlocks(step: WalkStep, toned: readonly TonedField[], words: WalkWords, all: boolean): Block[] {
  const bytes = bytesOf(step.bytes);
  const rows = Math.ceil(bytes.length / ROW);
  const wanted = new Set<number>(all || rows <= PLAIN_ROWS ? Array.from({ length: rows }, (_, row) => row) : [0]);
  for (const { field } of toned)
    for (let row = Math.floor(field.at / ROW); row * ROW < field.at + Math.max(field.length, 1); row += 1)
      wanted.add(row);
  if (toned.length === 0) for (let row = 0; row < Math.min(rows, PLAIN_ROWS); row += 1) wanted.add(row);
  const blocks: Block[] = [];
  const base = step.offset ?? step.pieces[0]?.file?.offset ?? 0;
  for (let row = 0; row < rows; ) {
    let end = row;
    const isShown = wanted.has(row);
    while (end < rows && wanted.has(end) === isShown) end += 1;
    if (isShown) blocks.push(hexBlock(bytes, base, row * ROW, Math.min(end * ROW, bytes.length), toned));
    else blocks.push(paragraph([text(words.rowsLeftOut(end - row), 'faint')]));
    row = end;
  }
  return blocks;
}

function hexBlock(bytes: Uint8Array, base: number, from: number, to: number, toned: readonly TonedField[]): Block {
  const marks: HexMark[] = toned
    .filter(({ field }) => field.at < to && field.at + field.length > from)
    .map(({ field, tone }) => ({ at: field.at - from, length: field.length, tone }));
  return { kind: 'hex', offset: base + from, bytes: bytes.subarray(from, to), marks };
}

function lastFields(step: WalkStep, words: WalkWords): Block[] {
  const { labels } = words;
  const list: Field[] = step.next === null ? [] : [{ label: labels.next, value: sumOf(step.next, words) }];
  const checks = checkLines(step);
  for (const line of checks) list.push({ label: labels.check, value: [code(line)] });
  return list.length === 0 ? [] : [fields(list)];
}

/** The commands that show a step's bytes as the image has them, one for each piece. */
export function checkLines({ pieces }: WalkStep): string[] {
  return pieces.flatMap(({ file, length }: WalkPiece) =>
    file === null ? [] : [`xxd -s ${file.offset} -l ${length} ${shellWord(file.path)}`],
  );
}

function sumOf({ space, to, terms }: WalkPointer, words: WalkWords): Phrase {
  const parts = terms.map(({ id, value, times }) => {
    const name = text(words.terms[id]);
    return times === 1
      ? phrase`${text(formatCount(value))} (${name})`
      : phrase`${text(formatCount(value))} (${name}) × ${text(formatCount(times))}`;
  });
  const sum = parts.flatMap((part, index) => (index === 0 ? part : [text(' + '), ...part]));
  return concat(sum, text(' = '), text(formatCount(to), 'strong'), text(words.bytesOf(space)));
}

const spaced = (hex: string): string => (hex.match(/../g) ?? []).join(' ');

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The last part of a path, of either system. */
function basenameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) || path;
}
