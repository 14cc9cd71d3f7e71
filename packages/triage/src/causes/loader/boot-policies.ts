import type { ReadOptions } from '@deadbox/core';
import { lastBootFailure } from '@deadbox/windows';
import { refusedPolicies } from '@deadbox/windows/internals';
import { CAUSE_KINDS } from '../../cause-kinds/cause-kinds.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import { usedBootLog } from '../boot-manager/boot-log-report.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { noted, speaksFor } from '../disk-cause.js';
import { soundEfiVolume } from '../firmware/efi-volumes.js';

const FOLDER = '/EFI/Microsoft/Boot';
/** Policies of one file, as Windows has them since 10. */
const SINGLE: readonly string[] = ['SiPolicy.p7b', 'WinSiPolicy.p7b'];

/**
 * Policies of code integrity that the boot manager reads: on the EFI system partition, and what its log says of them.
 */
export const bootManagerPolicies: DiskDetector = {
  causes: ['ci-policy-bad'],
  async detect(subject, options) {
    const bad = await badPolicies(subject, options);
    return bad.length > 0 ? bad : refused(subject);
  },
};

async function badPolicies(subject: DiskSubject, options: ReadOptions): Promise<FoundCause[]> {
  const efi = await soundEfiVolume(subject, options);
  const files = efi === undefined ? undefined : await subject.files(efi.volume, options);
  if (efi === undefined || files === undefined) return [];
  const active = `${FOLDER}/CiPolicies/Active`;
  const listed = await files.list(active, options);
  const policies = [...(listed?.names.values() ?? [])].filter(({ name }) => /\.cip$/i.test(name));
  const paths = [...policies.map(({ name }) => `${active}/${name}`), ...SINGLE.map((name) => `${FOLDER}/${name}`)];
  const found: FoundCause[] = [];
  for (const { path, state, data } of await files.checkAll(paths, 'plain', options)) {
    const { number } = efi.volume;
    if (state === 'unreadable') subject.doubts.add(['ci-policy-bad'], { volume: number, path, ...data });
    else if (state !== 'good' && state !== 'absent')
      found.push(speaksFor('ci-policy-bad', { volume: number, data: { path, state, ...data } }));
  }
  return found;
}

/**
 * What the newest start noted of policies. Machines go on without one, so that it is worth knowing only, unless that
 * start ended with a code of this cause.
 */
function refused(subject: DiskSubject): FoundCause[] {
  const used = usedBootLog(subject);
  if (used?.log === undefined) return [];
  const failure = lastBootFailure(used.log);
  const ended = failure?.newest === true && CAUSE_KINDS['ci-policy-bad'].codes.includes(failure.status);
  return refusedPolicies(used.log).map(({ status, path }) => {
    const finding = { volume: used.volume, codes: [status], data: { path, status, log: used.path } };
    return ended
      ? speaksFor('ci-policy-bad', { ...finding, codes: [...new Set([failure.status, status])] })
      : noted('ci-policy-bad', 'hint', finding);
  });
}
