import { GIB, MIB, type ReadOptions } from '@deadbox/core';
import { KnownRecord, type NtfsVolume } from '@deadbox/ntfs';
import { countFreeSpace, type FreeSpace } from '@deadbox/ntfs/internals';
import { recordEvidence } from '../../obstacles/obstacle-evidence.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector, VolumeDetector } from '../detector.js';
import { foundIn, registryEvidence, systemDrive } from './found.js';
import { sessionManager } from './session-manager-facts.js';

/** What a start needs for page file, registry and temporary files. */
export const NEEDED_BYTES: number = 300 * MIB;
/** No Windows is installed on less: on a smaller volume the share decides, not the bytes. */
const SMALLEST_WINDOWS: number = 16 * GIB;

/** Free space of a volume, counted as far as it takes to know that there is enough. */
export function freeSpaceOf(tree: NtfsVolume, options: ReadOptions): Promise<FreeSpace> {
  const total = tree.geometry.totalClusters * tree.geometry.clusterSize;
  return countFreeSpace(tree, Math.max(NEEDED_BYTES, total / 100), options);
}

/** How full a volume is: `full` nothing can be written any more, `tight` less than one per cent is left. */
export function fullness({ free, exact, total }: FreeSpace): 'full' | 'tight' | 'roomy' {
  if (!exact) return 'roomy';
  const tight = free < total / 100;
  return free < NEEDED_BYTES && (tight || total >= SMALLEST_WINDOWS) ? 'full' : tight ? 'tight' : 'roomy';
}

/** The volume of Windows has no room left. */
export const diskFull: VolumeDetector = {
  causes: ['disk-full'],
  async detect(subject, options) {
    const space = await freeSpaceOf(subject.tree, options);
    const state = fullness(space);
    if (state === 'roomy') return [];
    const { tree, volume } = subject;
    const found: FoundCause = foundIn(subject, 'disk-full', {
      severity: state === 'full' ? 'act' : 'review',
      confidence: state === 'full' ? 'strong' : 'hint',
      data: { free: space.free, total: space.total },
      evidence: await recordEvidence(
        volume,
        () => tree.file(KnownRecord.bitmap, options),
        tree.geometry.recordSize,
        options,
      ),
    });
    return [found];
  },
};

/** All page files lie on another volume: Windows makes a temporary one, and writes no dump. */
export const pageFileElsewhere: InstallationDetector = {
  causes: ['pagefile-other-disk'],
  async detect(subject, options) {
    const manager = await subject.fact(sessionManager, options);
    const declared = (manager?.pageFiles ?? []).filter((path) => /^[a-z?]:/i.test(path));
    const own = [systemDrive(subject), '?'];
    if (manager === undefined || declared.length === 0 || declared.some((path) => own.includes(path[0].toUpperCase())))
      return [];
    const key = await manager.key.key('Memory Management');
    return [
      foundIn(subject, 'pagefile-other-disk', {
        severity: 'none',
        confidence: 'hint',
        data: { files: declared },
        evidence: key === undefined ? [] : await registryEvidence(subject, 'SYSTEM', key, 'PagingFiles', options),
      }),
    ];
  },
};
