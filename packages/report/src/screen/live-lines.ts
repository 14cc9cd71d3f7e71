import { concat, data, type Phrase, type Span, text } from '../document/phrase.js';
import type { Language } from '../words/language.js';
import type { RunCount } from '../words/runs/run-words.js';
import { clipName, clipPhrase } from './clip-phrase.js';

/** How far a run is. */
export interface RunState {
  readonly images: number;
  readonly done: number;
  readonly counts: Readonly<Record<RunCount, number>>;
  /** Images a second; `undefined` while nothing tells. */
  readonly rate: number | undefined;
  /** What each worker does now, and for how many seconds; `undefined` for one that waits. */
  readonly workers: readonly ({ readonly name: string; readonly seconds: number } | undefined)[];
}

const BAR = 20;
/** Workers shown; more would push the rest off the screen. */
const MAX_WORKERS = 16;
const TONES = { act: 'bad', blocked: 'doubt', look: 'doubt', failed: 'bad', well: 'good' } as const;

/** One line: how far, how fast, how long. */
export function stateLine({ images, done, rate }: RunState, { runs, common }: Language): Phrase {
  const percent = images === 0 ? 100 : Math.floor((done / images) * 100);
  const parts: Span[] = [text(`${runs.done(done, images)} (${percent} %)`, 'strong')];
  if (rate !== undefined) parts.push(text(runs.rate(rate < 10 ? rate.toFixed(1) : String(Math.round(rate)))));
  if (rate !== undefined && rate > 0 && done < images) parts.push(text(runs.left(clockTime((images - done) / rate))));
  return common.list(parts);
}

/** What the images came to so far; what there is none of is left out. */
export function countsLine({ counts }: RunState, { runs, common }: Language): Phrase {
  const shown = (['act', 'blocked', 'look', 'failed', 'well'] as const).filter((count) => counts[count] > 0);
  return common.list(shown.map((count) => text(runs.counts[count](counts[count]), TONES[count])));
}

/** The live view: each line fits into `columns`. */
export function liveLines(state: RunState, columns: number, language: Language): Phrase[] {
  const filled = state.images === 0 ? BAR : Math.floor((state.done / state.images) * BAR);
  const bar =
    columns < 3 * BAR ? [] : [text('━'.repeat(filled), 'good'), text('━'.repeat(BAR - filled), 'faint'), text(' ')];
  const workers = state.workers.slice(0, MAX_WORKERS).map((worker, index): Phrase => {
    const number = text(`${String(index + 1).padStart(2)} `, 'faint');
    if (worker === undefined) return [number];
    // What is quick needs no clock.
    const clock = worker.seconds < 1 ? '' : ` ${language.runs.seconds(Math.floor(worker.seconds))}`;
    return [number, data(clipName(worker.name, columns - 3 - clock.length * 2)), text(clock, 'faint')];
  });
  return [concat(...bar, stateLine(state, language)), countsLine(state, language), ...workers].map((line) =>
    clipPhrase(line, columns),
  );
}

/** `0:07`, `12:30`, `3:05:00`. */
function clockTime(seconds: number): string {
  const whole = Math.max(Math.ceil(seconds), 0);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const two = (number: number): string => String(number).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
