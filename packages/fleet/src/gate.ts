/** Lets images be judged together, and those under suspicion alone: what ends the process then is known. */
export class Gate {
  #together = 0;
  #alone = false;
  readonly #waiting: (() => void)[] = [];

  /** Waits for its turn. Gives what ends it. */
  async enter(alone: boolean): Promise<() => void> {
    while (this.#isClosed(alone)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (alone) this.#alone = true;
    else this.#together += 1;
    return () => {
      if (alone) this.#alone = false;
      else this.#together -= 1;
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  #isClosed(alone: boolean): boolean {
    return this.#alone || (alone && this.#together > 0);
  }
}
