import type { SameServerReason } from '../report/server-report.js';
import { proofKeys, type ServerIdentity, sameServer } from './server-identity.js';
import type { FoundState } from './server-states.js';

/** The states of one server. */
export interface StateGroup {
  readonly states: FoundState[];
  /** What they are told by, each once: snapshots of one machine are all told by the same. */
  readonly identities: Map<string, ServerIdentity>;
  readonly reasons: Set<SameServerReason>;
}

/** Groups the states of each image by server: those that have a name first, then what is like exactly one of them. */
export function groupStates(found: readonly (readonly FoundState[])[]): StateGroup[] {
  const groups = new Set<StateGroup>();
  const named = new Map<string, Set<StateGroup>>();
  const rest: StateGroup[] = [];
  for (const states of found) {
    const own = newGroup(states);
    const name = states[0]?.identity.name;
    if (name === undefined) rest.push(own);
    else {
      const candidates = named.get(name) ?? new Set();
      named.set(name, candidates);
      for (const other of candidates) if (merge(own, other)) for (const set of [candidates, groups]) set.delete(other);
      candidates.add(own);
      groups.add(own);
    }
  }
  addUnnamed(rest, groups);
  return [...groups];
}

function newGroup(states: readonly FoundState[]): StateGroup {
  const identities = new Map(states.map(({ identity }) => [keyOf(identity), identity]));
  return { states: [...states], identities, reasons: new Set() };
}

function keyOf(identity: ServerIdentity): string {
  return [identity.name, identity.domain, ...proofKeys(identity)].join('\n');
}

/** A disk whose server has no name belongs to the one that it is like; where several are, nobody can tell. */
function addUnnamed(rest: readonly StateGroup[], groups: Set<StateGroup>): void {
  const byKey = new Map<string, Set<StateGroup>>();
  const index = (group: StateGroup): void => {
    for (const identity of group.identities.values())
      for (const key of proofKeys(identity)) byKey.set(key, (byKey.get(key) ?? new Set()).add(group));
  };
  for (const group of groups) index(group);
  for (const own of rest) {
    const keys = [...own.identities.values()].flatMap(proofKeys);
    const like = new Set(keys.flatMap((key) => [...(byKey.get(key) ?? [])]));
    const [other] = like;
    if (like.size === 1 && other !== undefined && merge(other, own)) {
      index(other);
      continue;
    }
    groups.add(own);
    if (like.size === 0) index(own);
  }
}

/** Takes the states of `other` into `own` where both are of one server. */
function merge(own: StateGroup, other: StateGroup): boolean {
  const found = new Set<SameServerReason>();
  for (const one of own.identities.values())
    for (const two of other.identities.values()) {
      const reasons = sameServer(one, two);
      if (reasons === 'other') return false;
      for (const reason of reasons) found.add(reason);
    }
  if (found.size === 0) return false;
  for (const reason of [...found, ...other.reasons]) own.reasons.add(reason);
  for (const [key, identity] of other.identities) own.identities.set(key, identity);
  // Snapshots of one machine can be thousands: more arguments than a call takes.
  for (const state of other.states) own.states.push(state);
  return true;
}
