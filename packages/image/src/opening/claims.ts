import { type ByteSource, IssueLog, isDamage, isDeadboxError, type ReadOptions, type Siblings } from '@deadbox/core';
import type { ImageFormat } from '../image-format.js';
import { type ChainSession, ParentReached } from './chain.js';
import { openLink } from './open-formats.js';
import type { Claim } from './told-parents.js';

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
 * What a file says of its parent; `undefined` when it has none, or is no image that can have one.
 * @param siblings - the files beside it
 * @param path - what to call it: its name, or its path where it lies elsewhere
 */
export async function claimOf(
  name: string,
  siblings: Siblings,
  session: ChainSession,
  path: string = name,
): Promise<Claim | undefined> {
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
    if (error instanceof ParentReached) return { name: path, reference: error.reference, self: error.self };
    if (!isDamage(error, session.reading.signal) && !isUnreachable(error)) throw error;
    return undefined;
  } finally {
    await source?.close?.();
  }
}

/**
 * A folder, a pipe, a file that this user may not read or that is gone: it says nothing, and is no reason to give up.
 */
export function isUnreachable(error: unknown): boolean {
  return ['SIBLING_REFUSED', 'SOURCE_NOT_READABLE', 'SOURCE_DENIED', 'SOURCE_NOT_FOUND'].some((code) =>
    isDeadboxError(error, code),
  );
}
