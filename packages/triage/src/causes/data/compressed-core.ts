import { AttributeType, NtfsFile } from '@deadbox/ntfs';
import type { FoundCause } from '../cause.js';
import type { VolumeDetector } from '../detector.js';
import { buildOf, foundIn } from '../session/found.js';

/** Windows 8.1 Update is the first whose loader starts from compressed files (WIMBoot, later Compact OS). */
const WINDOWS_8_1 = 9600;
const FILES = [
  'ntoskrnl.exe',
  'hal.dll',
  'winload.exe',
  'winload.efi',
  'ci.dll',
  'kdcom.dll',
  'config/SYSTEM',
] as const;

/** A file that an old loader reads by itself is compressed. */
export const compressedCore: VolumeDetector = {
  causes: ['volume-compressed-core'],
  async detect(subject, options) {
    const build = buildOf(subject);
    if (build === undefined || build >= WINDOWS_8_1) return [];
    const found: FoundCause[] = [];
    const paths = FILES.map((name) => `${subject.root}/System32/${name}`);
    for (const checked of await subject.files.checkAll(paths, 'presence', options)) {
      if (!(checked.file instanceof NtfsFile) || !isCompressed(checked.file)) continue;
      found.push(
        foundIn(subject, 'volume-compressed-core', {
          severity: 'review',
          confidence: 'hint',
          data: { path: checked.path, build },
          evidence: await checked.evidence(options),
        }),
      );
    }
    return found;
  },
};

function isCompressed(file: NtfsFile): boolean {
  if (file.reparseTag !== undefined) return true;
  const content = file.attributes.find(({ type, name }) => type === AttributeType.data && name === '');
  return content?.compressed === true;
}
