import type { ReadOptions } from '@deadbox/core';
import { readBootStatusFile } from '@deadbox/windows';
import { refusedPolicies } from '@deadbox/windows/internals';
import type { CheckedFile } from '../../subject/file-state.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtUnreadable, foundFile, foundIn, isBad, KNOWN, SUSPECT } from '../kernel/found.js';

const FOLDER = 'System32/CodeIntegrity';

/** Policies of code integrity that the loader reads before anything else of Windows. */
export const ciPolicies: InstallationDetector = {
  causes: ['ci-policy-bad'],
  async detect(subject, options) {
    const active = `${subject.root}/${FOLDER}/CiPolicies/Active`;
    const listed = await subject.files.list(active, options);
    const policies = [...(listed?.names.values() ?? [])].filter(({ name }) => /\.cip$/i.test(name));
    const paths = [...policies.map(({ name }) => `${active}/${name}`), `${subject.root}/${FOLDER}/SiPolicy.p7b`];
    const files = await subject.files.checkAll(paths, 'plain', options);
    doubtUnreadable(subject, ['ci-policy-bad'], files);
    const bad = files.filter((file) => isBad(file) && file.state !== 'absent');
    if (bad.length === 0) return refusedByLoader(subject, options);
    return Promise.all(bad.map((file: CheckedFile) => foundFile(subject, 'ci-policy-bad', SUSPECT, file, {}, options)));
  },
};

/** What the loader's own log says of policies. Machines start in spite of it. */
async function refusedByLoader(subject: InstallationSubject, options: ReadOptions): Promise<FoundCause[]> {
  const file = await readBootStatusFile(subject.tree, `${subject.root}/bootstat.dat`, options);
  if (file?.log === undefined) return [];
  return refusedPolicies(file.log).map(({ status, path }) =>
    foundIn(subject, 'ci-policy-bad', KNOWN, { path, status, log: file.path }),
  );
}
