import type { Evidence } from '@deadbox/core';
import { volumeEvidence } from '../../obstacles/obstacle-evidence.js';
import type { VolumeDetector } from '../detector.js';
import { foundIn } from '../session/found.js';

/** Bytes of an index block or record that tell what it is. */
const SHOWN = 64;

/** The index or the records of a folder that every start reads are damaged. */
export const damagedFolders: VolumeDetector = {
  causes: ['ntfs-index-or-record-bad'],
  async detect(subject, options) {
    const { tree, volume, files, root } = subject;
    const { log } = await tree.state(options);
    for (const folder of [`${root}/System32`, `${root}/System32/drivers`, `${root}/System32/config`]) {
      const before = tree.contradictions.length;
      const listing = await files.list(folder, options);
      if (listing?.complete !== false) continue;
      const [first] = tree.contradictions.slice(before).concat(tree.contradictions);
      const evidence: readonly Evidence[] =
        first === undefined
          ? []
          : await volumeEvidence(volume, `contradiction of ${folder}`, first.offset, SHOWN, options);
      // Of the folders below a damaged one nothing is known.
      return [
        foundIn(subject, 'ntfs-index-or-record-bad', {
          // A log that is still to be replayed may put it right.
          severity: log === 'clean' ? 'act' : 'review',
          confidence: 'strong',
          data: { path: folder, kind: first?.kind ?? null, log },
          evidence,
        }),
      ];
    }
    return [];
  },
};

/** The log of the file system cannot be read. */
export const unreadableLog: VolumeDetector = {
  causes: ['ntfs-log-unreplayable'],
  async detect(subject, options) {
    const { tree } = subject;
    const { log, dirty } = await tree.state(options);
    if (log !== 'unreadable') return [];
    return [
      foundIn(subject, 'ntfs-log-unreplayable', {
        severity: 'review',
        confidence: 'hint',
        data: { dirty: dirty === true },
        evidence: [],
      }),
    ];
  },
};
