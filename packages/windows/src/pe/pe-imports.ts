import { type ByteSource, Cursor, type ReadOptions, type Structure, structure, untilNul } from '@deadbox/core';
import { MAX_IMPORT_NAME, MAX_PE_IMPORTS } from '../limits.js';
import { fileOffsetOf, invalid, type PeImage } from './pe-image.js';

export const IMPORT_FIELDS = {
  lookupAt: [0, 'u32', 'Where the list of imported functions lies in memory'],
  nameAt: [12, 'u32', 'Where the name of the other image lies in memory'],
  addressesAt: [16, 'u32', 'Where the addresses are put'],
} as const;
/** An entry of the import directory. */
export const PE_IMPORT: Structure<typeof IMPORT_FIELDS> = structure(
  'pe-import',
  'Microsoft PE/COFF specification',
  IMPORT_FIELDS,
);
const ENTRY = 20;

/**
 * Names of the images that this one imports from, as stored, e.g. `ntoskrnl.exe`; at most `MAX_PE_IMPORTS`. Like the
 * loader, this goes on to the empty entry behind the last, whatever size the directory says that it has. Delayed
 * imports do not count: loading does not need them.
 * @param source - put a cache over it: each name is a read
 * @throws DeadboxError `PE_INVALID` when the directory lies outside the file
 */
export async function readPeImports(source: ByteSource, image: PeImage, options?: ReadOptions): Promise<string[]> {
  const { address, size } = image.imports;
  if (size === 0 || address === 0) return [];
  const names: string[] = [];
  for (let place = address; names.length < MAX_PE_IMPORTS; place += ENTRY) {
    const at = fileOffsetOf(image, place, ENTRY);
    const isInside = at !== undefined && at + ENTRY <= source.size;
    if (!isInside && place === address) throw invalid('import directory in no section', address);
    // What the file does not fill of a section is zeros in memory.
    if (!isInside) break;
    const nameAt = PE_IMPORT.fields.nameAt.read(new Cursor(await source.read(at, ENTRY, options), 'PE', at));
    if (nameAt === 0) break;
    names.push(await readName(source, image, nameAt, options));
  }
  return names;
}

async function readName(source: ByteSource, image: PeImage, address: number, options?: ReadOptions): Promise<string> {
  const at = fileOffsetOf(image, address, 1);
  if (at === undefined || at >= source.size) throw invalid('name of an import in no section', address);
  const bytes = await source.read(at, Math.min(MAX_IMPORT_NAME, source.size - at), options);
  return untilNul(String.fromCharCode(...bytes));
}
