import { defined, type ReadOptions, survive, toHex } from '@deadbox/core';
import { formatSddl, type NtfsFile, type ObjectId, openSecurityStore, type ReparseContent } from '@deadbox/ntfs';
import type { Volume } from './volume.js';

/** `T` as JSON carries it: bytes in hexadecimal. */
export type Plain<T> = T extends Uint8Array ? string : T extends object ? { readonly [K in keyof T]: Plain<T[K]> } : T;

/**
 * Facts of a file that stand outside its record, or inside attributes of their own; each absent where the file has
 * none.
 */
export interface StatExtras {
  /** The reparse point, decoded: kind and targets. */
  readonly reparse?: Plain<ReparseContent>;
  /** Security descriptor in SDDL (MS-DTYP 2.5.1). */
  readonly security?: string;
  /** Object id and birth ids, as GUIDs. */
  readonly objectId?: ObjectId;
  /** Values in hexadecimal. */
  readonly extendedAttributes?: readonly { readonly name: string; readonly value: string }[];
}

/** Reads the extras of one file; what is damaged is left out. */
export async function readStatExtras(volume: Volume, file: NtfsFile, options: ReadOptions): Promise<StatExtras> {
  const unlessDamaged = <T>(read: () => Promise<T>): Promise<T | undefined> => survive(read, () => undefined, options);
  const reparse = await unlessDamaged(() => file.reparsePoint(options));
  const attributes = await unlessDamaged(() => file.extendedAttributes(options));
  return defined({
    reparse: reparse && plain(reparse.content),
    security: await unlessDamaged(() => readSecurity(volume, file, options)),
    objectId: await unlessDamaged(() => file.objectId(options)),
    extendedAttributes:
      attributes === undefined || attributes.length === 0
        ? undefined
        : attributes.map(({ name, value }) => ({ name, value: toHex(value) })),
  });
}

async function readSecurity(volume: Volume, file: NtfsFile, options: ReadOptions): Promise<string | undefined> {
  const id = file.standardInformation?.securityId;
  const tree = await volume.ntfs(options);
  if (id === undefined || id === 0 || tree === undefined) return undefined;
  const entry = await (await openSecurityStore(tree, options)).get(id, options);
  return entry && formatSddl(entry.descriptor);
}

function plain<T>(value: T): Plain<T> {
  const text = JSON.stringify(value, (_, inner: unknown) => (inner instanceof Uint8Array ? toHex(inner) : inner));
  return JSON.parse(text) as Plain<T>;
}
