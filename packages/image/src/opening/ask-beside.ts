import { defined, type ReadOptions, type Siblings } from '@deadbox/core';
import { allFormats } from '../all-formats.js';
import type { ImageFormat } from '../image-format.js';
import { MAX_SEARCHED_SIBLINGS, MAX_TOLD_SIBLINGS } from '../limits.js';
import { lastPathPart } from '../text/recorded-path.js';
import { askFile, askingSession } from './claims.js';
import { type FolderNames, isPartName, toldName } from './folder-names.js';
import type { ToldFile, ToldParents } from './told-parents.js';

/** How files are asked what they were made on. */
export interface ChildSearchOptions extends ReadOptions {
  /** File name or path of the image. */
  readonly name: string;
  /** The files beside it; without a list of them nothing is found. */
  readonly siblings: Siblings;
  /** The formats that children may have; default `allFormats`. */
  readonly formats?: readonly ImageFormat[];
  /** What earlier searches among the same files were told; without it every search asks every file. */
  readonly told?: ToldParents;
}

/** What the files beside an image said. */
export interface AskedBeside {
  /** All names beside the image. */
  readonly listed: readonly string[];
  readonly files: readonly NonNullable<ToldFile>[];
  /** Files that were asked, and those that were too many to ask. */
  readonly looked: number;
  readonly passedOver: number;
}

/** Asks the files beside an image whose names say that they may be links of a chain. */
export async function askBeside(options: ChildSearchOptions, told: ToldParents): Promise<AskedBeside> {
  const { formats = allFormats, siblings, signal } = options;
  const most = options.told === undefined ? MAX_SEARCHED_SIBLINGS : MAX_TOLD_SIBLINGS;
  const own = lastPathPart(options.name) ?? options.name;
  const reading = defined({ signal });
  const listed = (await siblings.list?.(reading)) ?? [];
  const candidates = candidatesAmong(told.names(listed, own), own, formats);
  const looked = candidates.slice(0, most);
  const session = askingSession(formats, reading);
  const files: NonNullable<ToldFile>[] = [];
  for (const name of looked) {
    signal?.throwIfAborted();
    const file = told.hasSaid(name) ? told.said(name) : await told.of(name, () => askFile(name, siblings, session));
    if (file !== undefined) files.push(file);
  }
  return { listed, files, looked: looked.length, passedOver: candidates.length - looked.length };
}

/** The files to look at: first those that carry the image's name, then those with an image's ending. */
function candidatesAmong(names: FolderNames, own: string, formats: readonly ImageFormat[]): string[] {
  const isRelated = relatedTo(own, formats);
  const itself = own.toLowerCase();
  const related = names
    .where(({ lower }) => isRelated(lower) && lower !== itself)
    .filter((name) => !isPartName(name, formats));
  const listed = new Set(related);
  // A folder may hold ten thousand images. What has another image's name and the ending of a format without parents is
  // looked at by nobody.
  const others = names.links(formats).filter((name) => !listed.has(name) && name.toLowerCase() !== itself);
  return [...related, ...others];
}

/** Tells the names, in small letters, that begin with the machine's name in an image's name. */
export function relatedTo(own: string, formats: readonly ImageFormat[]): (lower: string) => boolean {
  const { ending } = toldName(own);
  const hasEnding = formats.some(({ extensions }) => extensions.includes(ending));
  const stem = stemOf(own, hasEnding).toLowerCase();
  return (lower) => stem !== '' && lower.startsWith(stem) && !/[a-z0-9]/.test(lower.charAt(stem.length));
}

/** The machine's name in an image's name: without ending, and the marks of a snapshot. */
function stemOf(name: string, hasEnding: boolean): string {
  const bare = hasEnding ? name.slice(0, name.lastIndexOf('.')) : name;
  return bare.replace(/_[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i, '').replace(/-\d{6}$/, '');
}
