import type { ReadOptions } from '@deadbox/core';
import type { PlatformReport } from '../report/cause-report.js';
import type { InstallationSubject } from '../subject/installation-subject.js';

/** On which platforms an installation can start. */
export function platformsOf(
  _subject: InstallationSubject,
  _options: ReadOptions,
): Promise<Readonly<Record<string, PlatformReport>>> {
  return Promise.resolve({});
}
