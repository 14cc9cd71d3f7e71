import { type Bytes, Cursor, defined, toHex, untilNul } from '@deadbox/core';
import { ntfsError } from '../errors.js';
import { sidAt } from './sid.js';

/** One user, or recovery agent, whose key opens the file. */
export interface EfsKeyHolder {
  /** Security identifier, where it is stored. */
  readonly sid?: string;
  /** SHA-1 of the certificate, upper-case hexadecimal: what `certutil` and `cipher /c` show. */
  readonly thumbprint?: string;
  /** Display name that Windows stored, e.g. `user(user@DOMAIN)`. */
  readonly userName?: string;
  /** Name of the private key's container and of its provider. */
  readonly container?: string;
  /** Name of the cryptographic provider. */
  readonly provider?: string;
}

/** What the `$EFS` stream of an encrypted file says: who can decrypt it, not how. */
export interface EfsInformation {
  /** Version of the structure. */
  readonly version: number;
  /** Who can open the file. */
  readonly users: readonly EfsKeyHolder[];
  /** Who can recover it. */
  readonly recoveryAgents: readonly EfsKeyHolder[];
}

const LAYER = '$EFS';
const HEAD = 0x54;
/** ntfs-3g and Windows refuse more. */
const MAX_SIZE = 0x4_0000;
/** Most holders of one list; Windows allows some hundred. */
const MAX_HOLDERS = 1024;
const CREDENTIAL_THUMBPRINT = 3;

/**
 * Parses the `$LOGGED_UTILITY_STREAM` called `$EFS` (ntfs-3g layout.h EFS_ATTR_HEADER). Head: 0x00 u32 length, 0x08 u32
 * version, 0x40 u32 offset of the users' list, 0x44 u32 offset of the recovery agents' list; a list: u32 count, then
 * entries of u32 length, u32 credential offset, u32 key bytes, u32 key offset, u32 0.
 * @throws DeadboxError `NTFS_VALUE_INVALID`
 */
export function parseEfs(bytes: Bytes): EfsInformation {
  const cursor = new Cursor(bytes, LAYER);
  if (bytes.length < HEAD || bytes.length > MAX_SIZE || cursor.u32(0) > bytes.length || cursor.u32(0) < HEAD) {
    const length = bytes.length < 4 ? bytes.length : cursor.u32(0);
    const what = `$EFS claims ${length} of ${bytes.length} bytes, expected ${HEAD} to ${MAX_SIZE}`;
    throw ntfsError('NTFS_VALUE_INVALID', what, cursor.at());
  }
  return {
    version: cursor.u32(0x08),
    users: holdersAt(cursor, cursor.u32(0x40)),
    recoveryAgents: holdersAt(cursor, cursor.u32(0x44)),
  };
}

function holdersAt(cursor: Cursor, offset: number): EfsKeyHolder[] {
  const holders: EfsKeyHolder[] = [];
  if (offset === 0 || offset + 4 > cursor.length) return holders;
  const count = Math.min(cursor.u32(offset), MAX_HOLDERS);
  for (let at = offset + 4; holders.length < count && at + 0x14 <= cursor.length; ) {
    const length = cursor.u32(at);
    if (length < 0x14 || at + length > cursor.length) break;
    holders.push(holderAt(cursor.sub(at, length)));
    at += length;
  }
  return holders;
}

/**
 * Credential (EFS_DF_CREDENTIAL_HEADER): 0x00 u32 bytes, 0x04 u32 SID offset, 0x08 u32 type (1 key container, 3
 * thumbprint). Type 1:
 * 0x0C container, 0x10 provider offsets. Type 3: 0x0C bytes and 0x10 offset of a thumbprint head: 0x00 offset and 0x04
 * bytes of the thumbprint, 0x08 container, 0x0C provider, 0x10 user name offsets.
 */
function holderAt(entry: Cursor): EfsKeyHolder {
  const at = entry.u32(4);
  if (at < 0x14 || at + 0x14 > entry.length) return {};
  const credential = entry.sub(at, entry.length - at);
  const sid = credential.u32(4) === 0 ? undefined : sidAt(credential, credential.u32(4))?.text;
  if (credential.u32(8) !== CREDENTIAL_THUMBPRINT)
    return defined({ sid, container: textAt(credential, 0x0c), provider: textAt(credential, 0x10) });
  const headAt = credential.u32(0x10);
  if (headAt < 0x14 || headAt + 0x14 > credential.length) return defined({ sid });
  const head = credential.sub(headAt, credential.length - headAt);
  const offset = head.u32(0);
  const size = head.u32(4);
  const inside = offset > 0 && size > 0 && size <= 64 && offset + size <= head.length;
  return defined({
    sid,
    thumbprint: inside ? toHex(head.slice(offset, size)).toUpperCase() : undefined,
    container: textAt(head, 8),
    provider: textAt(head, 0x0c),
    userName: textAt(head, 0x10),
  });
}

/** The text that the offset at `field` leads to; none where it leads nowhere, or to an empty text. */
function textAt(cursor: Cursor, field: number): string | undefined {
  const offset = cursor.u32(field);
  if (offset === 0 || offset >= cursor.length) return undefined;
  return untilNul(cursor.utf16(offset, Math.min(512, (cursor.length - offset) >> 1))) || undefined;
}
