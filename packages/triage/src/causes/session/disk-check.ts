import { KnownRecord, VolumeFlag } from '@deadbox/ntfs';
import { recordEvidence } from '../../obstacles/obstacle-evidence.js';
import type { VolumeDetector } from '../detector.js';
import { foundIn, registryEvidence } from './found.js';
import { sessionManager } from './session-manager-facts.js';

/**
 * A check that is told to repair, or not to ask whether it is needed: it begins anew at each start until it comes to
 * its end.
 */
const FORCED = /\bautochk\b.*\s\/[prf]\b/i;

/**
 * The file system is checked at each start. A dirty flag alone means one check, at the next start; it comes again where
 * the check was under way when the machine stopped, where damage is left, or where it is forced.
 */
export const diskCheck: VolumeDetector = {
  causes: ['chkdsk-each-boot'],
  async detect(subject, options) {
    const { tree, volume } = subject;
    const { flags = 0 } = await tree.information(options);
    const manager = await subject.fact(sessionManager, options);
    const entry = manager?.bootExecute?.find((one) => FORCED.test(one));
    const dirty = (flags & VolumeFlag.dirty) !== 0;
    const underWay = (flags & VolumeFlag.chkdskUnderway) !== 0;
    const damaged = dirty && tree.contradictions.length > 0;
    const again = underWay || damaged || entry !== undefined;
    if (!dirty && !again) return [];
    const record = await recordEvidence(
      volume,
      () => tree.file(KnownRecord.volume, options),
      tree.geometry.recordSize,
      options,
    );
    return [
      foundIn(subject, 'chkdsk-each-boot', {
        severity: again ? 'review' : 'none',
        confidence: again ? 'strong' : 'hint',
        data: { dirty, underWay, damaged, entry: entry ?? null },
        evidence:
          entry === undefined || manager === undefined
            ? record
            : await registryEvidence(subject, 'SYSTEM', manager.key, 'BootExecute', options),
      }),
    ];
  },
};
