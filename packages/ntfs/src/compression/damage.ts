/*
 * A decoder answers with one number, because an object for each chunk would cost more than the chunk: how many bytes
 * came out, or, below zero, where its input is damaged.
 */

/** The answer of a decoder whose input is damaged at, or near, `index`. */
export function damageAt(index: number): number {
  return -1 - index;
}

/** The index that a decoder's answer below zero names. */
export function damagedIndex(answer: number): number {
  return -1 - answer;
}

/** What an inner loop answers instead of the end of its output: its caller knows where the input stands. */
export const DAMAGED = -1;
