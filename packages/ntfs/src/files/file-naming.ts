import { type FileName, NameSpace, namePreference } from '../attributes/file-name.js';
import type { FileRecord } from '../record/file-record.js';
import type { FileReference } from '../record/file-reference.js';
import type { NamedReference } from './named-reference.js';

/** By which name and path a file was opened. */
export interface FileOrigin {
  /** The name by which the file was reached. */
  readonly name: string;
  /** Absolute path, names as stored. */
  readonly path: string;
  /** The name in its folder; absent for a file opened by number. */
  readonly entry?: NamedReference;
}

/** Whether the record still is what the reference meant. */
export function isAlive(base: FileRecord, reference: FileReference): boolean {
  return base.inUse && base.base === undefined && (reference.sequence === 0 || base.sequence === reference.sequence);
}

/** The long name that goes with an 8.3 name in the same directory. */
export function longNameFor(names: readonly FileName[], found: FileName): string {
  if (found.nameSpace !== NameSpace.dos) return found.name;
  return (
    names.find((name) => name.nameSpace === NameSpace.win32 && name.parent.record === found.parent.record)?.name ??
    found.name
  );
}

/** The name of a file that was opened by number. */
export function bestName(names: readonly FileName[]): FileName | undefined {
  let best: FileName | undefined;
  for (const name of names)
    if (best === undefined || namePreference(name.nameSpace) < namePreference(best.nameSpace)) best = name;
  return best;
}
