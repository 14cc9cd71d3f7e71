import { isDeadboxError, type ByteSource, type Siblings } from '@deadbox/core';
import { imageError, type ImageErrorCode } from './errors.js';
import type { ChainLink, ChainSession, OpenLink } from './image-context.js';
import type { ImageIdentity, OpenContext, OpenedParent, ParentInfo, ParentReference, VirtualDisk } from './image-format.js';
import { lastPathPart, sameName } from './recorded-path.js';

/** Everything that the search for one parent needs. */
interface ParentSearch {
  readonly child: OpenContext;
  readonly reference: ParentReference;
  readonly link: ChainLink;
  readonly session: ChainSession;
  readonly openLink: OpenLink;
}

/** A file that may be the parent. */
interface Candidate {
  readonly source: ByteSource;
  readonly name: string;
  readonly siblings: Siblings | undefined;
  readonly link: ChainLink;
  readonly foundBy: ParentInfo['foundBy'];
}

/** Why an opened file is not the parent that the child was made on. */
interface Difference {
  /** `other`: a different disk; `changed`: the right disk, written after the child was made. */
  readonly kind: 'other' | 'changed';
  readonly expected: string;
  readonly found: string;
}

/** Thrown by a link that its child does not accept; never leaves this module. */
class NotTheParent extends Error {
  readonly difference: Difference;
  constructor(difference: Difference) {
    super('not the parent');
    this.difference = difference;
  }
}

/**
 * Finds and opens the parent that `reference` describes: given files first, then names beside the child.
 * @returns the parent, and what has to be closed with the child
 * @throws ImageError
 */
export async function findParent(search: ParentSearch): Promise<{ parent: OpenedParent; owned: { close?(): unknown }[] }> {
  const failures: { candidate: string; difference?: Difference; error?: unknown }[] = [];
  for (const candidate of givenCandidates(search)) {
    const tried = await tryCandidate(search, candidate);
    if ('parent' in tried) return { parent: tried.parent, owned: [tried.parent.disk] };
    failures.push({ candidate: candidate.name, ...tried });
  }
  const names = [...new Set(search.reference.names.map(lastPathPart).filter((name) => name !== undefined))];
  const { siblings } = search.child;
  for (const name of siblings === undefined ? [] : names) {
    if (search.link.visited.some((step) => step.siblings === siblings && sameName(step.name, name))) {
      failures.push({ candidate: name, error: cycle(search, name) });
      continue;
    }
    const source = await siblings?.open(name, search.session.signal === undefined ? {} : { signal: search.session.signal });
    if (source === undefined) continue;
    const link: ChainLink = { ...search.link, visited: [...search.link.visited, { siblings, name }] };
    const tried = await tryCandidate(search, { source, name, siblings, link, foundBy: 'sibling' });
    if ('parent' in tried) return { parent: tried.parent, owned: [source, tried.parent.disk] };
    await source.close?.();
    failures.push({ candidate: name, ...tried });
  }
  throw notFound(search, names, failures);
}

/** The given parents that are not yet part of the chain; those with a recorded name first. */
function givenCandidates({ child, reference, link, session }: ParentSearch): Candidate[] {
  const wanted = reference.names.map(lastPathPart);
  const fits = (name: string): boolean => wanted.some((want) => want !== undefined && sameName(want, lastPathPart(name) ?? ''));
  const candidates = session.given.flatMap((given, index) => {
    if (link.used.includes(index)) return [];
    const siblings = given.siblings ?? child.siblings;
    const visited = [...link.visited, { siblings, name: lastPathPart(given.name) ?? given.name }];
    return [
      { source: given.source, name: given.name, siblings, link: { visited, used: [...link.used, index] }, foundBy: 'option' as const },
    ];
  });
  return [...candidates.filter(({ name }) => fits(name)), ...candidates.filter(({ name }) => !fits(name))];
}

async function tryCandidate(
  { reference, session, openLink }: ParentSearch,
  candidate: Candidate,
): Promise<{ parent: OpenedParent } | { difference: Difference } | { error: unknown }> {
  const accepts = (identity: ImageIdentity | undefined): void => {
    const difference = compare(reference, identity);
    if (difference !== undefined) throw new NotTheParent(difference);
  };
  try {
    const link: ChainLink = { ...candidate.link, accepts, only: reference.format };
    const disk = await openLink(candidate.source, candidate.name, candidate.siblings, link, session);
    return { parent: { disk, parents: [describe(candidate, disk), ...disk.parents] } };
  } catch (error) {
    if (error instanceof NotTheParent) return { difference: error.difference };
    session.signal?.throwIfAborted();
    return { error };
  }
}

function describe(candidate: Candidate, disk: VirtualDisk): ParentInfo {
  const id = disk.identity?.id ?? disk.identity?.state;
  return {
    name: candidate.source.name ?? candidate.name,
    ...(id === undefined ? {} : { id }),
    format: disk.format,
    variant: disk.variant,
    foundBy: candidate.foundBy,
  };
}

function compare(reference: ParentReference, identity: ImageIdentity | undefined): Difference | undefined {
  if (reference.id !== undefined && !sameName(reference.id, identity?.id ?? '')) {
    return { kind: 'other', expected: reference.id, found: identity?.id ?? 'no identifier' };
  }
  const { states } = reference;
  if (states === undefined || states.some((state) => sameName(state, identity?.state ?? ''))) return undefined;
  const known = identity?.state !== undefined;
  return { kind: known ? 'changed' : 'other', expected: states.join(' or '), found: identity?.state ?? 'no identifier' };
}

function cycle({ child }: ParentSearch, name: string): unknown {
  return imageError(
    'IMAGE_CHAIN_CYCLE',
    `${child.name} names "${name}" as its parent, which is itself a descendant of it: the chain has no end`,
    { layer: child.name, offset: 0 },
    { parent: name },
  );
}

function notFound(
  { child, reference }: ParentSearch,
  names: readonly string[],
  failures: readonly { candidate: string; difference?: Difference; error?: unknown }[],
): unknown {
  const wanted = reference.names[0] ?? 'a parent without a name';
  const id = reference.id ?? reference.states?.[0];
  const at = { layer: child.name, offset: 0 };
  const data = {
    parent: wanted,
    recordedNames: [...reference.names],
    lookedFor: [...names],
    ...(id === undefined ? {} : { parentId: id }),
  };
  const title = `"${wanted}"${id === undefined ? '' : ` (${id})`}`;
  const changed =
    failures.find(({ difference }) => difference?.kind === 'changed') ?? failures.find(({ difference }) => difference !== undefined);
  // A file with the right identifiers that cannot be opened says more than "missing".
  const failed = failures.find(({ error }) => error !== undefined);
  if (changed?.difference?.kind !== 'changed' && failed !== undefined) return failed.error;
  if (changed?.difference !== undefined) {
    const { kind, expected, found } = changed.difference;
    const code: ImageErrorCode = 'IMAGE_PARENT_CHANGED';
    const what =
      kind === 'changed'
        ? `${changed.candidate}, the parent of ${child.name}, was changed after ${child.name} was made: expected content ${expected}, found ${found}`
        : `${changed.candidate} is not the parent of ${child.name}: expected ${title}, found ${found}`;
    return imageError(code, what, at, { ...data, candidate: changed.candidate, kind, expected, found });
  }
  const looked =
    child.siblings === undefined
      ? 'the files beside the image cannot be reached'
      : names.length === 0
        ? 'it names no file'
        : `looked beside ${child.name} for ${names.map((name) => `"${name}"`).join(', ')}`;
  return imageError(
    'IMAGE_PARENT_MISSING',
    `${child.name} is a differencing image and needs its parent ${title}, which was not found: ${looked}. Files elsewhere are used only when they are given`,
    at,
    data,
  );
}

/** Whether `error` says that a chain is incomplete or wrong. */
export function isChainError(error: unknown): boolean {
  return (
    isDeadboxError(error, 'IMAGE_PARENT_MISSING') ||
    isDeadboxError(error, 'IMAGE_PARENT_CHANGED') ||
    isDeadboxError(error, 'IMAGE_CHAIN_CYCLE') ||
    isDeadboxError(error, 'IMAGE_CHAIN_TOO_DEEP')
  );
}
