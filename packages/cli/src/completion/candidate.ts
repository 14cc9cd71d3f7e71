/** A word, and what it is. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
}
