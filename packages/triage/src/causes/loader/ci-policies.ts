import type { CheckedFile } from '../../subject/file-state.js';
import type { InstallationDetector } from '../detector.js';
import { foundFile, isBad, SUSPECT } from '../kernel/found.js';

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
    const bad = files.filter((file) => isBad(file) && file.state !== 'absent');
    return Promise.all(bad.map((file: CheckedFile) => foundFile(subject, 'ci-policy-bad', SUSPECT, file, {}, options)));
  },
};
