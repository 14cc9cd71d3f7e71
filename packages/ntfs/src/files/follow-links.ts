import { type ReadOptions, splitPath } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { MAX_LINKS_FOLLOWED } from '../limits.js';
import type { NtfsFile } from './ntfs-file.js';
import { lookupPath } from './path-lookup.js';
import type { SearchState } from './search-state.js';
import type { VolumeContext } from './volume-context.js';

/** Options of `NtfsVolume.lookup`. */
export interface LookupOptions extends ReadOptions {
  /**
   * Go on through symbolic links and junctions, as long as they stay on the volume. Default false: a link is returned
   * as such.
   */
  readonly followLinks?: boolean;
  /**
   * The letter that Windows gave this volume: links to other letters then lead outside. Without it every letter is
   * taken for this volume.
   */
  readonly driveLetter?: string;
}

/**
 * Finds a file by path, going on through links.
 * @returns `undefined` when a name on the way does not exist
 * @throws DeadboxError `NTFS_LINK_LOOP` after 32 links, `NTFS_LINK_OUTSIDE` when a link leads out of the volume
 */
export async function lookupFollowing(
  context: VolumeContext,
  path: string,
  state: SearchState,
  options: LookupOptions,
): Promise<NtfsFile | undefined> {
  let parts = splitPath(path);
  for (let links = 0; links <= MAX_LINKS_FOLLOWED; links += 1) {
    const whole = await lookupPath(context, parts.join('/'), state, options);
    if (whole !== undefined && !isLink(whole)) return whole;
    const link =
      whole === undefined ? await firstLink(context, parts, state, options) : { file: whole, depth: parts.length };
    if (link === undefined) return undefined;
    const target = await targetOf(link.file, options);
    parts = [...target, ...parts.slice(link.depth)];
  }
  throw ntfsError('NTFS_LINK_LOOP', `${path} leads through more than ${MAX_LINKS_FOLLOWED} links`, undefined, { path });
}

/** The first directory of the path that is a link. */
async function firstLink(
  context: VolumeContext,
  parts: readonly string[],
  state: SearchState,
  options: LookupOptions,
): Promise<{ file: NtfsFile; depth: number } | undefined> {
  for (let depth = 1; depth < parts.length; depth += 1) {
    const file = await lookupPath(context, parts.slice(0, depth).join('/'), state, options);
    if (file === undefined) return undefined;
    if (isLink(file)) return { file, depth };
  }
  return undefined;
}

function isLink(file: NtfsFile): boolean {
  return file.type === 'symlink' || file.type === 'junction';
}

/** Where a link leads, as names from the root. */
async function targetOf(link: NtfsFile, options: LookupOptions): Promise<string[]> {
  const content = (await link.reparsePoint(options))?.content;
  const folder = splitPath(link.path).slice(0, -1);
  const unix = link.interixTarget ?? (content?.kind === 'wsl-symlink' ? content.target : undefined);
  if (unix !== undefined) {
    if (unix.startsWith('/')) throw outside(link, unix);
    return resolve(folder, unix);
  }
  if (content?.kind !== 'symlink' && content?.kind !== 'mount-point') throw outside(link, 'an unreadable target');
  const target = content.substituteName;
  if (content.kind === 'symlink' && content.relative) return resolve(folder, target);
  // `\??\C:\…`; also written \\?\C:\…, and C:\… by foreign tools.
  const drive = /^(?:\\\?\?\\|\\\\\?\\)?([A-Za-z]):(?:\\|$)(.*)$/s.exec(target);
  if (drive === null) throw outside(link, target);
  if (options.driveLetter !== undefined && options.driveLetter.charAt(0).toUpperCase() !== drive[1].toUpperCase())
    throw outside(link, target);
  return resolve([], drive[2]);
}

/** `target` from `folder`; `..` at the root stays there, as on Windows. */
function resolve(folder: readonly string[], target: string): string[] {
  const parts = /^[\\/]/.test(target) ? [] : [...folder];
  for (const part of splitPath(target)) {
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts;
}

function outside(link: NtfsFile, target: string): Error {
  const { path, location, record } = link;
  const what = `${path} leads out of the volume, to ${target}`;
  return ntfsError('NTFS_LINK_OUTSIDE', what, { ...location, record }, { path, target });
}
