import type { Tone } from '../document/phrase.js';
import { characterWidth, displayWidth } from './display-width.js';

/** Text as it will be shown, with its tone. */
export interface Run {
  readonly text: string;
  readonly tone: Tone | undefined;
  /** A command to copy: it stays on one line, however long it is. */
  readonly whole?: boolean;
}

/** Runs that no line break may part, and the space before them, which goes when a line begins with them. */
interface Cluster {
  space: string;
  runs: Run[];
  width: number;
  whole: boolean;
}

/**
 * Characters that must not begin a line (JIS X 4051: closing brackets, punctuation, small kana, sound and repeat
 * marks).
 */
const NOT_FIRST =
  '、。，．・：；？！゛゜ヽヾゝゞ々ー）］｝〉》」』】〕〗〙”’ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ％‰℃…‥,.:;?!)]}%';
/** Characters that must not end a line: opening brackets. */
const NOT_LAST = '（［｛〈《「『【〔〖〘“‘([{';

/**
 * Whether a line may end between two neighbouring characters: only beside a wide one, so never inside an ASCII word.
 */
function mayBreak(before: string, after: string): boolean {
  if (NOT_FIRST.includes(after) || NOT_LAST.includes(before)) return false;
  const width = characterWidth(after);
  return width !== 0 && (width === 2 || characterWidth(before) === 2);
}

/** The clusters of a text one at a time: of a text of millions of words nothing but the line is held. */
function* clustersOf(runs: readonly Run[]): Generator<Cluster> {
  let cluster: Cluster | undefined;
  let before = ' ';
  let space = '';
  for (const { text, tone, whole = false } of runs) {
    for (const word of whole ? [text] : wordsOf(text)) {
      if (!whole && word.startsWith(' ')) {
        space += word;
        before = ' ';
        continue;
      }
      for (const piece of whole ? [word] : piecesOf(word)) {
        const first = firstCharacter(piece);
        const opens =
          before === ' ' ? !(NOT_FIRST.includes(first) && characterWidth(first) === 2) : mayBreak(before, first);
        if (cluster === undefined || opens) {
          if (cluster !== undefined) yield cluster;
          cluster = { space, runs: [], width: 0, whole: false };
        } else if (before === ' ') addText(cluster, space, tone);
        space = '';
        addText(cluster, piece, tone);
        if (whole) cluster.whole = true;
        before = lastCharacter(piece);
      }
    }
  }
  if (cluster !== undefined) yield cluster;
}

function addText(cluster: Cluster, text: string, tone: Tone | undefined): void {
  const last = cluster.runs.at(-1);
  if (last !== undefined && last.tone === tone)
    cluster.runs[cluster.runs.length - 1] = { text: last.text + text, tone };
  else cluster.runs.push({ text, tone });
  cluster.width += displayWidth(text);
}

/** Runs of spaces, and what stands between them. */
function* wordsOf(text: string): Generator<string> {
  const pattern = / +|[^ ]+/g;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) yield found[0];
}

function firstCharacter(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) as number);
}

function lastCharacter(text: string): string {
  const unit = text.at(-1) ?? '';
  const isPair = text.length > 1 && unit >= '\udc00' && unit <= '\udfff';
  return isPair ? text.slice(-2) : unit;
}

/** A word cut where lines may end inside it. */
function* piecesOf(word: string): Generator<string> {
  let start = 0;
  let end = 0;
  let before = '';
  for (const character of word) {
    if (before !== '' && mayBreak(before, character)) {
      yield word.slice(start, end);
      start = end;
    }
    end += character.length;
    before = character;
  }
  yield word.slice(start);
}

/** A cluster that is wider than a line, cut into lines. */
function* cut(cluster: Cluster, width: number): Generator<Cluster> {
  const whole = cluster.runs.map(({ text }) => text).join('');
  const ends = cluster.runs.map(({ text }) => text.length);
  let { space } = cluster;
  let run = 0;
  for (let start = 0, end = 0; start < whole.length; start = end) {
    end = endOfLine(whole, start, width);
    const runs: Run[] = [];
    for (let at = start; at < end; ) {
      const length = Math.min(ends[run], end - at);
      runs.push({ text: whole.slice(at, at + length), tone: cluster.runs[run].tone });
      at += length;
      ends[run] -= length;
      if (ends[run] === 0) run += 1;
    }
    yield { space, runs, whole: false, width: displayWidth(whole.slice(start, end)) };
    space = '';
  }
}

/** Where a line that begins at `start` ends: after a separator where there is one in its last half. */
function endOfLine(text: string, start: number, width: number): number {
  let columns = 0;
  let characters = 0;
  let end = start;
  let separator = { end, characters };
  while (end < text.length) {
    const character = firstCharacter(text.slice(end, end + 2));
    columns += characterWidth(character);
    if (columns > width && end > start) break;
    end += character.length;
    characters += 1;
    if ('/\\-_,;&='.includes(character)) separator = { end, characters };
  }
  return end < text.length && separator.characters > characters / 2 ? separator.end : end;
}

/** Neighbours of one tone in one run. Their texts are joined: added to each other, every step of it would be kept. */
function merge(runs: readonly Run[]): Run[] {
  const merged: Run[] = [];
  for (let start = 0, end = 0; start < runs.length; start = end) {
    const { tone } = runs[start];
    while (end < runs.length && runs[end].tone === tone) end += 1;
    const alike = runs.slice(start, end);
    merged.push({ ...alike[0], text: alike.map(({ text }) => text).join('') });
  }
  return merged;
}

/**
 * Breaks text into lines of at most `width` columns: at spaces and beside wide characters, by the rules for Japanese;
 * only what is longer than a line is cut elsewhere, and a command nowhere.
 */
export function breakLines(runs: readonly Run[], width: number): Run[][] {
  const lines: Run[][] = [];
  let line: Run[] = [];
  let columns = 0;
  for (const whole of clustersOf(runs)) {
    for (const cluster of whole.width > width && !whole.whole ? cut(whole, width) : [whole]) {
      const fits = line.length === 0 || columns + cluster.space.length + cluster.width <= width;
      if (!fits) {
        lines.push(merge(line));
        line = [];
        columns = 0;
      }
      if (line.length > 0 && cluster.space !== '') {
        line.push({ text: cluster.space, tone: undefined });
        columns += cluster.space.length;
      }
      for (const run of cluster.runs) line.push(run);
      columns += cluster.width;
    }
  }
  if (line.length > 0) lines.push(merge(line));
  return lines;
}
