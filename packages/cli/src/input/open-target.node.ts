import {
  type ByteSource,
  type HttpOptions,
  type HttpRetry,
  httpName,
  httpSiblings,
  openHttp,
  type Siblings,
} from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { type Disk, openDisk } from '@deadbox/disk';
import type { NamedSource } from '@deadbox/image';
import { errorPhrase, text } from '@deadbox/report/internals';
import type { ImageHint } from '@deadbox/triage';
import { usageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import { ImageFiles } from './image-hints.node.js';
import { ReadCounter } from './read-counter.js';
import type { GivenKeys } from './secrets.node.js';
import type { Session } from './session.node.js';
import { isUrl } from './targets.node.js';

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
  close(): Promise<void>;
}

/** Opens the image, device or address `name`, unlocking what the options give keys for. */
export async function openTarget(name: string, options: CommonOptions, session: Session): Promise<Target> {
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
        const siblings = siblingsOf(path, opening);
        opened.push({ source: other, name: path, ...(siblings === undefined ? {} : { siblings }) });
      }
      return opened;
    };
    const parents = await openOthers(options.parent);
    const members = await openOthers(options.member);
    const disk = await openDisk(source, {
      signal: session.signal,
      name: isUrl(name) ? httpName(name) : name,
      siblings: siblingsOf(name, opening),
      onUnlockProgress: (fraction) => progress.step([text(`${Math.floor(fraction * 100)} %`)]),
      ...(keys === undefined ? {} : { keys: keys.provider }),
      ...(parents.length === 0 ? {} : { parents }),
      ...(members.length === 0 ? {} : { members }),
      ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
    });
    progress.end();
    if (keys !== undefined && options.quiet !== true) sayKeyOutcomes(disk, keys, session);
    const close = async (): Promise<void> => {
      await disk.close();
      await closeAll();
    };
    const useHints = (locks: string): ImageHint[] => files.useHints(counting.openNames, locks);
    const changeHints = (): ImageHint[] => files.changeHints(counting.openNames);
    return { name, disk, counting, useHints, changeHints, close };
  } catch (error) {
    await closeAll();
    throw error;
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
  return openHttp(name, { ...httpOptions(options, session), signal: session.signal, onRequest: counting.onRequest });
}

/** Short reads block; a bulk scan parses one piece while the thread pool reads the next. */
const BLOCKING = { blockingReads: 256 << 10 };

function siblingsOf(name: string, { counting, files, options, session }: Opening): Siblings {
  if (isUrl(name)) return httpSiblings(name, { ...httpOptions(options, session), onRequest: counting.onRequest });
  return counting.countSiblings(fileSiblings(name, BLOCKING), (path) => {
    files.add(path);
    session.inputs.add(path);
  });
}

/** A server that fails is spoken of at most this often, in milliseconds: many requests are under way at once. */
const SAID_EVERY = 5000;

/** Says that a failing server is asked again, and how long that may go on. */
function retryNotice(session: Session): (retry: HttpRetry) => void {
  let said = Number.NEGATIVE_INFINITY;
  return ({ name, reason, wait, limit }) => {
    if (performance.now() - said < SAID_EVERY) return;
    said = performance.now();
    const [waitSeconds, limitSeconds] = [Math.ceil(wait / 1000), Math.round(limit / 1000)];
    session.say(session.language.notices.askedAgain({ name, reason, waitSeconds, limitSeconds }));
  };
}

/** The `--header` lines, whose values are secrets, and what is said of a server that fails. */
function httpOptions(options: CommonOptions, session: Session): HttpOptions {
  const headers: Record<string, string> = {};
  for (const [index, line] of (options.header ?? []).entries()) {
    const colon = line.indexOf(':');
    if (colon < 1) throw usageError('header-malformed', { position: index + 1 });
    headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
  }
  return options.quiet === true ? { headers } : { headers, onRetry: retryNotice(session) };
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
