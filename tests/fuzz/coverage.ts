import { Session } from 'node:inspector/promises';

/** Blocks of the code under test that were run, from V8: an input that reaches a new one is worth keeping. */
export class BlockCoverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();
  readonly #url: string;

  /** @param url - of the module that counts */
  constructor(url: string) {
    this.#url = url;
  }

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** How many blocks were run, since the last call, that never were before. */
  async fresh(): Promise<number> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    let fresh = 0;
    for (const script of result) {
      if (script.url !== this.#url) continue;
      for (const { ranges } of script.functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          const key = `${startOffset} ${endOffset}`;
          if (count === 0 || this.#seen.has(key)) continue;
          this.#seen.add(key);
          fresh += 1;
        }
      }
    }
    return fresh;
  }

  get blocks(): number {
    return this.#seen.size;
  }
}
