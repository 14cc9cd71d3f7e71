import { monotonicMilliseconds } from '@deadbox/core';
import { ansiPaint, noPaint, type Paint, type Phrase } from '@deadbox/report';
import { concat, countsLine, liveLines, type RunState, stateLine, text, textLine } from '@deadbox/report/internals';
import { type ImageOutline, isFailedOutline } from '@deadbox/triage';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { isTerminal, standardError } from '../output/standard-streams.node.js';

const EVERY_MS = 100;
/** Where there is no terminal, a line now and then shows that the run goes on. */
const LINE_EVERY_MS = 10_000;
/** The rate is that of the last seconds: of a run that was taken up, the first images took no time. */
const RATE_SPAN_MS = 15_000;

/** What a run does, on stderr while it does it. */
export class LiveView {
  readonly #session: Session;
  readonly #terminal: boolean;
  readonly #enabled: boolean;
  readonly #paint: Paint;
  readonly #images: number;
  readonly #counts: Record<keyof RunState['counts'], number> = { act: 0, blocked: 0, look: 0, failed: 0, well: 0 };
  readonly #workers: ({ name: string; since: number } | undefined)[];
  readonly #times: number[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  #done = 0;
  #shownLines = 0;

  /** @param run - `before`: what an earlier run had done already */
  constructor(
    session: Session,
    options: CommonOptions,
    run: { readonly jobs: number; readonly images: number; readonly before: readonly ImageOutline[] },
  ) {
    this.#session = session;
    this.#images = run.images;
    this.#workers = Array.from({ length: run.jobs });
    this.#enabled = options.quiet !== true && options.progress !== false;
    this.#terminal = isTerminal(2);
    this.#paint =
      this.#terminal && (process.env.NO_COLOR ?? '') === '' && options.color !== 'never' ? ansiPaint : noPaint;
    for (const outline of run.before) this.#count(outline);
    this.#times.push(monotonicMilliseconds());
    if (!this.#enabled) return;
    this.#timer = setInterval(() => this.#show(), this.#terminal ? EVERY_MS : LINE_EVERY_MS).unref();
  }

  /** A worker begins with an image. */
  begin(worker: number, name: string): void {
    this.#workers[worker] = { name, since: monotonicMilliseconds() };
  }

  /** A worker is done with its image. @param said - what there was to say of it */
  done(worker: number, outline: ImageOutline, said: readonly Phrase[]): void {
    this.#workers[worker] = undefined;
    this.#count(outline);
    this.#times.push(monotonicMilliseconds());
    if (this.#times.length > 4096) this.#times.splice(0, 2048);
    if (said.length === 0) return;
    this.#clear();
    for (const content of said) this.#session.say(content);
  }

  /** Takes the view away. */
  end(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #count(outline: ImageOutline): void {
    this.#done += 1;
    this.#counts[countOf(outline)] += 1;
  }

  #state(): RunState {
    const now = monotonicMilliseconds();
    const recent = this.#times.filter((time) => now - time < RATE_SPAN_MS);
    const [first] = recent.length > 1 ? recent : this.#times;
    const images = Math.max(recent.length - 1, 0);
    return {
      images: this.#images,
      done: this.#done,
      counts: this.#counts,
      rate: images < 2 ? undefined : (images / Math.max(now - first, 1)) * 1000,
      workers: this.#workers.map((worker) =>
        worker === undefined ? undefined : { name: worker.name, seconds: (now - worker.since) / 1000 },
      ),
    };
  }

  #show(): void {
    const { language } = this.#session;
    const state = this.#state();
    if (!this.#terminal) {
      const separator = text('; ');
      standardError().write(
        `${textLine(concat(text('deadbox: '), stateLine(state, language), separator, countsLine(state, language)))}\n`,
      );
      return;
    }
    const columns = Math.max((standardError().columns || 80) - 1, 20);
    const lines = liveLines(state, columns, language).map((line) => `${textLine(line, this.#paint)}\u001b[K`);
    standardError().write(`${this.#home()}${lines.join('\n')}\n\u001b[J`);
    this.#shownLines = lines.length;
  }

  /** Back to where the view begins. */
  #home(): string {
    return this.#shownLines === 0 ? '' : `\u001b[${this.#shownLines}A\r`;
  }

  #clear(): void {
    if (this.#shownLines === 0) return;
    standardError().write(`${this.#home()}\u001b[J`);
    this.#shownLines = 0;
  }
}

function countOf(outline: ImageOutline): keyof RunState['counts'] {
  if (isFailedOutline(outline)) return 'failed';
  if (outline.severity === 'act') return 'act';
  if (outline.verdict === 'blocked-encrypted') return 'blocked';
  return outline.severity === 'none' ? 'well' : 'look';
}
