import { compareNames, type UpCase } from '@deadbox/ntfs';

/** Characters that replace one of a name, in the order of trial; all are legal in long and in short names. */
const REPLACEMENTS = '_-0~z!#$%&@^`{}';

/** One name with a single character replaced. */
export interface NameChange {
  readonly name: string;
  /** Index of the changed code unit. */
  readonly at: number;
}

/**
 * Equally long names that no `*.ext` or `NAME*.ext` pattern matches: the extension's last character first, since a
 * neighbour can be passed only by a name that agrees with it in all the characters before.
 */
export function* nameCandidates(name: string): Generator<NameChange> {
  const dot = name.lastIndexOf('.');
  const first = dot < 0 || dot === name.length - 1 ? 0 : dot + 1;
  for (let at = name.length - 1; at >= first; at -= 1) {
    for (const replacement of REPLACEMENTS) {
      if (name[at].toLowerCase() === replacement.toLowerCase() || name.charCodeAt(at) > 0x7e) continue;
      yield { name: name.slice(0, at) + replacement + name.slice(at + 1), at };
    }
  }
}

/** A name of the directory in the order of its index; `units` are compared as NTFS does. */
export interface OrderedName {
  readonly name: string;
}

/**
 * Whether `names[index]` may become `name`: still between its neighbours, and unlike every other name but for case.
 * @param names - all names of the directory, in the order of the index
 */
export function keepsOrder(names: readonly OrderedName[], index: number, name: string, upCase: UpCase): boolean {
  const before = names[index - 1];
  const after = names[index + 1];
  if (before !== undefined && compareNames(before.name, name, upCase) >= 0) return false;
  if (after !== undefined && compareNames(name, after.name, upCase) >= 0) return false;
  return true;
}
