import { type ByteSource, isNbdAddress, type Siblings } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { type Disk, openDisk } from '@deadbox/disk';
import type { NamedSource } from '@deadbox/image';
import { text } from '@deadbox/report/internals';
import type { ImageHint } from '@deadbox/triage';
import type { Replay } from '../diagnostics/replay.js';
import type { CommonOptions } from '../options.js';
import { describedDisks, nth } from './disk-targets.node.js';
import { type FileStamp, ImageFiles } from './in-use/image-hints.node.js';
import { ReadCounter } from './read-counter.js';
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
  const replay = /\.diag$/i.test(named)
    ? await (await import('./replay-of.node.js')).replayOf(named, options, session)
    : undefined;
  const name = replay?.image ?? (await imageOf(named, options, session));
  const keys = await session.keys(options);
  const progress = session.progress('unlocking', options);
  const counting = new ReadCounter();
  const files = new ImageFiles();
  const opening: Opening = { counting, files, options, session, replay };
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
    if (name === named && (disk.image.details.archive ?? options.disk) !== undefined)
      await (await import('./say-opening.node.js')).checkDisk(disk, options, session);
    if (options.forceChain === true || options.incomplete === true)
      (await import('./say-opening.node.js')).sayForced(disk, session);
    if (options.verbose === true) await (await import('./say-opening.node.js')).sayOpened(disk, session);
    if (keys !== undefined && options.quiet !== true)
      (await import('./say-opening.node.js')).sayKeyOutcomes(disk, keys, session);
    const close = async (): Promise<void> => {
      if (options.verbose === true) await (await import('./say-opening.node.js')).sayRead(counting, session);
      await disk.close();
      await closeAll();
    };
    const useHints = (locks: string): ImageHint[] => files.useHints(counting.openNames, locks, session.devices);
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

/** What opening every file of one image shares. */
interface Opening {
  readonly counting: ReadCounter;
  readonly files: ImageFiles;
  readonly options: CommonOptions;
  readonly session: Session;
  /** What stands in for all files. */
  readonly replay: Replay | undefined;
}

/** The file, device or address `name`, its reads counted. */
async function openCounted(name: string, { counting, files, options, session, replay }: Opening): Promise<ByteSource> {
  if (replay !== undefined) return counting.count(replay.file(name));
  if (!isUrl(name)) {
    files.add(name);
    session.inputs.add(name);
    const source = await openFile(name, BLOCKING);
    return counting.count(session.recorder?.record(source) ?? source);
  }
  if (isNbdAddress(name)) return (await import('./nbd-target.node.js')).openNbdTarget(name, session, counting);
  const { openWeb } = await import('./web-target.node.js');
  return openWeb(name, options, session, counting);
}

/** The files that the command writes: what was there before is nobody's newer state. */
function outputsOf(options: CommonOptions & WrittenFiles): string[] {
  const { output, report = [], journal, diagnostics, undo, overlay } = options;
  return [output, ...report, journal, diagnostics, undo, overlay].filter((path) => path !== undefined);
}

/** Options of some verbs that name files to write. */
interface WrittenFiles {
  readonly report?: readonly string[];
  readonly journal?: string;
  readonly diagnostics?: string;
  readonly undo?: string;
  readonly overlay?: string;
}

/** Short reads block; a bulk scan parses one piece while the thread pool reads the next. */
const BLOCKING = { blockingReads: 256 << 10 };

async function siblingsOf(name: string, { counting, files, options, session, replay }: Opening): Promise<Siblings> {
  if (replay !== undefined) return counting.countSiblings(replay.siblings, () => undefined);
  // An export stands alone: what lies beside it on the server nobody shows.
  if (isNbdAddress(name)) return { open: () => Promise.resolve(undefined) };
  if (isUrl(name)) return (await import('./web-target.node.js')).webSiblings(name, options, session, counting);
  const reading = { ...BLOCKING, outputs: outputsOf(options), also: session.targets };
  const found = fileSiblings(name, reading);
  const siblings = session.folders?.beside(name, found) ?? found;
  return counting.countSiblings(session.recorder?.recordSiblings(siblings) ?? siblings, (path) => {
    files.add(path);
    session.inputs.add(path);
  });
}
