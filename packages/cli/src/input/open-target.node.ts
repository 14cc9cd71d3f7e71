import { type ByteSource, isNbdAddress, type Siblings } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { type Disk, openDisk } from '@deadbox/disk';
import type { NamedSource } from '@deadbox/image';
import { errorPhrase, text } from '@deadbox/report/internals';
import type { ImageHint } from '@deadbox/triage';
import { usageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import { describedDisks, nth } from './disk-targets.node.js';
import { type FileStamp, ImageFiles } from './in-use/image-hints.node.js';
import { ReadCounter } from './read-counter.js';
import type { GivenKeys } from './secrets.node.js';
import type { Session } from './session.node.js';
import { imageAt, isUrl, shownName } from './targets.node.js';

/** An image that a verb works on. */
export interface Target {
  /** As the user named it. */
  readonly name: string;
  readonly disk: Disk;
  /** Counts what is read from the file handles, below every cache. */
  readonly counting: ReadCounter;
  /** What says that the image is in use now; `locks` is of `readLocks`. */
  useHints(locks: string): ImageHint[];
  /** What says that its files changed since they were opened. */
  changeHints(): ImageHint[];
  /** Size and time of its files as they were opened, the image's own first. */
  stamps(): FileStamp[];
  close(): Promise<void>;
}

/**
 * Opens the image, device or address `named`, or the disk of the machine that it describes, unlocking what the options
 * give keys for.
 */
export async function openTarget(named: string, options: CommonOptions, session: Session): Promise<Target> {
  const name = await imageOf(named, options, session);
  const keys = await session.keys(options);
  const progress = session.progress('unlocking', options);
  const counting = new ReadCounter();
  const files = new ImageFiles();
  const opening: Opening = { counting, files, options, session };
  const source = await openCounted(name, opening);
  const others: ByteSource[] = [];
  const closeAll = async (): Promise<void> => {
    for (const opened of [source, ...others]) await opened.close?.();
  };
  try {
    const openOthers = async (paths: readonly string[] = []): Promise<NamedSource[]> => {
      const opened: NamedSource[] = [];
      for (const path of paths) {
        const other = await openCounted(path, opening);
        others.push(other);
        opened.push({ source: other, name: shownName(path), siblings: await siblingsOf(path, opening) });
      }
      return opened;
    };
    const parents = await openOthers(options.parent);
    const members = await openOthers(options.member);
    const disk = await openDisk(source, {
      signal: session.signal,
      name: shownName(name),
      siblings: await siblingsOf(name, opening),
      onUnlockProgress: (fraction) => progress.step([text(`${Math.floor(fraction * 100)} %`)]),
      ...(keys === undefined ? {} : { keys: keys.provider }),
      ...(parents.length === 0 ? {} : { parents }),
      ...(members.length === 0 ? {} : { members }),
      ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
      ...(options.forceChain === true ? { forceChain: true } : {}),
      ...(options.incomplete === true ? { incomplete: true } : {}),
      ...(options.disk === undefined || name !== named ? {} : { disk: options.disk }),
    });
    progress.end();
    if (name === named) await checkDisk(disk, options, session);
    sayForced(disk, session);
    if (options.verbose === true) await (await import('./verbose.node.js')).sayOpened(disk, session);
    if (keys !== undefined && options.quiet !== true) sayKeyOutcomes(disk, keys, session);
    const close = async (): Promise<void> => {
      if (options.verbose === true) await (await import('./verbose.node.js')).sayRead(counting, session);
      await disk.close();
      await closeAll();
    };
    const useHints = (locks: string): ImageHint[] => files.useHints(counting.openNames, locks);
    const changeHints = (): ImageHint[] => files.changeHints(counting.openNames);
    const stamps = (): FileStamp[] => files.stamps(counting.openNames);
    return { name, disk, counting, useHints, changeHints, stamps, close };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** The image to open: the one that was named, in a bundle, or a disk of the machine that was. */
async function imageOf(named: string, options: CommonOptions, session: Session): Promise<string> {
  const disks = await describedDisks(named);
  if (disks === undefined) return imageAt(named);
  session.inputs.add(named);
  const { path, machine } = nth(disks, options.disk ?? 1);
  if (options.disk === undefined && disks.length > 1 && options.quiet !== true)
    session.say(session.language.notices.oneDiskOf({ ...machine, machine: machine.name ?? named }));
  return path;
}

/** Says that an archive has other disks, too, unless one of them was asked for. */
async function checkDisk(
  { image, name, close }: Disk,
  { disk, quiet }: CommonOptions,
  session: Session,
): Promise<void> {
  const { archive } = image.details as { archive?: { disk: string; number: number; disks: string[] } };
  if (archive === undefined && disk !== undefined && disk > 1) {
    await close();
    throw usageError('no-such-disk', { image: name, number: disk, disks: [] });
  }
  if (archive === undefined || archive.disks.length < 2 || disk !== undefined || quiet === true) return;
  const { number, disks, disk: recorded } = archive;
  session.say(session.language.notices.oneDiskOf({ machine: name, disk: number, disks: disks.length, recorded }));
}

/** Says, whatever else is not said, what was only opened because the user insisted. */
function sayForced({ issues, name }: Disk, session: Session): void {
  const { notices } = session.language;
  for (const { code, at, data } of issues.issues) {
    const layer = at?.layer ?? name;
    const { parent, recorded } = data;
    if (code === 'image.parent-not-verified' && typeof parent === 'string')
      session.say(notices.chainForced(layer, parent));
    if (code === 'image.part-missing' && typeof recorded === 'string')
      session.say(notices.openedIncomplete(layer, recorded));
  }
}

/** What opening every file of one image shares. */
interface Opening {
  readonly counting: ReadCounter;
  readonly files: ImageFiles;
  readonly options: CommonOptions;
  readonly session: Session;
}

/** The file, device or address `name`, its reads counted. */
async function openCounted(name: string, { counting, files, options, session }: Opening): Promise<ByteSource> {
  if (!isUrl(name)) {
    files.add(name);
    session.inputs.add(name);
    return counting.count(await openFile(name, BLOCKING));
  }
  if (isNbdAddress(name)) return (await import('./nbd-target.node.js')).openNbdTarget(name, session, counting);
  const { openWeb } = await import('./web-target.node.js');
  return openWeb(name, options, session, counting);
}

/** Short reads block; a bulk scan parses one piece while the thread pool reads the next. */
const BLOCKING = { blockingReads: 256 << 10 };

async function siblingsOf(name: string, { counting, files, options, session }: Opening): Promise<Siblings> {
  // An export stands alone: what lies beside it on the server nobody shows.
  if (isNbdAddress(name)) return { open: () => Promise.resolve(undefined) };
  if (isUrl(name)) return (await import('./web-target.node.js')).webSiblings(name, options, session, counting);
  return counting.countSiblings(fileSiblings(name, BLOCKING), (path) => {
    files.add(path);
    session.inputs.add(path);
  });
}

/** Says which locked volumes refused the keys, and which keys nobody needed. */
function sayKeyOutcomes(disk: Disk, keys: GivenKeys, session: Session): void {
  const { notices } = session.language;
  const needed = new Set<string>();
  for (const { number, unlock } of disk.volumes) {
    if (unlock === undefined) continue;
    for (const { label, outcome } of unlock.attempts)
      if (outcome === 'opened' || outcome === 'wrong' || outcome === 'malformed') needed.add(label);
    if (!unlock.unlocked) session.say(notices.volumeRefused(number, errorPhrase(unlock.error, session.reader)));
  }
  const unneeded = keys.labels.filter((label) => !needed.has(label));
  if (unneeded.length > 0) session.say(notices.notNeeded(unneeded, disk.name));
}
