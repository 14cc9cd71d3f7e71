import { formatSize } from '@deadbox/report';

const EVERY_MS = 200;

/** A line on stderr with amount, rate and time left; silent unless stderr is a terminal. */
export class Progress {
  readonly #label: string;
  readonly #enabled: boolean;
  readonly #started = performance.now();
  #last = 0;
  #shown = false;

  /** @param enabled - `false` for `--quiet` and `--no-progress` */
  constructor(label: string, enabled: boolean) {
    this.#label = label;
    this.#enabled = enabled && process.stderr.isTTY;
  }

  /** Tells how far the work is, in bytes. */
  readonly update = (done: number, total: number): void => {
    const now = performance.now();
    if (!this.#enabled || now - this.#last < EVERY_MS) return;
    this.#last = now;
    const seconds = (now - this.#started) / 1000;
    const rate = done / Math.max(seconds, 0.001);
    const left = rate > 0 ? Math.ceil((total - done) / rate) : 0;
    const percent = total > 0 ? Math.floor((done / total) * 100) : 0;
    this.#show(
      `${this.#label}: ${percent} %, ${formatSize(done)} of ${formatSize(total)}, ${formatSize(rate)}/s, ${left} s left`,
    );
  };

  /** Shows a step without an amount. */
  readonly step = (text: string): void => {
    if (this.#enabled) this.#show(`${this.#label}: ${text}`);
  };

  /** Takes the line away. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K');
    this.#shown = false;
  }

  #show(text: string): void {
    const width = process.stderr.columns ?? 80;
    process.stderr.write(`\r\u001b[K${text.slice(0, Math.max(width - 1, 10))}`);
    this.#shown = true;
  }
}
