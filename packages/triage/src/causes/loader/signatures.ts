import { type ReadOptions, survive } from '@deadbox/core';
import { readFileVersion } from '@deadbox/windows';
import {
  type DriverService,
  isWindowsModule,
  readPeContent,
  readPeImage,
  readSignedDigest,
} from '@deadbox/windows/internals';
import { type CatalogStore, catalogStore } from '../../drivers/catalogs.js';
import { bootStartFiles, type DriverFacts, driverFacts } from '../../drivers/driver-facts.js';
import { MAX_DIGESTED_BYTES } from '../../limits.js';
import type { DoubtReason } from '../../subject/doubts.js';
import type { CheckedFile } from '../../subject/file-state.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundFile, foundIn, LIKELY, PROVEN, SUSPECT } from '../kernel/found.js';

/** Whether the loader can verify the drivers that it loads. */
export const signatures: InstallationDetector = {
  causes: ['catalog-store-damaged', 'unsigned-driver', 'sha2-unsupported'],
  async detect(subject, options) {
    const facts = await subject.fact(driverFacts, options);
    if (facts === undefined) return [];
    const store = await catalogStore(subject, options);
    const unknown = await unknownDrivers(subject, facts, store, options);
    return [
      ...(await damagedStore(subject, store, unknown, options)),
      ...(await unsignedDrivers(subject, facts, store, unknown, options)),
      ...(await tooNewSignatures(subject, facts, options)),
    ];
  },
};

/** A driver without a signature of its own, and its file. */
interface Unsigned {
  readonly driver: DriverService;
  readonly file: CheckedFile;
  readonly listed: boolean;
}

/**
 * Boot-start drivers without a signature of their own, where all of the store could be read: whether a catalog lists
 * them.
 */
async function unknownDrivers(
  subject: InstallationSubject,
  facts: DriverFacts,
  { digests }: CatalogStore,
  options: ReadOptions,
): Promise<readonly Unsigned[]> {
  if (digests === undefined) return [];
  const files = await subject.fact(bootStartFiles, options);
  const found: Unsigned[] = [];
  let budget = MAX_DIGESTED_BYTES;
  for (const driver of facts.bootStart) {
    const file = files.get(driver.name.toLowerCase());
    if (file?.state !== 'good' || file.data.signed !== false || file.file === undefined) continue;
    if (file.file.size > budget) {
      const causes = ['unsigned-driver', 'catalog-store-damaged'] as const;
      subject.doubts.add(causes, { reason: 'too-many' satisfies DoubtReason, path: file.path });
      break;
    }
    budget -= file.file.size;
    const own = await digestsOf(file, options);
    if (own !== undefined) found.push({ driver, file, listed: own.some((digest) => digests.has(digest)) });
  }
  return found;
}

function digestsOf({ file }: CheckedFile, options: ReadOptions): Promise<readonly string[] | undefined> {
  return survive<Promise<readonly string[] | undefined>, undefined>(
    async () => {
      const source = await file?.stream(undefined, options);
      if (source === undefined) return undefined;
      const { sha1, sha256 } = await readPeContent(source, await readPeImage(source, options), options);
      return [sha1, sha256];
    },
    () => undefined,
    options,
  );
}

/** A store with fewer than half of the catalogs that servicing keeps has lost them. */
const FEWEST_PACKAGES = 4;

async function damagedStore(
  subject: InstallationSubject,
  { count, packages, bad }: CatalogStore,
  unknown: readonly Unsigned[],
  options: ReadOptions,
): Promise<FoundCause[]> {
  const orphans = unknown.filter(({ listed }) => !listed).map(({ driver }) => driver.name);
  const [first] = bad;
  if (first !== undefined) {
    const weight = orphans.length > 0 ? PROVEN : SUSPECT;
    const names = bad.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
    return [
      await foundFile(subject, 'catalog-store-damaged', weight, first, { bad: names, drivers: orphans }, options),
    ];
  }
  if (count === undefined || packages === undefined || packages < FEWEST_PACKAGES || count * 2 >= packages) return [];
  return [foundIn(subject, 'catalog-store-damaged', LIKELY, { count, packages, drivers: orphans })];
}

const NARROW = 0x14c;

/** Drivers that nothing vouches for, although catalogs vouch for others. */
async function unsignedDrivers(
  subject: InstallationSubject,
  { set }: DriverFacts,
  { bad }: CatalogStore,
  unknown: readonly Unsigned[],
  options: ReadOptions,
): Promise<FoundCause[]> {
  // Without a single hit the store says nothing of these files.
  if (bad.length > 0 || !unknown.some(({ listed }) => listed)) return [];
  const startOptions = await (await set.key.key('Control'))?.text('SystemStartOptions');
  if (/TESTSIGNING|NOINTEGRITYCHECKS/i.test(startOptions ?? '')) return [];
  const found: FoundCause[] = [];
  for (const { driver, file, listed } of unknown) {
    if (listed || file.data.machine === NARROW) continue;
    const inbox = isWindowsModule(file.path.slice(file.path.lastIndexOf('/') + 1));
    const id = inbox ? 'catalog-store-damaged' : 'unsigned-driver';
    found.push(await foundFile(subject, id, inbox ? PROVEN : LIKELY, file, { name: driver.name }, options));
  }
  return found;
}

const WINDOWS_8 = 9200;
/** The first kernel of Windows 7 that knows SHA-2. */
const SHA2_SINCE = [7601, 18_741] as const;

/** On a Windows 7 without the update for SHA-2: drivers that are signed with nothing else. */
async function tooNewSignatures(
  subject: InstallationSubject,
  facts: DriverFacts,
  options: ReadOptions,
): Promise<FoundCause[]> {
  if ((facts.build ?? WINDOWS_8) >= WINDOWS_8) return [];
  const kernel = await kernelVersion(subject, options);
  if (kernel === undefined || !isOlder(kernel)) return [];
  const files = await subject.fact(bootStartFiles, options);
  const found: FoundCause[] = [];
  for (const driver of facts.bootStart) {
    const file = files.get(driver.name.toLowerCase());
    if (file?.state !== 'good' || file.data.signed !== true) continue;
    if ((await signedAlgorithm(file, options)) !== 'sha256') continue;
    found.push(await foundFile(subject, 'sha2-unsupported', LIKELY, file, { name: driver.name, kernel }, options));
  }
  return found;
}

function isOlder(version: string): boolean {
  const [major, minor, build = 0, revision = 0] = version.split('.').map(Number);
  if (major !== 6 || minor !== 1) return false;
  return build < SHA2_SINCE[0] || (build === SHA2_SINCE[0] && revision < SHA2_SINCE[1]);
}

async function kernelVersion(subject: InstallationSubject, options: ReadOptions): Promise<string | undefined> {
  const { file, state } = await subject.files.check(`${subject.root}/System32/ntoskrnl.exe`, 'image', options);
  if (file === undefined || state !== 'good') return undefined;
  const version = await survive(
    async () => readFileVersion(await file.stream(undefined, options), options),
    () => undefined,
    options,
  );
  return version?.fileVersion;
}

function signedAlgorithm({ file }: CheckedFile, options: ReadOptions): Promise<string | undefined> {
  return survive<Promise<string | undefined>, undefined>(
    async () => {
      const source = await file?.stream(undefined, options);
      if (source === undefined) return undefined;
      return (await readSignedDigest(source, await readPeImage(source, options), options))?.algorithm;
    },
    () => undefined,
    options,
  );
}
