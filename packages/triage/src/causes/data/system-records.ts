import { checkMftHead, findMisplacedListNames } from '@deadbox/ntfs/internals';
import { startEvidence, volumeEvidence } from '../../obstacles/obstacle-evidence.js';
import type { FoundCause } from '../cause.js';
import type { VolumeDetector } from '../detector.js';
import { foundIn } from '../session/found.js';

/** The boot sector of the volume of Windows cannot be used, and its backup can. */
export const bootSector: VolumeDetector = {
  causes: ['ntfs-boot-sector'],
  async detect(subject, options) {
    const { tree, volume } = subject;
    if (tree.bootSectorFrom !== 'backup') return [];
    return [
      foundIn(subject, 'ntfs-boot-sector', {
        severity: 'act',
        confidence: 'proves',
        data: {},
        evidence: await startEvidence(volume, options),
      }),
    ];
  },
};

/** One of the first records of `$MFT` cannot be used and its copy can, or the reverse. */
export const mftHead: VolumeDetector = {
  causes: ['ntfs-mft-head'],
  async detect(subject, options) {
    const { tree, volume } = subject;
    const { recordSize } = tree.geometry;
    const found: FoundCause[] = [];
    for (const { record, original, copy, originalOffset, copyOffset } of await checkMftHead(tree, options)) {
      if (original === copy) continue;
      const offset = original === 'bad' ? originalOffset : copyOffset;
      found.push(
        foundIn(subject, 'ntfs-mft-head', {
          severity: 'act',
          confidence: 'proves',
          data: { name: `record ${record}`, record, bad: original === 'bad' ? '$MFT' : '$MFTMirr' },
          evidence: await volumeEvidence(volume, `file record ${record}`, offset, recordSize, options),
          requests: [
            { operation: original === 'bad' ? 'restore-mft-records' : 'restore-mft-mirror', volume: volume.number },
          ],
        }),
      );
    }
    return found;
  },
};

/** An attribute list of the file system's own records says that a name stands two bytes later than it does. */
export const listNames: VolumeDetector = {
  causes: ['ntfs-attrlist-name-offset'],
  async detect(subject, options) {
    const { tree, volume } = subject;
    const found: FoundCause[] = [];
    for (const { record, type, name, offset, volumeOffset } of await findMisplacedListNames(tree, options))
      found.push(
        foundIn(subject, 'ntfs-attrlist-name-offset', {
          severity: 'act',
          confidence: 'proves',
          data: { name: `record ${record}, ${name}`, record, type, attribute: name, at: offset },
          requests: [{ operation: 'restore-attribute-list', volume: volume.number, record }],
          evidence:
            volumeOffset === undefined
              ? []
              : await volumeEvidence(volume, 'name offset of an attribute list entry', volumeOffset, 1, options),
        }),
      );
    return found;
  },
};
