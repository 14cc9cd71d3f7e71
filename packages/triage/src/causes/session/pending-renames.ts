import type { PendingRename } from '@deadbox/windows/internals';
import { MAX_PENDING_RENAMES, resolveImagePath } from '@deadbox/windows/internals';
import { SESSION_FILE_NAMES } from '../../drivers/core-files.js';
import { isNeededDriver } from '../../drivers/needed-drivers.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn, registryEvidence, systemDrive } from './found.js';
import { sessionManager } from './session-manager-facts.js';

/** Further files that every start reads. */
const KERNEL_FILES: ReadonlySet<string> = new Set(
  'NTOSKRNL.EXE HAL.DLL CI.DLL KDCOM.DLL PSHED.DLL BOOTVID.DLL WINLOAD.EXE WINLOAD.EFI APISETSCHEMA.DLL'.split(' '),
);
const MAX_FOUND = 16;
const NAME = 'PendingFileRenameOperations';

/**
 * A delete or overwrite of a file that every start needs waits for the next start. Thousands of other entries are
 * ordinary.
 */
export const pendingRenames: InstallationDetector = {
  causes: ['pending-renames'],
  async detect(subject, options) {
    const manager = await subject.fact(sessionManager, options);
    const found: FoundCause[] = [];
    if (manager?.pendingRenames.length === MAX_PENDING_RENAMES)
      subject.doubts.add(['pending-renames'], { key: `${manager.key.path}\\${NAME}`, reason: 'too-many' });
    for (const rename of manager?.pendingRenames ?? []) {
      const path = threatened(subject, rename);
      if (path === undefined || manager === undefined || found.length >= MAX_FOUND) continue;
      const { source, target } = rename;
      found.push(
        foundIn(subject, 'pending-renames', {
          severity: 'act',
          confidence: 'strong',
          data: { path, deletes: target === null, source, key: manager.key.path, name: NAME },
          evidence: await registryEvidence(subject, 'SYSTEM', manager.key, NAME, options),
        }),
      );
    }
    return found;
  },
};

/** The core file that the operation takes away or replaces. */
function threatened(subject: InstallationSubject, { source, target }: PendingRename): string | undefined {
  return [source, target].flatMap((stored) => {
    const path = stored === null ? undefined : resolveImagePath(`"${stored}"`, subject.root, systemDrive(subject));
    const inside = path?.toUpperCase().startsWith(`${subject.root.toUpperCase()}/`) === true;
    return inside && isCore(path.slice(subject.root.length).toUpperCase()) ? [path] : [];
  })[0];
}

function isCore(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (path === `/SYSTEM32/${name}`) return SESSION_FILE_NAMES.has(name) || KERNEL_FILES.has(name);
  return path === `/SYSTEM32/DRIVERS/${name}` && name.endsWith('.SYS') && isNeededDriver(name.slice(0, -4));
}
