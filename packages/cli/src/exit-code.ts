import { type Problem, type UsageFacts, type UsageId } from '@deadbox/report/internals';

/** Exit codes of verbs other than `scan`; those of `scan` follow from the report. */
export const EXIT = { ok: 0, notFound: 1, error: 2, locked: 3, interrupted: 130 } as const;

/**
 * A verb was called in a way that it cannot follow: what was wrong, and the exit code that it ends the program with.
 */
export class UsageError extends Error {
  readonly problem: Problem;
  readonly exitCode: number;

  constructor(problem: Problem, exitCode: number = EXIT.error) {
    super(problem.id);
    this.problem = problem;
    this.exitCode = exitCode;
  }
}

/** A fault of the arguments, by id with its facts. */
export function usageError<Id extends UsageId>(
  id: Id,
  facts: UsageFacts[Id],
  exitCode: number = EXIT.error,
): UsageError {
  return new UsageError({ id, facts } as unknown as Problem, exitCode);
}

/** Whoever reads the output has closed it (`| head`). */
export class OutputClosed extends Error {}
