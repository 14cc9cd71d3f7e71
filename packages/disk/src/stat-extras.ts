import { type Bytes, isDeadboxError, type Json, type ReadOptions, toHex } from '@deadbox/core';
import {
  AttributeType,
  formatSddl,
  type NtfsFile,
  NtfsVolume,
  openSecurityStore,
  parseExtendedAttributes,
  parseObjectId,
  parseReparsePoint,
} from '@deadbox/ntfs';
import type { Volume } from './volume.js';

/** Facts of a file that stand outside its record, or inside attributes of their own; each absent where the file has none. */
export interface StatExtras {
  /** The reparse point, decoded: kind and targets. */
  reparse?: Json;
  /** Security descriptor in SDDL (MS-DTYP 2.5.1). */
  security?: string;
  /** Object id and birth ids, as GUIDs. */
  objectId?: Json;
  /** Extended attributes: name and value in hexadecimal. */
  extendedAttributes?: { name: string; value: string }[];
}

/** Largest value that is decoded: `$EA` and reparse points end far below. */
const MAX_VALUE = 1 << 16;

/** Reads the extras of one file; what is damaged is left out. */
export async function readStatExtras(volume: Volume, file: NtfsFile, options: ReadOptions): Promise<StatExtras> {
  const extras: StatExtras = {};
  await survive(options, async () => {
    const reparse = await valueOf(file, AttributeType.reparsePoint, options);
    if (reparse !== undefined) extras.reparse = plain(parseReparsePoint(reparse).content);
  });
  await survive(options, async () => {
    const id = file.standardInformation?.securityId;
    const tree = await volume.fileTree(options);
    if (id === undefined || id === 0 || !(tree instanceof NtfsVolume)) return;
    const entry = await (await openSecurityStore(tree, options)).get(id, options);
    if (entry !== undefined) extras.security = formatSddl(entry.descriptor);
  });
  await survive(options, async () => {
    const objectId = await valueOf(file, AttributeType.objectId, options);
    if (objectId !== undefined) extras.objectId = plain(parseObjectId(objectId));
  });
  await survive(options, async () => {
    const attributes = await valueOf(file, AttributeType.ea, options);
    if (attributes === undefined) return;
    extras.extendedAttributes = parseExtendedAttributes(attributes).entries.map(({ name, value }) => ({
      name,
      value: toHex(value),
    }));
  });
  return extras;
}

async function valueOf(file: NtfsFile, type: number, options: ReadOptions): Promise<Bytes | undefined> {
  if (!file.attributes.some((attribute) => attribute.type === type && attribute.name === '')) return undefined;
  const source = await file.attribute(type, '', options);
  return source.read(0, Math.min(source.size, MAX_VALUE), options);
}

function plain(value: unknown): Json {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'bigint' ? String(inner) : inner instanceof Uint8Array ? toHex(inner) : inner,
    ),
  ) as Json;
}

async function survive(options: ReadOptions, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
  }
}
