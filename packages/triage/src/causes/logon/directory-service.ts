import { type Evidence, isDamage, type ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { type EsentState, readDirectoryService, readEsentState, sameId } from '@deadbox/windows/internals';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { doubtFile, foundIn, registryEvidence, systemDrive } from '../session/found.js';
import { freeSpaceOf, fullness } from '../session/volume-room.js';

/** `SanPolicy`: disks on a shared bus (3) or all but the boot disk (4) stay offline. */
const OFFLINE_POLICIES: ReadonlySet<number> = new Set([3, 4]);
const DATABASE = 'DSA Database file';

type Fault = { readonly path: string; readonly fault: 'missing' | 'no-database' | 'dirty' | 'full' };

/** The directory of a domain controller is not where it should be, no database, or has no room. */
export const directoryService: DiskDetector = {
  causes: ['ntds-unavailable'],
  async detect(subject, options) {
    const found: FoundCause[] = [];
    for (const installation of subject.installations)
      found.push(...(await ofInstallation(subject, installation, options)));
    return found;
  },
};

async function ofInstallation(
  disk: DiskSubject,
  subject: InstallationSubject,
  options: ReadOptions,
): Promise<readonly FoundCause[]> {
  const set = await subject.controlSet(options);
  // Other machines have the key too, without parameters.
  if (set === undefined || subject.machine?.machine.productType !== 'domain-controller') return [];
  const places = await readDirectoryService(set.key);
  const stored = places?.database;
  if (places === undefined || stored === undefined) return [];
  const evidence = (): Promise<readonly Evidence[]> =>
    registryEvidence(subject, 'SYSTEM', places.key, DATABASE, options);
  const base = { key: places.key.path, name: DATABASE, database: stored };
  const volume = volumeOfLetter(disk, subject, stored[0] ?? '');
  if (volume === undefined) {
    const policy = await (await set.key.key('Services\\partmgr\\Parameters'))?.number('SanPolicy');
    const offline = policy !== undefined && OFFLINE_POLICIES.has(policy);
    return [
      foundIn(subject, 'ntds-unavailable', {
        severity: offline ? 'review' : 'none',
        confidence: offline ? 'strong' : 'hint',
        data: { ...base, fault: offline ? 'disk-offline' : 'other-disk', policy: policy ?? null },
        evidence: await evidence(),
        ...(offline ? { repair: { class: 'in-place', operation: 'set-san-policy' } as const } : {}),
      }),
    ];
  }
  const fault = await faultOf(disk, subject, volume, stored, options);
  if (fault === undefined) return [];
  const dirty = fault.fault === 'dirty';
  return [
    foundIn(subject, 'ntds-unavailable', {
      severity: dirty ? 'none' : 'act',
      confidence: dirty ? 'hint' : fault.fault === 'full' ? 'strong' : 'proves',
      data: { ...base, ...fault, databaseVolume: volume.number },
      evidence: await evidence(),
    }),
  ];
}

/** The volume of this disk that a letter stood for; `undefined` where it was another disk's, or nothing tells. */
function volumeOfLetter({ disk }: DiskSubject, subject: InstallationSubject, letter: string): Volume | undefined {
  if (letter.toUpperCase() === systemDrive(subject)) return subject.volume;
  const target = subject.machine?.machine.mountedDevices.find(({ drive }) => drive === letter.toUpperCase())?.target;
  if (target?.kind === 'gpt') return disk.volumes.find(({ partition }) => sameId(partition?.id, target.partitionId));
  if (target?.kind !== 'mbr' || !sameId(disk.table.diskId, target.diskSignature)) return undefined;
  return disk.volumes.find(({ offset }) => offset === target.partitionOffset);
}

async function faultOf(
  disk: DiskSubject,
  subject: InstallationSubject,
  volume: Volume,
  stored: string,
  options: ReadOptions,
): Promise<Fault | undefined> {
  const files = volume === subject.volume ? subject.files : await disk.files(volume, options);
  const wanted = stored.slice(2).replaceAll('\\', '/');
  const checked = await files?.check(wanted, 'presence', options);
  if (checked === undefined || checked.state === 'unreadable') {
    doubtFile(subject, 'ntds-unavailable', checked?.path ?? wanted);
    return undefined;
  }
  const { path, state, file } = checked;
  if (state === 'absent') return { path, fault: 'missing' };
  if (state !== 'good' || file === undefined) return { path, fault: 'no-database' };
  const database: EsentState = await readEsentState(await file.stream(undefined, options), options);
  if (database === 'not-a-database') return { path, fault: 'no-database' };
  // Of the volume of Windows itself that is said already.
  if (volume !== subject.volume && (await isFull(disk, volume, options))) return { path, fault: 'full' };
  return database === 'dirty' ? { path, fault: 'dirty' } : undefined;
}

async function isFull(disk: DiskSubject, volume: Volume, options: ReadOptions): Promise<boolean> {
  const tree = await disk.tree(volume, options);
  if (!(tree instanceof NtfsVolume)) return false;
  try {
    return fullness(await freeSpaceOf(tree, options)) === 'full';
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return false;
  }
}
