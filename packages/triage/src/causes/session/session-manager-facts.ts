import type { ReadOptions } from '@deadbox/core';
import { readSessionManager, type SessionManager } from '@deadbox/windows/internals';
import type { InstallationSubject } from '../../subject/installation-subject.js';

/** The session manager's values in the control set that the loader will use. */
export async function sessionManager(
  subject: InstallationSubject,
  options: ReadOptions,
): Promise<SessionManager | undefined> {
  const set = await subject.controlSet(options);
  return set === undefined ? undefined : readSessionManager(set.key);
}
