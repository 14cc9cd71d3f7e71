import {
  asciiText,
  type ByteSource,
  type Bytes,
  Cursor,
  type DeadboxError,
  hasAscii,
  NIL_GUID,
  type ReadOptions,
  survive,
} from '@deadbox/core';
import type { ParentReference } from '../image-format.js';
import { MAX_VHDX_METADATA_BYTES } from '../limits.js';
import { parseQcowBacking } from '../qcow2/backing.js';
import { VDI_HEADER, VDI_HEADER_BYTES } from '../vdi/header.js';
import { VHD_DYNAMIC_HEADER } from '../vhd/header.js';
import type { ToldFile } from './told-parents.js';

/** Bytes of the beginning in which the records lie, or what leads to them. */
const HEAD = 64 * 1024;
/** Longest name of a backing file, as in QEMU. */
const MAX_BACKING_NAME = 1023;
/** QEMU docs/interop/qed_spec: the magic, and the bit of `features` that says that there is a backing file. */
const QED = 'QED\0';
const QED_HAS_BACKING = 1;

/** What a file that cannot be opened still says. */
export async function roughly(
  source: ByteSource,
  name: string,
  unread: string,
  reading: ReadOptions,
): Promise<ToldFile> {
  const isImage = !NO_IMAGE.has(unread);
  const nothing = isImage ? { name, unread, isLink: false } : undefined;
  const reference = await survive(
    () => rawReference(source, reading),
    () => undefined,
    reading,
  );
  if (reference !== undefined) return { name, reference, self: undefined };
  return unread === 'IMAGE_ENCRYPTED' ? undefined : nothing;
}

/** Codes of files that are no images of a format with parents. */
const NO_IMAGE: ReadonlySet<string> = new Set(['IMAGE_UNKNOWN_FORMAT', 'IMAGE_EMPTY']);

/**
 * A file that this user may not read, or a link that leads out of the folder; a folder, a pipe or a file that is gone
 * says nothing.
 */
export function unreached(name: string, error: DeadboxError): ToldFile {
  const isLink = error.code === 'SIBLING_REFUSED' && error.data.link === true;
  return isLink || error.code === 'SOURCE_DENIED' ? { name, unread: error.code, isLink } : undefined;
}

/**
 * What an image that cannot be opened still says of its parent: one of a later version, with features that deadbox does
 * not know, encrypted, cut or damaged elsewhere. Nothing of it is checked but what is read.
 * @throws what reading throws; `READ_OUT_OF_RANGE` where the records lead behind the end
 */
async function rawReference(source: ByteSource, reading: ReadOptions): Promise<ParentReference | undefined> {
  const head = await source.read(0, Math.min(HEAD, source.size), reading);
  if (hasAscii(head, 0, 'QFI')) return backing(source, head, reading);
  if (hasAscii(head, 0, QED)) return qedBacking(source, head, reading);
  if (hasAscii(head, 0, 'conectix')) return vhdParent(source, head, reading);
  if (hasAscii(head, 0, 'vhdxfile')) return vhdxParent(source, reading);
  if (head.length >= VDI_HEADER_BYTES && new Cursor(head).u32(0x40) === 0xbeda107f) return vdiParent(head);
  return vmdkParent(asciiText(head));
}

/** Whether a file begins like an image of QED, which deadbox does not open. */
export function isQed(head: Bytes): boolean {
  return hasAscii(head, 0, QED);
}

/** All versions of QCOW have the name at one place. */
function backing(source: ByteSource, head: Bytes, reading: ReadOptions): Promise<ParentReference | undefined> {
  const cursor = new Cursor(head);
  return named(source, cursor.u64NumberBe(8), cursor.u32Be(16), reading);
}

async function qedBacking(source: ByteSource, head: Bytes, reading: ReadOptions): Promise<ParentReference | undefined> {
  const cursor = new Cursor(head);
  if ((cursor.u32(16) & QED_HAS_BACKING) === 0) return undefined;
  return named(source, cursor.u32(56), cursor.u32(60), reading);
}

async function named(
  source: ByteSource,
  offset: number,
  length: number,
  reading: ReadOptions,
): Promise<ParentReference | undefined> {
  if (offset === 0 || length === 0 || length > MAX_BACKING_NAME) return undefined;
  const recorded = new TextDecoder().decode(await source.read(offset, length, reading));
  return { names: [parseQcowBacking(recorded, undefined, source.name ?? 'image').name] };
}

function vdiParent(head: Bytes): ParentReference | undefined {
  const id = VDI_HEADER.fields.parentUuid.read(new Cursor(head));
  return id === NIL_GUID ? undefined : { names: [], id };
}

async function vhdParent(source: ByteSource, head: Bytes, reading: ReadOptions): Promise<ParentReference | undefined> {
  const DIFFERENCING = 4;
  const footer = new Cursor(head);
  if (footer.u32Be(60) !== DIFFERENCING) return undefined;
  const cursor = new Cursor(await source.read(footer.u64NumberBe(16), VHD_DYNAMIC_HEADER.size, reading));
  const { parentId, parentName } = VHD_DYNAMIC_HEADER.fields;
  const name = parentName.read(cursor).replace(/\0.*$/s, '');
  return { names: name === '' ? [] : [name], id: parentId.read(cursor) };
}

/** MS-VHDX 2.2.3 and 2.6: the region table leads to the metadata, in which the parent locator has its keys as text. */
async function vhdxParent(source: ByteSource, reading: ReadOptions): Promise<ParentReference | undefined> {
  const table = new Cursor(await source.read(3 * HEAD, HEAD, reading));
  const count = Math.min(table.u32(8), 2047);
  for (let entry = 16; entry < 16 + count * 32; entry += 32) {
    if (table.guid(entry) !== '8B7CA206-4790-4B9A-B8FE-575F050F886E') continue;
    const offset = table.u64Number(entry + 16);
    const length = Math.min(table.u32(entry + 24), MAX_VHDX_METADATA_BYTES, Math.max(source.size - offset, 0));
    const text = new TextDecoder('utf-16le').decode(await source.read(offset, length, reading));
    if (!text.includes('parent_linkage')) return undefined;
    const states = [...text.matchAll(/\{([0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})\}/gi)].map(([, id = '']) => id);
    return states.length === 0 ? undefined : { names: [], states: [...new Set(states)] };
  }
  return undefined;
}

/** The descriptor is text, a file of its own or in the head of the image. */
function vmdkParent(text: string): ParentReference | undefined {
  if (!/^\s*# Disk DescriptorFile/im.test(text)) return undefined;
  const cid = /^\s*parentCID\s*=\s*([0-9a-f]{1,8})\s*$/im.exec(text)?.[1]?.toLowerCase();
  if (cid === undefined || cid === 'ffffffff') return undefined;
  const hint = /^\s*parentFileNameHint\s*=\s*"([^"\n]*)"/im.exec(text)?.[1];
  return { names: hint === undefined ? [] : [hint], states: [cid.padStart(8, '0')] };
}
