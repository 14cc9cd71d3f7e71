import { NIL_GUID } from '@deadbox/core';
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

/** What an image's disk tells of the server that it belongs to. */
export function identityOf({ installations, disk, volumes }: ImageReport): ServerIdentity {
  const host = installations.find(({ active, host: { computerName, hostName, machineId } }) => {
    return active && (computerName ?? hostName ?? machineId) !== undefined;
  })?.host;
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

/**
 * By what two states are of one server; empty where nothing tells, `other` where they are of two. Machines that were
 * copied from one image have one machine id, disk identity and serials: other names tell them apart.
 */
export function sameServer(one: ServerIdentity, other: ServerIdentity): SameServerReason[] | 'other' {
  if (differ(one.name, other.name) || differ(one.machineId, other.machineId)) return 'other';
  const reasons: SameServerReason[] = [];
  if (same(one.machineId, other.machineId)) reasons.push('machine-id');
  if (same(one.name, other.name)) reasons.push('name');
  if (same(one.domain, other.domain)) reasons.push('domain');
  if (same(one.diskId, other.diskId)) reasons.push('disk-id');
  if (meet(one.partitionIds, other.partitionIds)) reasons.push('partition-id');
  if (meet(one.serials, other.serials)) reasons.push('volume-serial');
  // A name alone may be anybody's, a domain is: something of the machine or the disk must agree as well.
  const proof = reasons.filter((reason) => reason !== 'name' && reason !== 'domain');
  return proof.length > 0 ? reasons : [];
}

const differ = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other;
const same = (one: string | undefined, other: string | undefined): boolean => one !== undefined && one === other;

function meet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const id of one) if (other.has(id)) return true;
  return false;
}
