import { type DirectoryEntry, type FileNode, isDamage, type ReadOptions } from '@deadbox/core';
import type { FileName } from '@deadbox/ntfs';
import { catalogDigests } from '@deadbox/windows/internals';
import { MAX_CATALOG_BYTES, MAX_CATALOGS_EXAMINED, MAX_LADDER_READS } from '../limits.js';
import type { CheckedFile } from '../subject/file-state.js';
import type { InstallationSubject } from '../subject/installation-subject.js';
import { inFlight } from '../subject/shared.js';

/** Where the loader looks for catalogs: the folder of the subsystem "driver action verify". */
const STORE = 'System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}';
const PACKAGES = 'servicing/Packages';

/** The catalogs that vouch for files without a signature of their own. */
export interface CatalogStore {
  /**
   * Catalogs in the store, and those that servicing keeps of its packages; `undefined` where the folder cannot be
   * listed without doubt.
   */
  readonly count: number | undefined;
  readonly packages: number | undefined;
  /** Those that are no catalogs any more. */
  readonly bad: readonly CheckedFile[];
  /** Digests that the store lists; `undefined` where it is too large to be read as a whole. */
  readonly digests: ReadonlySet<string> | undefined;
}

/** Looks at the store; all of it is read only where it is small. */
export async function catalogStore(subject: InstallationSubject, options: ReadOptions): Promise<CatalogStore> {
  const store = await catalogsIn(subject, STORE, options);
  const packages = await catalogsIn(subject, PACKAGES, options);
  const entries = store ?? [];
  const bytes = entries.reduce((sum, entry) => sum + (sizeOf(entry) ?? MAX_CATALOG_BYTES), 0);
  const small = bytes <= MAX_CATALOG_BYTES && entries.length <= MAX_CATALOGS_EXAMINED;
  const examined = small ? entries : mostLikelyBad(entries);
  const paths = examined.map(({ name }) => `${subject.root}/${STORE}/${name}`);
  const files = await subject.files.checkAll(paths, 'plain', options);
  // What the folder says of sizes may be wrong: the files themselves decide what reading them would cost.
  const whole = small && files.reduce((sum, { file }) => sum + (file?.size ?? 0), 0) <= MAX_CATALOG_BYTES;
  // Catalogs of a large store are not read as a whole: what one of them lists says nothing of what the others do.
  const read = whole ? await inFlight(files, MAX_LADDER_READS, (file) => digestsOf(file, options)) : [];
  return {
    count: store?.length,
    packages: packages?.length,
    bad: files.filter(
      ({ state }, index) => (state !== 'unreadable' && state !== 'good') || read[index] === 'no-catalog',
    ),
    digests: whole && files.every(({ state }) => state !== 'unreadable') ? united(read) : undefined,
  };
}

/** Of a large store those that the folder itself calls empty, then the newest: a crash loses what was written last. */
function mostLikelyBad(entries: readonly DirectoryEntry[]): readonly DirectoryEntry[] {
  const rank = (entry: NtfsEntry): bigint => (sizeOf(entry) === 0 ? LATEST : (entry.fileName?.modified ?? 0n));
  return entries
    .toSorted((left, right) => (rank(left) > rank(right) ? -1 : rank(left) < rank(right) ? 1 : 0))
    .slice(0, MAX_CATALOGS_EXAMINED);
}

/** What a folder of NTFS keeps of a file beside its name. */
type NtfsEntry = DirectoryEntry & { readonly fileName?: Pick<FileName, 'size' | 'modified'> };

const LATEST = 2n ** 64n;

async function catalogsIn(
  subject: InstallationSubject,
  folder: string,
  options: ReadOptions,
): Promise<readonly DirectoryEntry[] | undefined> {
  const listed = await subject.files.list(`${subject.root}/${folder}`, options);
  if (listed === undefined) return [];
  return listed.complete ? [...listed.names.values()].filter(({ name }) => /\.cat$/i.test(name)) : undefined;
}

/** The size that a folder of NTFS keeps of a file; it can lag behind. */
function sizeOf(entry: NtfsEntry): number | undefined {
  return entry.fileName?.size;
}

async function digestsOf(
  { state, file }: CheckedFile,
  options: ReadOptions,
): Promise<ReadonlySet<string> | 'no-catalog'> {
  if (state !== 'good' || file === undefined) return new Set();
  try {
    return catalogDigests(await contentOf(file, options));
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return error.code === 'SIGNATURE_INVALID' ? 'no-catalog' : new Set();
  }
}

async function contentOf(file: FileNode, options: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const source = await file.stream(undefined, options);
  return source.read(0, Math.min(source.size, MAX_CATALOG_BYTES), options);
}

function united(sets: readonly (ReadonlySet<string> | 'no-catalog')[]): ReadonlySet<string> {
  const all = new Set<string>();
  for (const set of sets) if (set !== 'no-catalog') for (const digest of set) all.add(digest);
  return all;
}
