/** A rule's path with the environment filled in: a fixed folder, and what is matched below it. */
export interface PathPattern {
  /** Absolute folder with `/`, without wildcards. */
  readonly folder: string;
  /** Fixed beginning of the name, for range lookups; empty when it begins with a wildcard. */
  readonly prefix: string;
  /** The last part with `*` and `?`. */
  readonly name: string;
  /** Whether `**` stands between folder and name: any depth below. */
  readonly deep: boolean;
}

/**
 * Resolves a rule path of one installation. Wildcards may stand in the last part, and `**` as the part before it.
 * @param root - path of the Windows folder, e.g. `/Windows`
 */
export function resolvePattern(path: string, root: string): PathPattern {
  const filled = path
    .replace(/^%%environ_systemroot%%/i, root)
    .replace(/^%%environ_systemdrive%%/i, '')
    .replace(/^%%environ_programfiles%%/i, '/Program Files');
  const parts = filled.split(/[\\/]/).filter((part) => part !== '');
  const name = parts.pop() ?? '';
  const deep = parts.at(-1) === '**';
  if (deep) parts.pop();
  return { folder: `/${parts.join('/')}`, prefix: /^[^*?]*/.exec(name)?.[0] ?? '', name, deep };
}

/** Whether `name` matches a pattern with `*` and `?`, without regard to case (ASCII rules name ASCII files). */
export function matchesName(pattern: string, name: string): boolean {
  const p = pattern.toUpperCase();
  const n = name.toUpperCase();
  // Greedy matching with one point of return: linear in practice, never exponential.
  let at = 0;
  let star = -1;
  let resume = 0;
  let i = 0;
  while (i < n.length) {
    if (at < p.length && p[at] === '*') {
      star = at;
      resume = i;
      at += 1;
    } else if (at < p.length && (p[at] === '?' || p[at] === n[i])) {
      at += 1;
      i += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      i = resume;
    } else return false;
  }
  while (at < p.length && p[at] === '*') at += 1;
  return at === p.length;
}
