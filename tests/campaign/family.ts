/** Random numbers of one case: the same seed gives the same ones. */
export interface Numbers {
  /** A whole number from 0 to `end - 1`. */
  below(end: number): number;
  /** From `first` to `last`, both included; small ones as often as large ones. */
  scaled(first: number, last: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** What the two sides disagree on. */
export interface Difference {
  /** Which question they answered differently; a case stays the same failure while this does. */
  readonly kind: string;
  /** Both answers, with bytes where bytes differ. */
  readonly detail: string;
}

/**
 * How large the cases of a family are: `small` ones are for the tests, `dense` ones are many small inputs at the price
 * of few, for long campaigns.
 */
export type Scale = 'small' | 'dense' | 'full';

/**
 * A kind of random input that another program writes or reads, too. A case is plain data, so that it can be kept and
 * made smaller.
 */
export interface Family<Case = unknown> {
  readonly name: string;
  /** Programs without which it does not run. */
  readonly tools: readonly string[];
  /** Whether it mounts: root with /dev/fuse. */
  readonly mounts?: boolean;
  draw(numbers: Numbers, scale: Scale): Case;
  /** Inputs in a case; one where it does not say. */
  count?(one: Case): number;
  /**
   * Makes the input in `folder`, an empty one, and has both sides read it.
   * @returns what they disagree on, nothing when they agree
   * @throws PeerRefused when the other program does not make such an input
   */
  run(one: Case, folder: string): Promise<readonly Difference[]>;
}

/** The other program did not want to make this input, so there is nothing to compare. */
export class PeerRefused extends Error {}

/** Does what the other program has to do first; its refusal ends the case. */
export function made<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new PeerRefused(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** At most the first few of many differences, each as a line. */
export function difference(kind: string, lines: readonly string[]): Difference[] {
  if (lines.length === 0) return [];
  const more = lines.length > 5 ? [`and ${lines.length - 5} more`] : [];
  return [{ kind, detail: [...lines.slice(0, 5), ...more].join('\n    ') }];
}

/** Compares two sets of facts by key; both sides' words stand in the lines. */
export function compareFacts(
  kind: string,
  ours: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string>,
): Difference[] {
  const lines: string[] = [];
  for (const [key, fact] of theirs)
    if (ours.get(key) !== fact) lines.push(`${JSON.stringify(key)}: they ${fact}, we ${ours.get(key) ?? 'nothing'}`);
  for (const [key, fact] of ours) if (!theirs.has(key)) lines.push(`${JSON.stringify(key)}: they nothing, we ${fact}`);
  return difference(kind, lines);
}

/** Where two contents differ first, with a few bytes of both. */
export function compareBytes(kind: string, ours: Uint8Array, theirs: Uint8Array): Difference[] {
  if (Buffer.compare(ours, theirs) === 0) return [];
  let at = 0;
  while (at < Math.min(ours.length, theirs.length) && ours[at] === theirs[at]) at += 1;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(at, at + 16)).toString('hex');
  return difference(kind, [
    `at byte ${at}: they ${hex(theirs)} of ${theirs.length} bytes, we ${hex(ours)} of ${ours.length}`,
  ]);
}
