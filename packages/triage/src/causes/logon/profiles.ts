import { readProfiles } from '@deadbox/windows/internals';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn, registryEvidence } from '../session/found.js';

/** Windows set a user's profile aside because it could not load it: that user gets a temporary one. */
export const profiles: InstallationDetector = {
  causes: ['profile-broken'],
  async detect(subject, options) {
    const { hive } = await subject.hive('SOFTWARE', options);
    const found: FoundCause[] = [];
    if (hive === undefined) return found;
    const { profiles: all, unread } = await readProfiles(hive);
    if (unread !== undefined) subject.doubts.add(profiles.causes, { key: unread.path, reason: 'too-many' });
    for (const { key, sid, aside, path } of all) {
      if (!aside) continue;
      found.push(
        foundIn(subject, 'profile-broken', {
          severity: 'none',
          confidence: 'hint',
          data: { key: key.path, sid, folder: path ?? null },
          evidence: await registryEvidence(subject, 'SOFTWARE', key, null, options),
        }),
      );
    }
    return found;
  },
};
