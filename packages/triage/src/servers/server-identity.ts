import { NIL_GUID } from '@deadbox/core';
import type { HostReport } from '../report/host-report.js';
import type { ImageReport } from '../report/report-types.js';
import type { SameServerReason } from '../report/server-report.js';

/** What a server is told by. Everything that could not be read is absent; ids and names in small letters. */
export interface ServerIdentity {
  readonly name: string | undefined;
  readonly domain: string | undefined;
  readonly machineId: string | undefined;
  readonly diskId: string | undefined;
  readonly partitionIds: ReadonlySet<string>;
  readonly serials: ReadonlySet<string>;
}

/** Whom an image's disk says it belongs to: what the first active Windows tells that tells a name or a machine id. */
export function hostOf({ installations }: Pick<ImageReport, 'installations'>): HostReport | undefined {
  return installations.find(({ active, host: { computerName, hostName, machineId } }) => {
    return active && (computerName ?? hostName ?? machineId) !== undefined;
  })?.host;
}

/** What an image's disk tells of the server that it belongs to. */
export function identityOf(image: ImageReport): ServerIdentity {
  const { disk, volumes } = image;
  const host = hostOf(image);
  return {
    name: (host?.computerName ?? host?.hostName)?.toLowerCase(),
    domain: host?.domain?.toLowerCase(),
    machineId: host?.machineId?.toLowerCase(),
    diskId: disk.diskId === null || disk.diskId === NIL_GUID ? undefined : disk.diskId.toLowerCase(),
    partitionIds: new Set(volumes.flatMap(({ role, partitionId }) => (isOwn(role) ? own(partitionId) : []))),
    serials: new Set(volumes.flatMap(({ role, serial }) => (isOwn(role) ? own(serial) : []))),
  };
}

/** Volumes of one's own data: system partitions of one image are the same on every machine that was made of it. */
const isOwn = (role: string): boolean => role === 'windows' || role === 'data' || role === 'unknown';
const own = (id: string | null): string[] => (id === null ? [] : [id.toLowerCase()]);

/** The ids that prove that two states are of one server, where they have one of them both. */
export function proofKeys({ machineId, diskId, partitionIds, serials }: ServerIdentity): string[] {
  return [
    ...(machineId === undefined ? [] : [`machine ${machineId}`]),
    ...(diskId === undefined ? [] : [`disk ${diskId}`]),
    ...[...partitionIds].map((id) => `partition ${id}`),
    ...[...serials].map((id) => `serial ${id}`),
  ];
}

/** What the ids of {@link proofKeys} are called, by their first word. */
const REASONS: Readonly<Record<string, SameServerReason>> = {
  machine: 'machine-id',
  disk: 'disk-id',
  partition: 'partition-id',
  serial: 'volume-serial',
};

/**
 * By what the images of one server are told to be of one: an id that two have, and a name or domain that two have
 * beside such an id. A name alone may be anybody's, a domain is.
 */
export function reasonsOf(identities: readonly ServerIdentity[]): Set<SameServerReason> {
  const reasons = new Set<SameServerReason>();
  const seen = new Set<string>();
  const addSecond = (reason: SameServerReason, text: string): void => {
    if (!reasons.has(reason) && seen.size === seen.add(text).size) reasons.add(reason);
  };
  for (const identity of identities) {
    const { name, domain } = identity;
    for (const key of proofKeys(identity)) {
      const reason = REASONS[key.slice(0, key.indexOf(' '))];
      if (reason !== undefined) addSecond(reason, key);
      if (name !== undefined) addSecond('name', `name ${name}\n${key}`);
      if (domain !== undefined) addSecond('domain', `domain ${domain}\n${key}`);
    }
  }
  return reasons;
}
