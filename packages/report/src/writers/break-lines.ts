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

function clustersOf(runs: readonly Run[]): Cluster[] {
  const clusters: Cluster[] = [];
  let before = ' ';
  let space = '';
  const open = (): void => void clusters.push({ space, runs: [], width: 0, whole: false });
  const add = (text: string, tone: Tone | undefined): void => {
    const cluster = clusters.at(-1) as Cluster;
    const last = cluster.runs.at(-1);
    if (last?.tone === tone && last !== undefined)
      cluster.runs[cluster.runs.length - 1] = { text: last.text + text, tone };
    else cluster.runs.push({ text, tone });
    cluster.width += displayWidth(text);
  };
  for (const { text, tone, whole = false } of runs) {
    for (const word of whole ? [text] : (text.match(/ +|[^ ]+/g) ?? [])) {
      if (!whole && word.startsWith(' ')) {
        space += word;
        before = ' ';
        continue;
      }
      for (const piece of whole ? [word] : piecesOf(word)) {
        const first = String.fromCodePoint(piece.codePointAt(0) as number);
        if (clusters.length === 0) open();
        else if (before === ' ' && !(NOT_FIRST.includes(first) && characterWidth(first) === 2)) open();
        else if (before === ' ') add(space, tone);
        else if (mayBreak(before, first)) open();
        space = '';
        add(piece, tone);
        if (whole) (clusters.at(-1) as Cluster).whole = true;
        before = lastCharacter(piece);
      }
    }
  }
  return clusters;
}

function lastCharacter(text: string): string {
  return Array.from(text).at(-1) ?? '';
}

/** A word cut where lines may end inside it. */
function piecesOf(word: string): string[] {
  const pieces: string[] = [];
  let before = '';
  for (const character of word) {
    const last = pieces.length - 1;
    if (last < 0 || mayBreak(before, character)) pieces.push(character);
    else pieces[last] = `${pieces[last]}${character}`;
    before = character;
  }
  return pieces;
}

/** A cluster that is wider than a line, cut: after a separator where there is one in the last half of the line. */
function cut(cluster: Cluster, width: number): Cluster[] {
  const cuts: Cluster[] = [];
  let rest: { character: string; tone: Tone | undefined }[] = cluster.runs.flatMap(({ text, tone }) =>
    Array.from(text, (character) => ({ character, tone })),
  );
  while (rest.length > 0) {
    let columns = 0;
    let end = 0;
    while (end < rest.length && columns + characterWidth(rest[end].character) <= width) {
      columns += characterWidth(rest[end].character);
      end += 1;
    }
    end = Math.max(end, 1);
    if (end < rest.length) {
      const separator = rest.slice(0, end).findLastIndex(({ character }) => '/\\-_,;&='.includes(character)) + 1;
      if (separator > end / 2) end = separator;
    }
    const piece = rest.slice(0, end);
    rest = rest.slice(end);
    const runs = merge(piece.map(({ character, tone }) => ({ text: character, tone })));
    cuts.push({
      space: cuts.length === 0 ? cluster.space : '',
      runs,
      whole: false,
      width: runs.reduce((sum, { text }) => sum + displayWidth(text), 0),
    });
  }
  return cuts;
}

/** Neighbours of one tone in one run. */
function merge(runs: readonly Run[]): Run[] {
  const merged: Run[] = [];
  for (const run of runs) {
    const last = merged.at(-1);
    if (last !== undefined && last.tone === run.tone)
      merged[merged.length - 1] = { ...last, text: last.text + run.text };
    else merged.push(run);
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
