import { type Bytes, Cursor } from '@deadbox/core';
import { encryptionError } from '../../errors.js';
import { MAX_STARTUP_KEY } from '../../limits.js';
import { type Datum, EntryType, parseData, ValueType } from '../metadata/datum.js';
import { DATASET_HEADER } from '../metadata/metadata-block.js';

/** A startup key or recovery key file (`{GUID}.BEK`). */
export interface StartupKey {
  /** Id of the key protector that it fits, upper-case GUID. */
  readonly protectorId: string;
  /** The 32 bytes; the caller wipes them. */
  readonly key: Bytes;
}

const KEY = { type: 0, bytes: 4 } as const;
const EXTERNAL_KEY = 0x2002;

/**
 * Reads a startup key file: 156 bytes, 180 from Windows 11 on. It begins like the metadata's dataset.
 * Source: libbde format document, "Startup key file"; the form of Windows 11 re-derived.
 * @throws DeadboxError `STARTUP_KEY_MALFORMED`
 */
export function parseStartupKey(file: Bytes): StartupKey {
  if (file.length < DATASET_HEADER.size || file.length > MAX_STARTUP_KEY)
    throw malformed(`it has ${file.length} bytes, a key file has 156 or 180`);
  const cursor = new Cursor(file, 'startup key file');
  const { size, version, headerSize } = DATASET_HEADER.read(cursor);
  if (version !== 1 || headerSize !== DATASET_HEADER.size) throw malformed('its header is not that of a key file');
  if (size > file.length) throw malformed(`it is cut short: ${file.length} of ${size} bytes`);
  const entries = parseData(cursor, headerSize, size, undefined);
  const external = entries.find(
    (entry) => entry.entryType === EntryType.startupKey && entry.valueType === ValueType.externalKey,
  );
  const key = external?.children.find(isExternalKey);
  if (external === undefined || key === undefined) throw malformed('it holds no external key');
  return { protectorId: new Cursor(external.payload).guid(0), key: new Uint8Array(key.payload.subarray(KEY.bytes)) };
}

function isExternalKey(entry: Datum): boolean {
  return (
    entry.valueType === ValueType.key &&
    entry.payload.length === KEY.bytes + 32 &&
    new Cursor(entry.payload).u16(KEY.type) === EXTERNAL_KEY
  );
}

function malformed(what: string): Error {
  return encryptionError('STARTUP_KEY_MALFORMED', `Startup key file cannot be used: ${what}`);
}
