import type { SameServerReason } from '../report/server-report.js';
import { proofKeys, reasonsOf, type ServerIdentity } from './server-identity.js';
import type { FoundState } from './server-states.js';

/** The states of one server. */
export interface StateGroup {
  readonly states: readonly FoundState[];
  readonly reasons: ReadonlySet<SameServerReason>;
}

/** What one image gives, all told by the same: its present state or a snapshot, and its shadow copies. */
interface Image {
  readonly states: readonly FoundState[];
  readonly identity: ServerIdentity;
  readonly keys: readonly string[];
  /** Its place among all images. */
  readonly index: number;
}

interface Server {
  readonly images: Image[];
  /** Present once one of its images tells it. */
  machineId: string | undefined;
}

/**
 * Groups the states of each image by server: those that have a name first, then what is like exactly one of them. A
 * journal can tell of a million disks with one name, or with one serial, so nothing is compared in pairs: an id leads
 * to the first that had it.
 */
export function groupStates(found: readonly (readonly FoundState[])[]): StateGroup[] {
  const byName = new Map<string, Image[]>();
  const unnamed: Image[] = [];
  for (const [index, states] of found.entries()) {
    const identity = states[0]?.identity;
    if (identity === undefined) continue;
    const image = { states, identity, keys: proofKeys(identity), index };
    if (identity.name === undefined) unnamed.push(image);
    else addTo(byName, identity.name, image);
  }
  const servers = [...byName.values()].flatMap(serversOfName);
  // The last image of each stands first.
  for (const { images } of servers) images.sort((a, b) => b.index - a.index);
  servers.sort((a, b) => lastOf(a) - lastOf(b));
  addUnnamed(unnamed, servers);
  return servers.map(({ images }) => ({
    states: images.flatMap(({ states }) => states),
    reasons: reasonsOf(images.map(({ identity }) => identity)),
  }));
}

const lastOf = ({ images: [last] }: Server): number => last?.index ?? 0;

/**
 * The servers of one name: one for each machine id, and what has none with the one whose ids it shares; what shares
 * those of several machines, or of none, is a server of its own.
 */
function serversOfName(images: readonly Image[]): Server[] {
  const byMachine = new Map<string, Image[]>();
  const others: Image[] = [];
  for (const image of images) {
    const { machineId } = image.identity;
    if (machineId === undefined) others.push(image);
    else addTo(byMachine, machineId, image);
  }
  const servers = [...byMachine].map(([machineId, own]): Server => ({ images: own, machineId }));
  const owners = new Owners();
  for (const server of servers) owners.add(server);
  for (const alike of connected(others)) {
    const like = owners.of(alike.flatMap(({ keys }) => keys));
    if (like.only === undefined) servers.push({ images: alike, machineId: undefined });
    else for (const image of alike) like.only.images.push(image);
  }
  return servers;
}

/** Images that share an id, or are each like one that both share one with. */
function connected(images: readonly Image[]): Image[][] {
  const parents = images.map((_, index) => index);
  const rootOf = (index: number): number => {
    let root = index;
    while (parents[root] !== root) {
      // Halved on the way, so that no chain stays long.
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  };
  const first = new Map<string, number>();
  for (const [index, { keys }] of images.entries())
    for (const key of keys) {
      const other = first.get(key);
      if (other === undefined) first.set(key, index);
      else parents[rootOf(index)] = rootOf(other);
    }
  const groups = new Map<number, Image[]>();
  for (const [index, image] of images.entries()) addTo(groups, rootOf(index), image);
  return [...groups.values()];
}

/**
 * A disk whose server has no name belongs to the one that it is like; where several are, nobody can tell. One of
 * another machine id is none of them, whatever else they share: the disks of machines that were made of one image share
 * all the rest. So those that have a machine id are put in first.
 */
function addUnnamed(unnamed: readonly Image[], servers: Server[]): void {
  const owners = new Owners();
  for (const server of servers) owners.add(server);
  const has = ({ identity }: Image): boolean => identity.machineId !== undefined;
  for (const image of [...unnamed.filter(has), ...unnamed.filter((other) => !has(other))]) {
    const { machineId } = image.identity;
    const { only, isNone } = owners.of(image.keys, machineId);
    const isOther = (machineId ?? only?.machineId) !== (only?.machineId ?? machineId);
    if (only !== undefined && !isOther) {
      only.images.push(image);
      only.machineId ??= machineId;
      owners.addKeys(only, image.keys);
      continue;
    }
    const own: Server = { images: [image], machineId };
    servers.push(own);
    if (isNone || isOther) owners.add(own);
  }
}

/** Which server has an id; more than one may. */
class Owners {
  readonly #owners = new Map<string, Server | 'several'>();

  add(server: Server): void {
    for (const { keys } of server.images) this.addKeys(server, keys);
  }

  addKeys(server: Server, keys: readonly string[]): void {
    for (const key of keys)
      for (const place of [key, placeOf(key, server.machineId)]) {
        const known = this.#owners.get(place);
        this.#owners.set(place, known === undefined || known === server ? server : 'several');
      }
  }

  /**
   * The only server that has one of the ids, and whether none has. With a machine id, of those that have the same, or
   * whose own nobody knows.
   */
  of(keys: readonly string[], machineId?: string): { only: Server | undefined; isNone: boolean } {
    const places =
      machineId === undefined ? keys : keys.flatMap((key) => [placeOf(key, machineId), placeOf(key, undefined)]);
    const found = new Set(places.flatMap((place) => this.#owners.get(place) ?? []));
    const [only] = found;
    return { only: found.size === 1 && only !== 'several' ? only : undefined, isNone: found.size === 0 };
  }
}

/** Where an id stands of the servers of one machine id, or of those without one. */
const placeOf = (key: string, machineId: string | undefined): string => `${key}\n${machineId ?? ''}`;

function addTo<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}
