import { type ByteSource, defined, isDamage, type ReadOptions, type Siblings } from '@deadbox/core';
import type { VirtualDisk } from '../image-format.js';
import { MAX_DESCRIPTOR_BYTES } from '../limits.js';
import type { MachineDescription } from '../machine/description.js';
import { parseMachine } from '../machine/machine.js';
import { lastPathPart, sameName } from '../text/recorded-path.js';
import { askBeside, type ChildSearchOptions } from './ask-beside.js';
import { isUnreachable } from './claims.js';
import type { ChildImage, Named } from './descendants.js';
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
  /** Files that may be newer links and could not be asked: links of the machine's name, or that lead out of the folder. */
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
  const byMachine = await linksOfMachines(own, machines, siblings, reading);
  const isNew = ({ name }: ChildImage): boolean =>
    !byFiles.some((child) => sameName(child.name, lastPathPart(name) ?? ''));
  const children = [...byFiles, ...byMachine.filter(isNew)];
  return { children, looked, passedOver: passedOver + Math.max(0, machines.length - MAX_MACHINES) };
}

async function among(listed: readonly string[], itself: Named, files: readonly ToldFile[]): Promise<ChildImage[]> {
  // Most folders hold no link.
  const { descendantsOf } = await import('./descendants.js');
  return descendantsOf([itself], files, new Set(listed.map((name) => name.toLowerCase())));
}

/**
 * What the descriptions of machines beside the image record: VirtualBox keeps the links of a chain in a folder of their
 * own.
 */
async function linksOfMachines(
  own: string,
  machines: readonly string[],
  siblings: Siblings,
  reading: ReadOptions,
): Promise<ChildImage[]> {
  const found: ChildImage[] = [];
  for (const file of machines.slice(0, MAX_MACHINES)) {
    const reached = new Set([own.toLowerCase()]);
    for (const { parent, child } of await linksIn(file, siblings, reading)) {
      const [from, to] = [lastPathPart(parent) ?? parent, lastPathPart(child) ?? child];
      if (!reached.has(from.toLowerCase())) continue;
      reached.add(to.toLowerCase());
      found.push({ name: child, parent: from, foundBy: 'name' });
    }
  }
  return found;
}

async function linksIn(file: string, siblings: Siblings, reading: ReadOptions): Promise<MachineDescription['links']> {
  let source: ByteSource | undefined;
  try {
    source = await siblings.open(file, reading);
    if (source === undefined || source.size > MAX_DESCRIPTOR_BYTES) return [];
    return parseMachine(await source.read(0, source.size, reading))?.links ?? [];
  } catch (error) {
    if (!isDamage(error, reading.signal) && !isUnreachable(error)) throw error;
    return [];
  } finally {
    await source?.close?.();
  }
}
