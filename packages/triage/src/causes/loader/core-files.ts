import { type FileNode, type ReadOptions, survive } from '@deadbox/core';
import { type FileVersion, readFileVersion } from '@deadbox/windows';
import { type CoreFile, coreFilesOf, corePath } from '../../drivers/core-files.js';
import { bootStartFiles, type DriverFacts, driverFacts } from '../../drivers/driver-facts.js';
import { importedFiles } from '../../drivers/import-closure.js';
import { markOddMachines } from '../../drivers/usual-machine.js';
import type { CheckedFile } from '../../subject/file-state.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { doubtUnreadable, foundFile, foundIn, isBad, LIKELY, PROVEN, SUSPECT } from '../kernel/found.js';

/** The files that the loader loads on every machine, and those that they and the boot-start drivers import. */
export const coreFiles: InstallationDetector = {
  causes: ['core-file-bad', 'core-file-machine', 'core-file-version'],
  async detect(subject, options) {
    const facts = await subject.fact(driverFacts, options);
    if (facts === undefined) return [];
    const core = await readCore(subject, facts, options);
    const checked = core.map(({ checked: file }) => file);
    doubtUnreadable(subject, ['core-file-bad'], checked);
    const missing = core.filter(({ file, checked: { state } }) => state === 'absent' && file.optional !== true);
    const wanted = core.filter(({ file }) => file.optional !== true).length;
    if (missing.length * 2 > wanted) return [withoutWindows(subject, missing.length, wanted)];
    const found: FoundCause[] = [];
    for (const one of core) {
      const cause = await judged(subject, one, options);
      if (cause !== undefined) found.push(cause);
    }
    found.push(...(await importedCauses(subject, checked, options)));
    return [...found, ...(await mixedVersions(subject, checked, options))];
  },
};

interface ReadCore {
  readonly file: CoreFile;
  readonly checked: CheckedFile;
}

/** The oldest build that is known here: what Windows is taken for that does not tell its build. */
const WINDOWS_7 = 7600;
const WINDOWS_8 = 9200;

async function readCore(
  subject: InstallationSubject,
  { build, hardware }: DriverFacts,
  options: ReadOptions,
): Promise<ReadCore[]> {
  const files = coreFilesOf(build ?? (hardware.lastId === undefined ? WINDOWS_7 : WINDOWS_8));
  const pathOf = ({ path }: CoreFile): string => corePath(subject.root, path);
  const plain = files.filter((file) => file.plain === true);
  const images = files.filter((file) => file.plain !== true);
  const checked = markOddMachines(await subject.files.checkAll(images.map(pathOf), 'content', options));
  const present = await subject.files.checkAll(plain.map(pathOf), 'presence', options);
  return [...images, ...plain].map((file, index) => ({
    file,
    checked: [...checked, ...present][index],
  }));
}

/** With most of these files gone it is no Windows that starts; whether it ever was one, the disk does not tell. */
function withoutWindows(subject: InstallationSubject, missing: number, wanted: number): FoundCause {
  return foundIn(subject, 'core-file-bad', SUSPECT, {
    path: `${subject.root}/System32`,
    state: 'absent',
    missing,
    wanted,
  });
}

async function judged(
  subject: InstallationSubject,
  { file, checked }: ReadCore,
  options: ReadOptions,
): Promise<FoundCause | undefined> {
  if (!isBad(checked)) return undefined;
  if (checked.state === 'wrong-machine') return foundFile(subject, 'core-file-machine', PROVEN, checked, {}, options);
  if (checked.state === 'absent') {
    if (file.optional === true) return undefined;
    const others = (file.insteadOf ?? []).map((name) => corePath(subject.root, name));
    const replaced = await subject.files.checkAll(others, 'presence', options);
    if (replaced.some(({ state }) => state === 'good')) return undefined;
  }
  const weight = file.optional === true ? SUSPECT : PROVEN;
  return foundFile(subject, 'core-file-bad', weight, checked, {}, options);
}

/** Images that the core files and the boot-start drivers import from, where they are bad. */
async function importedCauses(
  subject: InstallationSubject,
  core: readonly CheckedFile[],
  options: ReadOptions,
): Promise<FoundCause[]> {
  const drivers = await subject.fact(bootStartFiles, options);
  const known = [...core, ...drivers.values()];
  const found: FoundCause[] = [];
  const { files, complete } = await importedFiles(subject, known, options);
  if (!complete)
    subject.doubts.add(['core-file-bad'], { path: `${subject.root}/System32/drivers`, reason: 'too-many' });
  for (const { file, importedBy } of files) {
    doubtUnreadable(subject, ['core-file-bad'], [file]);
    if (isBad(file)) found.push(await foundFile(subject, 'core-file-bad', PROVEN, file, { importedBy }, options));
  }
  return found;
}

/**
 * Builds whose files are the same but for the first: an update switched the later ones on, or only replaced what it
 * changed.
 */
const FAMILIES: readonly (readonly number[])[] = [
  [6000, 6001, 6002],
  [7600, 7601],
  [18_362, 18_363],
  [19_041, 19_042, 19_043, 19_044, 19_045],
  [22_621, 22_631],
  [26_100, 26_200],
];

const familyOf = (build: number): number => FAMILIES.find((family) => family.includes(build))?.[0] ?? build;

/** Core files of another build than most of them. */
async function mixedVersions(
  subject: InstallationSubject,
  core: readonly CheckedFile[],
  options: ReadOptions,
): Promise<FoundCause[]> {
  const versions: { readonly checked: CheckedFile; readonly version: string; readonly family: number }[] = [];
  for (const checked of core) {
    const version =
      checked.state === 'good' && checked.file !== undefined ? await versionOf(checked.file, options) : undefined;
    const build = /^(?:6\.[0-3]|10\.0)\.(\d+)\./.exec(version ?? '')?.[1];
    if (version !== undefined && build !== undefined)
      versions.push({ checked, version, family: familyOf(Number(build)) });
  }
  const usual = versions.find(
    ({ family }) => versions.filter((other) => other.family === family).length * 2 > versions.length,
  );
  const found: FoundCause[] = [];
  for (const { checked, version, family } of versions) {
    if (usual === undefined || family === usual.family) continue;
    found.push(
      await foundFile(subject, 'core-file-version', LIKELY, checked, { version, usual: usual.version }, options),
    );
  }
  return found;
}

/** The version of an image; `undefined` where it has none that can be read, which is no fault by itself. */
async function versionOf(file: FileNode, options: ReadOptions): Promise<string | undefined> {
  const version = await survive<Promise<FileVersion | undefined>, undefined>(
    async () => readFileVersion(await file.stream(undefined, options), options),
    () => undefined,
    options,
  );
  return version?.fileVersion;
}
