import { type ByteSource, defined, IssueLog, type Siblings } from '@deadbox/core';
import type {
  ImageIdentity,
  OpenContext,
  OpenedParent,
  ParentInfo,
  ParentReference,
  VirtualDisk,
} from '../image-format.js';
import { MAX_SEARCHED_SIBLINGS } from '../limits.js';
import { lastPathPart, sameName } from '../text/recorded-path.js';
import type { ChainLink, ChainSession, OpenLink } from './chain.js';
import {
  chainCycle,
  type ParentDifference,
  type ParentFailure,
  parentNotFound,
  parentUnproven,
} from './parent-errors.js';

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
  /** Whether the child records this name. */
  readonly named: boolean;
}

/** Thrown by a link that its child does not accept; never leaves this module. */
class NotTheParent extends Error {
  readonly difference: ParentDifference;
  constructor(difference: ParentDifference) {
    super('not the parent');
    this.difference = difference;
  }
}

/**
 * Finds and opens the parent that `reference` describes: given files first, then names beside the child.
 * @returns the parent, and what has to be closed with the child
 * @throws ImageError
 */
export async function findParent(
  search: ParentSearch,
): Promise<{ parent: OpenedParent; owned: { close?(): unknown }[] }> {
  const failures: ParentFailure[] = [];
  for (const candidate of givenCandidates(search)) {
    const tried = await tryCandidate(search, candidate);
    if ('disk' in tried) return { parent: tried, owned: [tried.disk] };
    failures.push(tried);
  }
  const { child, link, session } = search;
  if (search.reference.unproven !== undefined && !session.forced) throw parentUnproven(child, search.reference);
  const { siblings } = child;
  const names = recordedNames(search);
  for (const name of siblings === undefined ? [] : [...names, ...(await searchedNames(search))]) {
    const named = names.includes(name);
    if (link.visited.some((step) => step.siblings === siblings && sameName(step.name, name))) {
      if (named) failures.push({ candidate: name, named, error: chainCycle(child.name, name) });
      continue;
    }
    const source = await siblings?.open(name, session.reading);
    if (source === undefined) continue;
    const next: ChainLink = { visited: [...link.visited, { siblings, name }], used: link.used };
    const tried = await tryCandidate(search, { source, name, siblings, link: next, foundBy: 'sibling', named });
    if ('disk' in tried) return { parent: tried, owned: [source, tried.disk] };
    await source.close?.();
    failures.push(tried);
  }
  throw parentNotFound(child, search.reference, names, failures);
}

/** The file names that the child records. */
function recordedNames({ reference }: ParentSearch): string[] {
  return [...new Set(reference.names.map(lastPathPart).filter((name) => name !== undefined))];
}

/** Further files beside the child, for a format that records no name. */
async function searchedNames({ child, reference, session }: ParentSearch): Promise<string[]> {
  if (reference.search === undefined || child.siblings?.list === undefined) return [];
  const listed = await child.siblings.list(session.reading);
  return listed.filter(reference.search).sort().slice(0, MAX_SEARCHED_SIBLINGS);
}

/** The given parents that are not yet part of the chain; those with a recorded name first. */
function givenCandidates(search: ParentSearch): Candidate[] {
  const { child, link, session } = search;
  const wanted = recordedNames(search);
  const candidates = session.given.flatMap((given, index): Candidate[] => {
    if (link.used.includes(index)) return [];
    const siblings = given.siblings ?? child.siblings;
    const own = lastPathPart(given.name) ?? given.name;
    const next: ChainLink = { visited: [...link.visited, { siblings, name: own }], used: [...link.used, index] };
    const named = wanted.some((name) => sameName(name, own));
    return [{ source: given.source, name: given.name, siblings, link: next, foundBy: 'option', named }];
  });
  return [...candidates.filter(({ named }) => named), ...candidates.filter(({ named }) => !named)];
}

async function tryCandidate(
  { child, reference, session, openLink }: ParentSearch,
  candidate: Candidate,
): Promise<OpenedParent | ParentFailure> {
  let doubt: ParentDifference | undefined;
  const accepts = (identity: ImageIdentity | undefined): void => {
    doubt = compare(reference, identity);
    if (doubt !== undefined && !(session.forced && candidate.named)) throw new NotTheParent(doubt);
  };
  // What is wrong with a file that turns out not to be the parent is no fact about this chain.
  const issues = new IssueLog();
  const { name: label, named } = candidate;
  try {
    const { format: only, window } = reference;
    const link: ChainLink = { ...candidate.link, accepts, issues, only, ...defined({ window }) };
    const disk = await openLink(candidate.source, candidate.name, candidate.siblings, link, session);
    for (const issue of issues.issues) child.issues.add(issue);
    const { unproven } = reference;
    // It is taken although it does not fit, or although nothing proves that it does.
    if (doubt !== undefined || unproven !== undefined) {
      const data = { parent: candidate.name, ...defined({ reason: unproven }), ...doubt };
      const at = { layer: child.name, offset: 0 };
      child.issues.add({ code: 'image.parent-not-verified', severity: 'error', at, data });
    }
    return { disk, parents: [describe(candidate, disk), ...disk.parents] };
  } catch (error) {
    session.reading.signal?.throwIfAborted();
    const failed = { candidate: label, named };
    return error instanceof NotTheParent ? { ...failed, difference: error.difference } : { ...failed, error };
  }
}

function describe(candidate: Candidate, disk: VirtualDisk): ParentInfo {
  const id = disk.identity?.id ?? disk.identity?.state;
  const { format, variant } = disk;
  const name = candidate.source.name ?? candidate.name;
  return { name, ...defined({ id }), format, variant, foundBy: candidate.foundBy };
}

function compare(reference: ParentReference, identity: ImageIdentity | undefined): ParentDifference | undefined {
  if (reference.id !== undefined && !sameName(reference.id, identity?.id ?? '')) {
    return { kind: 'other', expected: reference.id, found: identity?.id ?? 'no identifier' };
  }
  const { states } = reference;
  if (states === undefined || states.some((state) => sameName(state, identity?.state ?? ''))) return undefined;
  // Without an identifier for life, only the name says that this is the same disk in another state.
  const kind = reference.id === undefined ? 'other' : 'changed';
  return { kind, expected: states.join(' or '), found: identity?.state ?? 'no identifier' };
}
