import { type ByteSource, type Bytes, defined, IssueLog, type Siblings, WindowSource } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { FileWindow, ImageFormat, OpenImageOptions, VirtualDisk } from '../image-format.js';
import { HEAD_BYTES, MAX_CHAIN_DEPTH, MAX_OPENED_IMAGES, MAX_VIRTUAL_SIZE, TAIL_BYTES } from '../limits.js';
import { lastPathPart } from '../text/recorded-path.js';
import type { ChainLink, ChainSession } from './chain.js';
import { FileEnds } from './file-ends.js';
import { ImageContext } from './image-context.js';
import { openSplitParts } from './split-parts.js';

/**
 * Opens the virtual disk of an image of one of the given formats, as {@link openImage} does with all of them. A bundle
 * that opens images only through this function holds no other format.
 *
 * @param source - the image file, device or blob; the caller closes it, after the disk
 * @param formats - the formats to try; of those that recognise the source equally well the first is taken
 * @returns the disk; `close()` it to close the parents and parts that were opened for it
 * @throws ImageError, and whatever reading the source throws
 * @example
 * ```ts
 * const disk = await openWithFormats(source, [vhdxFormat, vhdFormat], { siblings: fileSiblings('server.vhdx') });
 * ```
 */
export async function openWithFormats(
  source: ByteSource,
  formats: readonly ImageFormat[],
  options: Omit<OpenImageOptions, 'formats'> = {},
): Promise<VirtualDisk> {
  const path = options.name ?? source.name ?? '';
  const session: ChainSession = {
    formats,
    given: options.parents ?? [],
    issues: options.issues ?? new IssueLog(),
    opened: 0,
    forced: options.forceChain === true,
    incomplete: options.incomplete === true,
    ...defined({ disk: options.disk }),
    reading: defined({ signal: options.signal }),
  };
  const link: ChainLink = { visited: [{ siblings: options.siblings, name: lastPathPart(path) ?? '' }], used: [] };
  return openLink(source, path, options.siblings, link, session, options.snapshot);
}

/** Opens a source as one link of a chain. */
export async function openLink(
  first: ByteSource,
  path: string,
  siblings: Siblings | undefined,
  link: ChainLink,
  session: ChainSession,
  snapshot?: string,
): Promise<VirtualDisk> {
  const name = lastPathPart(path) ?? 'image';
  checkChain(name, link, session);
  const split = await openSplitParts(first, name, siblings, session.reading);
  const parts = split?.opened ?? [];
  const joined = split?.source ?? first;
  let release = async (): Promise<void> => {
    for (const part of parts) await part.close?.();
  };
  try {
    const source = link.window === undefined ? joined : windowOf(joined, name, link.window);
    if (source.size <= 0) throw imageError('IMAGE_EMPTY', `${name} is empty`, { layer: name, offset: 0 });
    const { head, tail, ends, format } = await recognise(source, name, link, session);
    if (format === undefined) {
      const known = (link.only ?? session.formats.map(({ id }) => id).join(', ')) || 'given';
      throw imageError('IMAGE_UNKNOWN_FORMAT', `${name} is none of the formats ${known}`, { layer: name, offset: 0 });
    }
    const context = new ImageContext(
      source,
      { path, head, tail, ends, siblings, snapshot, first, parts },
      link,
      session,
      openLink,
    );
    release = () => context.release();
    const disk = await format.open(source, context);
    link.accepts?.(disk.identity);
    checkSize(name, disk.size);
    return disk;
  } catch (error) {
    await release();
    throw error;
  }
}

/** The part of a file that a child names as its parent. */
function windowOf(source: ByteSource, name: string, { offset, size = source.size - offset }: FileWindow): ByteSource {
  if (offset + size <= source.size && size >= 0) return new WindowSource(source, offset, size, name);
  throw imageError(
    'IMAGE_TRUNCATED',
    `${name} should hold a disk of ${size} bytes at byte ${offset}, but ends at ${source.size}`,
    { layer: name, offset },
    { offset, length: size, size: source.size },
  );
}

function checkChain(name: string, link: ChainLink, session: ChainSession): void {
  const at = { layer: name, offset: 0 };
  if (link.visited.length > MAX_CHAIN_DEPTH) {
    throw imageError(
      'IMAGE_CHAIN_TOO_DEEP',
      `The chain that ends in ${name} has more than ${MAX_CHAIN_DEPTH} images`,
      at,
      {
        depth: link.visited.length,
      },
    );
  }
  session.opened += 1;
  if (session.opened > MAX_OPENED_IMAGES) {
    throw imageError(
      'IMAGE_CHAIN_TOO_DEEP',
      `More than ${MAX_OPENED_IMAGES} images were opened in search of a chain`,
      at,
      {
        opened: session.opened,
      },
    );
  }
}

function checkSize(name: string, size: number): void {
  if (Number.isSafeInteger(size) && size >= 0 && size <= MAX_VIRTUAL_SIZE) return;
  throw imageError(
    'IMAGE_LIMIT',
    `${name} claims a virtual size of ${size} bytes; the most that deadbox opens is ${MAX_VIRTUAL_SIZE}`,
    { layer: name, offset: 0 },
    {
      size,
    },
  );
}

/** What the ends of a file are, and which format they tell. */
interface Recognised {
  readonly head: Bytes;
  readonly tail: Bytes;
  readonly ends: FileEnds;
  readonly format: ImageFormat | undefined;
}

/**
 * Reads the head, and the tail where the head alone does not settle the format or the format needs it.
 * @returns the format with the highest confidence, the first of equals
 */
async function recognise(
  source: ByteSource,
  name: string,
  link: ChainLink,
  session: ChainSession,
): Promise<Recognised> {
  const formats = session.formats.filter(({ id }) => link.only === undefined || id === link.only);
  const ends = new FileEnds(source, name, session.reading);
  const head = await ends.read(0, Math.min(HEAD_BYTES, source.size));
  const settled = (tail: Bytes, format: ImageFormat | undefined): Recognised => {
    ends.settle(format, session.formats, link.issues ?? session.issues);
    return { head, tail, ends, format };
  };
  if (source.size <= head.length) {
    const tail = head.subarray(Math.max(0, head.length - TAIL_BYTES));
    return settled(tail, probe(formats, head, tail, source).format);
  }
  const byHead = probe(formats, head, new Uint8Array(0), source);
  if (byHead.confidence >= 1 && byHead.format?.usesTail !== true) return settled(new Uint8Array(0), byHead.format);
  const tail = await ends.read(source.size - TAIL_BYTES, TAIL_BYTES);
  return settled(tail, probe(formats, head, tail, source).format);
}

function probe(
  formats: readonly ImageFormat[],
  head: Bytes,
  tail: Bytes,
  source: ByteSource,
): { format: ImageFormat | undefined; confidence: number } {
  let best: ImageFormat | undefined;
  let bestConfidence = 0;
  for (const format of formats) {
    const confidence = Number(format.probe(head, tail, source));
    if (confidence > bestConfidence) {
      best = format;
      bestConfidence = confidence;
    }
  }
  return { format: best, confidence: bestConfidence };
}
