import { type Bytes, Cursor } from '@deadbox/core';
import { encryptionError } from '../../errors.js';
import { MAX_STARTUP_KEY } from '../../limits.js';
import { type Datum, EntryType, parseData, ValueType } from '../metadata/datum.js';

/** A startup key or recovery key file (`{GUID}.BEK`). */
export interface StartupKey {
  /** Id of the key protector that it fits, upper-case GUID. */
  readonly protectorId: string;
  /** The 32 bytes; the caller wipes them. */
  readonly key: Bytes;
}

/** File header, as the metadata's dataset header. Source: libbde format document, "Startup key file"; the form of Windows 11 re-derived. */
const HEADER = { size: 0, version: 4, headerSize: 8, length: 48 } as const;
const KEY = { type: 0, bytes: 4 } as const;
const EXTERNAL_KEY = 0x2002;

/**
 * Reads a startup key file: 156 bytes, 180 from Windows 11 on.
 * @throws DeadboxError `STARTUP_KEY_MALFORMED`
 */
export function parseStartupKey(file: Bytes): StartupKey {
  if (file.length < HEADER.length || file.length > MAX_STARTUP_KEY)
    throw malformed(`it has ${file.length} bytes, a key file has 156 or 180`);
  const cursor = new Cursor(file, 'startup key file');
  const size = cursor.u32(HEADER.size);
  if (cursor.u32(HEADER.version) !== 1 || cursor.u32(HEADER.headerSize) !== HEADER.length)
    throw malformed('its header is not that of a key file');
  if (size > file.length) throw malformed(`it is cut short: ${file.length} of ${size} bytes`);
  const entries = parseData(file, HEADER.length, size, 'startup key file', 0, () => void 0);
  const external = entries.find(
    (entry) => entry.entryType === EntryType.startupKey && entry.valueType === ValueType.externalKey,
  );
  const key = external?.children.find(isExternalKey);
  if (external === undefined || key === undefined) throw malformed('it holds no external key');
  return { protectorId: new Cursor(external.payload).guid(0), key: key.payload.slice(KEY.bytes) };
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
