import { lastPathPart, percentDecoded, sameName } from '../text/recorded-path.js';
import type { Claim, ToldFile } from './told-parents.js';

/** An image that was made on another one. */
export interface ChildImage {
  /** File name; with its folder where a machine's description beside the image names it elsewhere. */
  readonly name: string;
  /** File name of the image that it was made on. */
  readonly parent: string;
  /** What tells: the identifiers that both record, or only the name that the child records. */
  readonly foundBy: 'identifier' | 'name';
}

/** An image with what it says of itself; its name is a path where it lies in another folder. */
export type Named = Pick<Claim, 'name' | 'self'>;

/**
 * The images that were made on one, and those that were made on them, nearest first.
 * @param itself - the image, by each of its names
 * @param files - what the files around it said
 * @param present - names and paths of all files, in small letters
 */
export function descendantsOf(
  itself: readonly Named[],
  files: readonly ToldFile[],
  present: ReadonlySet<string>,
): ChildImage[] {
  const claims = files.filter((file) => file !== undefined && 'reference' in file);
  const roots = [...itself, ...wholesOf(itself, files)];
  const found: ChildImage[] = [];
  const reached = new Set<string>(roots.map(({ name }) => name.toLowerCase()));
  const waiting: Named[] = [...roots];
  for (let parent = waiting.shift(); parent !== undefined; parent = waiting.shift()) {
    for (const claim of claims) {
      const key = claim.name.toLowerCase();
      const foundBy = reached.has(key) ? undefined : relation(claim, parent, present);
      if (foundBy === undefined) continue;
      reached.add(key);
      found.push({ name: claim.name, parent: parent.name, foundBy });
      waiting.push(claim);
    }
  }
  return found;
}

/** The images of which the image holds the bytes: what was made on them was made on it. */
function wholesOf(itself: readonly Named[], files: readonly ToldFile[]): Named[] {
  const names = new Set(itself.map(({ name }) => name.toLowerCase()));
  return files.flatMap((file) => {
    if (file === undefined || !('parts' in file)) return [];
    const folder = folderOf(file.name);
    return file.parts.some((part) => names.has((folder + part).toLowerCase())) ? [file] : [];
  });
}

/**
 * Whether `claim` is a child of `parent`. The right identifier alone counts when no file has the recorded name: copies
 * share identifiers.
 */
function relation(claim: Claim, parent: Named, present: ReadonlySet<string>): ChildImage['foundBy'] | undefined {
  const { reference } = claim;
  const isSame = (wanted: string | undefined, found: string | undefined): boolean =>
    wanted !== undefined && found !== undefined && sameName(wanted, found);
  const byId =
    isSame(reference.id, parent.self?.id) ||
    (reference.id === undefined && reference.states?.some((state) => isSame(state, parent.self?.state)) === true);
  const isNamed = reference.names.some((recorded) => leadsTo(recorded, claim.name, parent.name, present));
  if (isNamed) return byId ? 'identifier' : 'name';
  if (!byId) return undefined;
  const folders = new Set([folderOf(claim.name), folderOf(parent.name)]);
  const isElsewhere = reference.names.some((recorded) => {
    const name = lastPathPart(recorded)?.toLowerCase();
    return name !== undefined && [...folders].some((folder) => present.has(folder.toLowerCase() + name));
  });
  return isElsewhere ? undefined : 'identifier';
}

/**
 * Whether the path that a child records names the image at `parent`. A file of that name in the child's own folder goes
 * before one elsewhere, unless the path leads to the other.
 */
function leadsTo(recorded: string, child: string, parent: string, present: ReadonlySet<string>): boolean {
  const name = lastPathPart(recorded);
  const [from, to] = [folderOf(child), folderOf(parent)];
  if (name === undefined || !sameName(to + name, parent)) return false;
  if (from === to) return true;
  const place = relativePlace(recorded, from)?.toLowerCase();
  if (place !== undefined && present.has(place)) return sameName(place, parent);
  return !present.has((from + name).toLowerCase());
}

/** The folder of a path, with `/` at its end; empty for a name. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** Where a recorded path leads from a folder; `undefined` for one from a root. */
function relativePlace(recorded: string, folder: string): string | undefined {
  const path = (recorded.startsWith('file:') ? percentDecoded(recorded.slice(5)) : recorded).replaceAll('\\', '/');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return undefined;
  const parts: string[] = [];
  for (const part of (folder + path).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}
