import { type ByteSource, CachedSource, Cursor, type ReadOptions } from '@deadbox/core';
import { MAX_RESOURCE_ENTRIES, MAX_VERSION_RESOURCE_BYTES } from '../limits.js';
import { fileOffsetOf, invalid, type PeImage, readPeImage } from './pe-image.js';
import { type FileVersion, parseVersionResource } from './version-resource.js';

const RT_VERSION = 16;
/** Type, name, language: the three levels of a resource tree. */
const LEVELS = 3;

/**
 * The version resource of an executable or driver, read lazily: the headers, the resource directory and the resource,
 * not the file.
 * @returns `undefined` when the image has no version resource
 * @throws DeadboxError `PE_INVALID` when it is no executable image or its tables point outside it
 */
export async function readFileVersion(source: ByteSource, options?: ReadOptions): Promise<FileVersion | undefined> {
  const cached = new CachedSource(source, { blockSize: 4096, capacity: 256 << 10 });
  const image = await readPeImage(cached, options);
  if (image.resources.size === 0) return undefined;
  const base = fileOffsetOf(image, image.resources.address, 16);
  if (base === undefined) throw invalid('resource directory in no section', image.resources.address);
  const entry = await findVersion(cached, base, options);
  if (entry === undefined) return undefined;
  return readResource(cached, image, base + entry, options);
}

/** Offset of the version resource's data entry in the resource section. */
async function findVersion(source: ByteSource, base: number, options?: ReadOptions): Promise<number | undefined> {
  let directory = 0;
  for (let level = 0; level < LEVELS; level += 1) {
    const found = await findEntry(source, base + directory, level === 0 ? RT_VERSION : undefined, options);
    if (found === undefined) return undefined;
    const isDirectory = found >= 0x8000_0000;
    if (isDirectory !== level < LEVELS - 1) return undefined;
    directory = found & 0x7fff_ffff;
  }
  return directory;
}

/** The target of the entry with number `id` (of the first entry without one) in the directory at `at`. */
async function findEntry(
  source: ByteSource,
  at: number,
  id: number | undefined,
  options?: ReadOptions,
): Promise<number | undefined> {
  if (at + 16 > source.size) throw invalid('resource directory outside the file', at);
  const head = new Cursor(await source.read(at, 16, options), 'PE', at);
  const count = head.u16(12) + head.u16(14);
  if (count > MAX_RESOURCE_ENTRIES || at + 16 + count * 8 > source.size)
    throw invalid(`resource directory of ${count} entries`, at + 12);
  const entries = new Cursor(await source.read(at + 16, count * 8, options), 'PE', at + 16);
  for (let i = 0; i < count; i += 1) if (id === undefined || entries.u32(i * 8) === id) return entries.u32(i * 8 + 4);
  return undefined;
}

async function readResource(
  source: ByteSource,
  image: PeImage,
  at: number,
  options?: ReadOptions,
): Promise<FileVersion | undefined> {
  if (at + 16 > source.size) throw invalid('resource entry outside the file', at);
  const entry = new Cursor(await source.read(at, 16, options), 'PE', at);
  const size = entry.u32(4);
  if (size > MAX_VERSION_RESOURCE_BYTES) throw invalid(`version resource of ${size} bytes`, at + 4);
  const offset = fileOffsetOf(image, entry.u32(0), size);
  if (offset === undefined || offset + size > source.size) throw invalid('version resource outside the file', at);
  return parseVersionResource(await source.read(offset, size, options));
}
