import {
  type ByteSource,
  type DeadboxError,
  defined,
  IssueLog,
  isDamage,
  isDeadboxError,
  type ReadOptions,
  type Siblings,
} from '@deadbox/core';
import type { ImageFormat, VirtualDisk } from '../image-format.js';
import { type ChainSession, ParentReached } from './chain.js';
import { openLink } from './open-formats.js';
import type { ToldFile } from './told-parents.js';

/** How files are asked what they were made on. */
export function askingSession(formats: readonly ImageFormat[], reading: ReadOptions): ChainSession {
  return {
    formats: formats.filter(({ hasParents }) => hasParents === true),
    given: [],
    issues: new IssueLog(),
    reading,
    opened: 0,
    forced: false,
    incomplete: false,
  };
}

/**
 * What a file says of its parent.
 * @param siblings - the files beside it
 * @param path - what to call it: its name, or its path where it lies elsewhere
 * @throws what is neither damage nor a refusal to open it
 */
export async function askFile(
  name: string,
  siblings: Siblings,
  session: ChainSession,
  path: string = name,
): Promise<ToldFile> {
  let source: ByteSource | undefined;
  const parts: string[] = [];
  try {
    source = await siblings.open(name, session.reading);
    if (source === undefined) return undefined;
    // A bundle's descriptor tells of the image; it holds nothing of it.
    const isPart = (part: string): boolean =>
      !session.formats.some(({ bundleDescriptor }) => bundleDescriptor === part);
    const disk = await openAlone(source, name, noting(siblings, parts, isPart), session);
    await disk.close();
    if (disk.encryption !== undefined)
      return await (await import('./unopened.js')).unopened(source, path, 'IMAGE_ENCRYPTED', session);
    return parts.length === 0 ? undefined : { name: path, self: disk.identity, parts };
  } catch (error) {
    if (error instanceof ParentReached) return { name: path, reference: error.reference, self: error.self };
    if (isUnreachable(error)) return (await import('./unopened.js')).unreached(path, error);
    if (!isDamage(error, session.reading.signal)) throw error;
    if (source === undefined) return undefined;
    if (error.code === 'IMAGE_UNKNOWN_FORMAT')
      source = await (await import('./packed-head.js')).unpackedHead(source, session.reading);
    return await (await import('./unopened.js')).unopened(source, path, error.code, session);
  } finally {
    await source?.close?.();
  }
}

/** Opens an image as far as its parent. Each file is asked alone: the cap on the images of one chain is not theirs. */
function openAlone(source: ByteSource, name: string, siblings: Siblings, session: ChainSession): Promise<VirtualDisk> {
  const link = { visited: [{ siblings, name }], used: [], issues: new IssueLog(), stopsAtParent: true };
  return openLink(source, name, siblings, link, { ...session, opened: 0 });
}

/** The same files, the names of the parts that are opened noted in `parts`. */
function noting(siblings: Siblings, parts: string[], isPart: (name: string) => boolean): Siblings {
  const open: Siblings['open'] = async (name, options) => {
    const part = await siblings.open(name, options);
    if (part !== undefined && isPart(name)) parts.push(name);
    return part;
  };
  return { open, ...defined({ list: siblings.list?.bind(siblings) }) };
}

/** Whether a file cannot be opened, or may not be: that is no reason to give up. */
export function isUnreachable(error: unknown): error is DeadboxError {
  return ['SIBLING_REFUSED', 'SOURCE_NOT_READABLE', 'SOURCE_DENIED', 'SOURCE_NOT_FOUND'].some((code) =>
    isDeadboxError(error, code),
  );
}
