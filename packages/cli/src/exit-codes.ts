/**
 * Every exit code of every verb, by what it means. They are part of the interface: help, the manual page and
 * `docs/command-line.md` list them, and a number never changes its meaning. A verb that is interrupted gives 130,
 * whatever its table.
 */
export const EXIT_CODES = {
  scan: { nothingToActOn: 0, act: 1, error: 2, person: 3 },
  verify: { fits: 0, differs: 1, error: 2, nothingStored: 3 },
  why: { named: 0, none: 1, error: 2, locked: 3 },
  fix: { done: 0, planned: 1, error: 2, refused: 3 },
  others: { done: 0, notFound: 1, error: 2, locked: 3 },
} as const;
