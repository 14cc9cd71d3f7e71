import type { Issue } from '@deadbox/core';

/** A log that was replayed leaves the container whole; the obstacle tells of it. */
const HARMLESS: ReadonlySet<string> = new Set(['image.log-replayed']);

/**
 * The issues of an image after which nothing reassuring is said of its disk: something of the container is missing, or
 * does not fit what the rest of it says.
 */
export function containerDoubts(issues: readonly Issue[]): Issue[] {
  return issues.filter(({ code, severity }) => severity !== 'note' && !HARMLESS.has(code));
}
