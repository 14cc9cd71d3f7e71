import { type ByteSource, type ReadOptions, type Structure, structure } from '@deadbox/core';

export const ESENT_FIELDS = {
  checksum: [0x00, 'u32', 'XOR checksum of the header'],
  signature: [0x04, 'u32', 'EF CD AB 89'],
  version: [0x08, 'u32', 'Version of the format'],
  fileType: [0x0c, 'u32', 'Kind of file', { values: { 0: 'database', 1: 'streaming file' } }],
  state: [
    0x34,
    'u32',
    'State',
    {
      values: { 1: 'just created', 2: 'dirty shutdown', 3: 'clean shutdown', 4: 'being converted', 5: 'force detach' },
    },
  ],
} as const;
/** Header of a database of the Extensible Storage Engine. */
export const ESENT_HEADER: Structure<typeof ESENT_FIELDS> = structure(
  'esent-header',
  'libesedb, "Extensible Storage Engine (ESE) Database File (EDB) format"',
  ESENT_FIELDS,
);

const SIGNATURE = 0x89ab_cdef;

/** What the header of a database says; `not-a-database` when it has another signature or is too short. */
export type EsentState = 'clean' | 'dirty' | 'other' | 'not-a-database';

/** Reads the header of a database. */
export async function readEsentState(source: ByteSource, options?: ReadOptions): Promise<EsentState> {
  if (source.size < ESENT_HEADER.size) return 'not-a-database';
  const { signature, state } = ESENT_HEADER.read(await source.read(0, ESENT_HEADER.size, options));
  if (signature !== SIGNATURE) return 'not-a-database';
  return state === 3 ? 'clean' : state === 2 ? 'dirty' : 'other';
}
