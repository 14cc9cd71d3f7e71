import { monotonicMilliseconds } from '@deadbox/core';
import { type Language, type Phrase } from '@deadbox/report';
import { clipColumns, textLine } from '@deadbox/report/internals';
import { isTerminal, standardError } from './standard-streams.node.js';

const EVERY_MS = 200;

/** What work is shown. */
export type ProgressLabel = keyof Language['notices']['labels'];

/** A line on stderr with amount, rate and time left; silent unless stderr is a terminal. */
export class Progress {
  readonly #label: string;
  readonly #language: Language;
  readonly #enabled: boolean;
  readonly #started = monotonicMilliseconds();
  #last = 0;
  #shown = false;

  /**
   * @param label - of the work; other text is a name
   * @param enabled - `false` for `--quiet` and `--no-progress`
   */
  constructor(label: string, language: Language, enabled: boolean) {
    this.#label = label;
    this.#language = language;
    this.#enabled = enabled && isTerminal(2);
  }

  /** Tells how far the work is, in bytes. */
  readonly update = (done: number, total: number): void => {
    const now = monotonicMilliseconds();
    if (!this.#enabled || now - this.#last < EVERY_MS) return;
    this.#last = now;
    const seconds = (now - this.#started) / 1000;
    const rate = done / Math.max(seconds, 0.001);
    const { common, notices } = this.#language;
    this.#show(
      notices.progress({
        percent: total > 0 ? Math.floor((done / total) * 100) : 0,
        done: common.size(done),
        total: common.size(total),
        rate: common.size(rate),
        secondsLeft: rate > 0 ? Math.ceil((total - done) / rate) : 0,
      }),
    );
  };

  /** Shows a step without an amount. */
  readonly step = (content: Phrase): void => {
    if (this.#enabled) this.#show(content);
  };

  /** Takes the line away. */
  end(): void {
    if (this.#shown) standardError().write('\r\u001b[K');
    this.#shown = false;
  }

  #show(content: Phrase): void {
    const width = standardError().columns || 80;
    const line = textLine(this.#language.common.labelled(this.#label, content));
    standardError().write(`\r\u001b[K${clipColumns(line, Math.max(width - 1, 10))}`);
    this.#shown = true;
  }
}
