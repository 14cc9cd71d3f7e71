import { CachedSource, type FileNode, KIB, type ReadOptions, survive } from '@deadbox/core';
import { MAX_PE_IMPORTS, readPeImage, readPeImports } from '@deadbox/windows/internals';
import { MAX_IMPORTED_FILES, MAX_LADDER_READS } from '../limits.js';
import type { CheckedFile } from '../subject/file-state.js';
import type { InstallationSubject } from '../subject/installation-subject.js';
import { inFlight } from '../subject/shared.js';

/** An image that others import from. */
export interface ImportedFile {
  readonly file: CheckedFile;
  /** Name of the first that does. */
  readonly importedBy: string;
}

/** What images import from. */
export interface ImportedFiles {
  readonly files: readonly ImportedFile[];
  /** Whether these are all: at most `MAX_IMPORTED_FILES` are looked for, and so many names of one image are read. */
  readonly complete: boolean;
}

/**
 * The images that `known` import from, directly or through one another, beyond `known` themselves. Names of sets
 * (`api-ms-win-…`, `ext-ms-…`) stand for files that a table in apisetschema.dll names, and are left out.
 */
export async function importedFiles(
  subject: InstallationSubject,
  known: readonly CheckedFile[],
  options: ReadOptions,
): Promise<ImportedFiles> {
  const seen = new Set(known.map(({ path }) => nameOf(path)));
  const found: ImportedFile[] = [];
  let complete = true;
  let wave = known;
  while (wave.length > 0 && found.length < MAX_IMPORTED_FILES) {
    const wanted = new Map<string, string>();
    const names = await inFlight(wave, MAX_LADDER_READS, (file) => importsOf(file, options));
    for (const [index, list] of names.entries()) {
      if (list.length >= MAX_PE_IMPORTS) complete = false;
      for (const name of list) {
        const lower = name.toLowerCase();
        if (seen.has(lower) || SETS.test(lower) || !PLAIN.test(lower)) continue;
        // One image can name thousands, and each is looked for.
        if (found.length + wanted.size >= MAX_IMPORTED_FILES) {
          complete = false;
          break;
        }
        seen.add(lower);
        wanted.set(name, wave[index]?.path ?? '');
      }
    }
    const files = await inFlight([...wanted], MAX_LADDER_READS, async ([name, importedBy]) => ({
      file: await locate(subject, name, options),
      importedBy: nameOf(importedBy),
    }));
    found.push(...files);
    wave = files.map(({ file }) => file);
  }
  return { files: found, complete: complete && wave.length === 0 };
}

const SETS = /^(?:api|ext)-ms-/;
/** A name that a folder can hold; anything else is damage of the table, which the checksum tells. */
const PLAIN = /^[a-z0-9_.+-]{1,64}\.(?:sys|dll|exe)$/;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).toLowerCase();

/** The file of that name among the drivers or in System32; where neither has it, as missing from System32. */
async function locate(subject: InstallationSubject, name: string, options: ReadOptions): Promise<CheckedFile> {
  const system32 = `${subject.root}/System32`;
  for (const folder of [`${system32}/drivers`, system32]) {
    const file = await subject.files.check(`${folder}/${name}`, 'presence', options);
    if (file.state !== 'absent') return subject.files.check(`${folder}/${name}`, 'image', options);
  }
  return subject.files.check(`${system32}/drivers/${name}`, 'presence', options);
}

/** The names that an image imports from; none where its tables are damaged: loading tells that by its own means. */
async function importsOf({ state, file }: CheckedFile, options: ReadOptions): Promise<string[]> {
  if (state !== 'good' || file === undefined) return [];
  return survive<Promise<string[]>, string[]>(
    () => readImports(file, options),
    () => [],
    options,
  );
}

async function readImports(file: FileNode, options: ReadOptions): Promise<string[]> {
  const source = new CachedSource(await file.stream(undefined, options), { blockSize: 4 * KIB, capacity: 64 * KIB });
  return readPeImports(source, await readPeImage(source, options), options);
}
