import { readPartitionManagers, sameId } from '@deadbox/windows/internals';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { foundIn, registryEvidence } from '../session/found.js';

/** Windows was told to keep this disk offline or read-only. */
export const readOnlyDisk: DiskDetector = {
  causes: ['disk-read-only'],
  async detect({ disk, installations }, options) {
    const found: FoundCause[] = [];
    for (const subject of installations) {
      const set = await subject.controlSet(options);
      if (set === undefined) continue;
      const { managers, complete } = await readPartitionManagers(set.key);
      if (!complete) subject.doubts.add(['disk-read-only'], { key: `\\${set.name}\\Enum`, reason: 'too-many' });
      for (const { key, diskId, attributes } of managers) {
        // Disks of earlier days stay in the registry; the cached table says which one this is.
        if (attributes === 0 || !sameId(diskId, disk.table.diskId)) continue;
        found.push(
          foundIn(subject, 'disk-read-only', {
            severity: 'review',
            confidence: 'hint',
            data: { key: key.path, name: 'Attributes', attributes },
            evidence: await registryEvidence(subject, 'SYSTEM', key, 'Attributes', options),
          }),
        );
      }
    }
    return found;
  },
};
