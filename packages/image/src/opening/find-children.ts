import {
  type ByteSource,
  defined,
  IssueLog,
  isDamage,
  isDeadboxError,
  type ReadOptions,
  type Siblings,
} from '@deadbox/core';
import { allFormats } from '../all-formats.js';
import type { ImageFormat, VirtualDisk } from '../image-format.js';
import { MAX_DESCRIPTOR_BYTES, MAX_SEARCHED_SIBLINGS, MAX_TOLD_SIBLINGS } from '../limits.js';
import type { MachineDescription } from '../machine/description.js';
import { parseMachine } from '../machine/machine.js';
import { lastPathPart, sameName } from '../text/recorded-path.js';
import { type ChainSession, ParentReached } from './chain.js';
import { openLink } from './open-formats.js';
import { type Claim, ToldParents } from './told-parents.js';

/** Ending of the descriptions that record the links of chains. */
const MACHINE_ENDING = 'vbox';
/** Most descriptions that are read. */
const MAX_MACHINES = 16;

/** An image that was made on another one. */
export interface ChildImage {
  /** File name; with its folder where a machine's description beside the image names it elsewhere. */
  readonly name: string;
  /** File name of the image that it was made on. */
  readonly parent: string;
  /** What tells: the identifiers that both record, or only the name that the child records. */
  readonly foundBy: 'identifier' | 'name';
}

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
}

/** Options of {@link findChildren}. */
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
  const { formats = allFormats, siblings, signal, told = new ToldParents() } = options;
  const most = options.told === undefined ? MAX_SEARCHED_SIBLINGS : MAX_TOLD_SIBLINGS;
  const own = lastPathPart(options.name) ?? options.name;
  const reading = defined({ signal });
  const listed = (await siblings.list?.(reading)) ?? [];
  const candidates = candidatesAmong(listed, own, formats, told);
  const looked = candidates.slice(0, most);
  const session: ChainSession = {
    formats: formats.filter(({ hasParents }) => hasParents === true),
    given: [],
    issues: new IssueLog(),
    reading,
    opened: 0,
    forced: false,
    incomplete: false,
  };
  const claims: Claim[] = [];
  for (const name of looked) {
    signal?.throwIfAborted();
    const claim = await told.of(name, () => claimOf(name, siblings, session));
    if (claim !== undefined) claims.push(claim);
  }
  const byFiles =
    claims.length === 0 ? [] : descendantsOf({ name: own, self: disk.identity }, claims, [own, ...listed]);
  const machines = listed.filter((name) => told.name(name).ending === MACHINE_ENDING);
  const byMachine = await linksOfMachines(own, machines, siblings, reading);
  const isNew = ({ name }: ChildImage): boolean =>
    !byFiles.some((child) => sameName(child.name, lastPathPart(name) ?? ''));
  const children = [...byFiles, ...byMachine.filter(isNew)];
  return { children, looked: looked.length, passedOver: candidates.length - looked.length };
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

/** The files to look at: first those that carry the image's name, then those with an image's ending. */
function candidatesAmong(
  listed: readonly string[],
  own: string,
  formats: readonly ImageFormat[],
  told: ToldParents,
): string[] {
  const extensions = new Set(formats.flatMap((format) => format.extensions));
  // What has another image's name and the ending of a format without parents is looked at by nobody.
  const links = new Set(formats.flatMap((format) => (format.hasParents === true ? format.extensions : [])));
  const ownName = told.name(own);
  const stem = stemOf(own, extensions.has(ownName.ending)).toLowerCase();
  const isRelated = (lower: string): boolean =>
    stem !== '' && lower.startsWith(stem) && !/[a-z0-9]/.test(lower.charAt(stem.length));
  const isPart = (name: string): boolean => formats.some(({ partName }) => partName?.test(name) === true);
  const related: string[] = [];
  const others: string[] = [];
  // A folder may hold ten thousand images: of most names nothing more is asked than these two.
  for (const name of listed) {
    const { lower, ending } = told.name(name);
    const list = isRelated(lower) ? related : links.has(ending) ? others : undefined;
    if (list !== undefined && lower !== ownName.lower && !isPart(name)) list.push(name);
  }
  return [...related, ...others];
}

/** The machine's name in an image's name: without ending, and the marks of a snapshot. */
function stemOf(name: string, hasEnding: boolean): string {
  const bare = hasEnding ? name.slice(0, name.lastIndexOf('.')) : name;
  return bare.replace(/_[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i, '').replace(/-\d{6}$/, '');
}

/** What the file says of its parent; `undefined` when it has none, or is no image that can have one. */
async function claimOf(name: string, siblings: Siblings, session: ChainSession): Promise<Claim | undefined> {
  let source: ByteSource | undefined;
  // Each file is asked alone: the cap on the images of one chain is not theirs.
  const alone = { ...session, opened: 0 };
  try {
    source = await siblings.open(name, session.reading);
    if (source === undefined) return undefined;
    const link = { visited: [{ siblings, name }], used: [], issues: new IssueLog(), stopsAtParent: true };
    const disk = await openLink(source, name, siblings, link, alone);
    await disk.close();
    return undefined;
  } catch (error) {
    if (error instanceof ParentReached) return { name, reference: error.reference, self: error.self };
    if (!isDamage(error, session.reading.signal) && !isUnreachable(error)) throw error;
    return undefined;
  } finally {
    await source?.close?.();
  }
}

/**
 * A folder, a pipe, a file that this user may not read or that is gone: it says nothing, and is no reason to give up.
 */
function isUnreachable(error: unknown): boolean {
  return ['SIBLING_REFUSED', 'SOURCE_NOT_READABLE', 'SOURCE_DENIED', 'SOURCE_NOT_FOUND'].some((code) =>
    isDeadboxError(error, code),
  );
}

/** The images that were made on `root`, and those that were made on them, nearest first. */
function descendantsOf(root: Named, claims: readonly Claim[], present: readonly string[]): ChildImage[] {
  const names = new Set(present.map((name) => name.toLowerCase()));
  const found: ChildImage[] = [];
  const reached = new Set<string>([root.name.toLowerCase()]);
  const waiting: Named[] = [root];
  for (let parent = waiting.shift(); parent !== undefined; parent = waiting.shift()) {
    for (const claim of claims) {
      const key = claim.name.toLowerCase();
      const foundBy = reached.has(key) ? undefined : relation(claim, parent, names);
      if (foundBy === undefined) continue;
      reached.add(key);
      found.push({ name: claim.name, parent: parent.name, foundBy });
      waiting.push(claim);
    }
  }
  return found;
}

/** An image with what it says of itself. */
type Named = Pick<Claim, 'name' | 'self'>;

/**
 * Whether `claim` is a child of `parent`. The right identifier alone counts when no file has the recorded name: copies
 * share identifiers.
 */
function relation(
  { reference }: Claim,
  parent: Named,
  present: ReadonlySet<string>,
): ChildImage['foundBy'] | undefined {
  const recorded = reference.names.map(lastPathPart).filter((name) => name !== undefined);
  const isSame = (wanted: string | undefined, found: string | undefined): boolean =>
    wanted !== undefined && found !== undefined && sameName(wanted, found);
  const byId =
    isSame(reference.id, parent.self?.id) ||
    (reference.id === undefined && reference.states?.some((state) => isSame(state, parent.self?.state)) === true);
  const isNamed = recorded.some((name) => sameName(name, parent.name));
  if (byId && (isNamed || !recorded.some((name) => present.has(name.toLowerCase())))) return 'identifier';
  return isNamed ? 'name' : undefined;
}
