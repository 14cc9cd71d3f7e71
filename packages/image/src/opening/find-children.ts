import { defined } from '@deadbox/core';
import type { VirtualDisk } from '../image-format.js';
import { lastPathPart, sameName } from '../text/recorded-path.js';
import { askBeside, type ChildSearchOptions } from './ask-beside.js';
import type { ChildImage, Named } from './descendants.js';
import type { linksOfMachines } from './machine-links.js';
import { type ToldFile, ToldParents, type UnreadImage } from './told-parents.js';

/** Ending of the descriptions that record the links of chains. */
const MACHINE_ENDING = 'vbox';
/** Most descriptions that are read. */
const MAX_MACHINES = 64;

/** What looking for children gave. */
export interface ChildSearch {
  /**
   * The images that were made on this one, and those that were made on them, nearest first. Not empty: this one holds
   * an old state.
   */
  readonly children: readonly ChildImage[];
  /** Files beside the image that were looked at, and that were too many to look at. */
  readonly looked: number;
  readonly passedOver: number;
  /**
   * Files that may be newer links and could not be asked: links of the machine's name, or that lead out of the folder.
   */
  readonly unread?: readonly UnreadImage[];
  /** Packed images of the machine's name, which may hold newer links and were not unpacked. */
  readonly packed?: readonly string[];
}

/**
 * Finds the images beside this one that were made on it, whatever their names are: by what they say of their parents.
 * Only heads and parent records are read, of files with the ending of an image or with this image's name in front.
 * @param disk - the image; its identity is compared with what the others record
 * @throws what listing and reading the files throws, damage aside: a damaged file says nothing of its parent
 */
export async function findChildren(
  disk: Pick<VirtualDisk, 'identity'>,
  options: ChildSearchOptions,
): Promise<ChildSearch> {
  const { siblings, signal, told = new ToldParents() } = options;
  const own = lastPathPart(options.name) ?? options.name;
  const reading = defined({ signal });
  const { listed, files, looked, passedOver } = await askBeside(options, told);
  const byFiles = files.length === 0 ? [] : await among([own, ...listed], { name: own, self: disk.identity }, files);
  const machines = told
    .names(listed, own)
    .where(({ ending }) => ending === MACHINE_ENDING)
    .filter((name) => name !== own);
  const byMachine = machines.length === 0 ? [] : await linksOf(own, machines.slice(0, MAX_MACHINES), siblings, reading);
  const isNew = ({ name }: ChildImage): boolean =>
    !byFiles.some((child) => sameName(child.name, lastPathPart(name) ?? ''));
  const children = [...byFiles, ...byMachine.filter(isNew)];
  return { children, looked, passedOver: passedOver + Math.max(0, machines.length - MAX_MACHINES) };
}

/** Most folders hold no description of a machine. */
async function linksOf(...asked: Parameters<typeof linksOfMachines>): Promise<ChildImage[]> {
  return (await import('./machine-links.js')).linksOfMachines(...asked);
}

async function among(listed: readonly string[], itself: Named, files: readonly ToldFile[]): Promise<ChildImage[]> {
  // Most folders hold no link.
  const { descendantsOf } = await import('./descendants.js');
  return descendantsOf([itself], files, new Set(listed.map((name) => name.toLowerCase())));
}
