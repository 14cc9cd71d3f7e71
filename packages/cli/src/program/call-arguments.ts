/** The arguments of a call in their order, as the parser of the command line gives them. */
export class CallArguments {
  readonly #values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  /** One that must be there. */
  text(index: number): string {
    return this.#values[index] as string;
  }

  /** One that may be absent. */
  optional(index: number): string | undefined {
    return this.#values[index] as string | undefined;
  }

  /** The last one, where it ends with `...`. */
  list(index: number): string[] {
    return this.#values[index] as string[];
  }

  /** All that stand at that place: none, one or a list. */
  all(index: number): string[] {
    const value = this.#values[index] as string | string[] | undefined;
    return value === undefined ? [] : [value].flat();
  }
}
