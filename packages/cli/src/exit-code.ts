/** Exit codes of verbs other than `scan`; those of `scan` follow from the report. */
export const EXIT = { ok: 0, notFound: 1, error: 2, locked: 3, interrupted: 130 } as const;

/** A message for the operator with the exit code it ends the program with. */
export class UsageError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.error) {
    super(message);
    this.exitCode = exitCode;
  }
}
