import { readCriticalServices, resolveImagePath } from '@deadbox/windows/internals';
import { SESSION_FILE_NAMES } from '../../drivers/core-files.js';
import { isCountable } from '../../drivers/driver-facts.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtFile, foundIn, registryEvidence, setNumber, systemDrive } from '../session/found.js';

/** A service that may restart the machine when it does not start has no program. */
export const criticalServices: InstallationDetector = {
  causes: ['service-critical'],
  async detect(subject, options) {
    const set = await subject.controlSet(options);
    if (set !== undefined) await isCountable(subject, set, ['service-critical']);
    const found: FoundCause[] = [];
    for (const { key, name, errorControl, imagePath } of set === undefined ? [] : await readCriticalServices(set.key)) {
      const path = resolveImagePath(imagePath, subject.root, systemDrive(subject));
      if (path === undefined) continue;
      const file = await subject.files.check(path, 'presence', options);
      if (file.state === 'unreadable') doubtFile(subject, 'service-critical', file.path);
      const program = path.slice(path.lastIndexOf('/') + 1).toUpperCase();
      if (file.state === 'good' || file.state === 'unreadable' || SESSION_FILE_NAMES.has(program)) continue;
      found.push(
        foundIn(subject, 'service-critical', {
          severity: 'act',
          confidence: 'strong',
          data: { ...file.data, path: file.path, state: file.state, key: key.path, service: name, errorControl },
          evidence: await registryEvidence(subject, 'SYSTEM', key, 'ErrorControl', options),
          // Its failure is then a message, not a start anew.
          requests: [setNumber(subject, key.path, 'ErrorControl', 1)],
        }),
      );
    }
    return found;
  },
};
