import { type ByteSource, Cursor, DeadboxError, hasAscii, type ReadOptions } from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { MAX_PE_SECTIONS } from '../limits.js';

/** A section of an executable image. */
export interface PeSection {
  readonly virtualAddress: number;
  readonly virtualSize: number;
  readonly fileOffset: number;
  readonly fileSize: number;
}

/** The headers of a Portable Executable, as far as its resources need them. Format: Microsoft PE/COFF specification. */
export interface PeImage {
  /** 0x14C x86, 0x8664 x64, 0xAA64 ARM64. */
  readonly machine: number;
  /** Link time as the header tells it: Unix seconds, or a hash in reproducible builds. */
  readonly timeStamp: number;
  /** Bytes that the image takes in memory. */
  readonly imageSize: number;
  readonly checksum: number;
  readonly sections: PeSection[];
  /** Address and size of the resource directory; size 0 without one. */
  readonly resources: { virtualAddress: number; size: number };
}

const RESOURCE_DIRECTORY = 2;

/**
 * Reads the headers of an executable image.
 * @throws DeadboxError `PE_INVALID`
 */
export async function readPeImage(source: ByteSource, options?: ReadOptions): Promise<PeImage> {
  const head = await source.read(0, Math.min(source.size, 4096), options);
  if (head.length < 64 || !hasAscii(head, 0, 'MZ')) throw invalid('no "MZ" signature', 0);
  const start = new Cursor(head, 'PE').u32(0x3c);
  if (start + 24 > source.size) throw invalid('PE header outside the file', 0x3c);
  const fixed = new Cursor(await source.read(start, 24, options), 'PE', start);
  if (fixed.u32(0) !== 0x4550) throw invalid('no "PE" signature', start);
  const sectionCount = fixed.u16(6);
  const optionalSize = fixed.u16(20);
  if (sectionCount > MAX_PE_SECTIONS) throw invalid(`${sectionCount} sections`, start + 6);
  const length = optionalSize + sectionCount * 40;
  if (start + 24 + length > source.size) throw invalid('section table outside the file', start + 20);
  const rest = new Cursor(await source.read(start + 24, length, options), 'PE', start + 24);
  if (optionalSize < 2) throw invalid('no optional header', start + 20);
  const wide = rest.u16(0) === 0x20b;
  if (!wide && rest.u16(0) !== 0x10b) throw invalid('unknown optional header', start + 24);
  const directories = wide ? 112 : 96;
  const entry = directories + RESOURCE_DIRECTORY * 8;
  const present = optionalSize >= entry + 8 && rest.u32(directories - 4) > RESOURCE_DIRECTORY;
  const sections: PeSection[] = [];
  for (let i = 0; i < sectionCount; i += 1) {
    const at = optionalSize + i * 40;
    sections.push({
      virtualSize: rest.u32(at + 8),
      virtualAddress: rest.u32(at + 12),
      fileSize: rest.u32(at + 16),
      fileOffset: rest.u32(at + 20),
    });
  }
  return {
    machine: fixed.u16(4),
    timeStamp: fixed.u32(8),
    imageSize: optionalSize >= 60 ? rest.u32(56) : 0,
    checksum: optionalSize >= 68 ? rest.u32(64) : 0,
    sections,
    resources: present
      ? { virtualAddress: rest.u32(entry), size: rest.u32(entry + 4) }
      : { virtualAddress: 0, size: 0 },
  };
}

/** File offset of a virtual address; `undefined` when no section holds `length` bytes there in the file. */
export function fileOffsetOf(image: PeImage, virtualAddress: number, length: number): number | undefined {
  for (const section of image.sections) {
    const within = virtualAddress - section.virtualAddress;
    if (within >= 0 && within + length <= section.fileSize) return section.fileOffset + within;
  }
  return undefined;
}

/** The error of a damaged image at byte `offset` of the file. */
export function invalid(what: string, offset: number): DeadboxError<WindowsErrorCode> {
  return new DeadboxError('PE_INVALID', `Not a valid executable image: ${what} at byte ${offset}`, {
    at: { layer: 'PE', offset },
    data: { what },
  });
}
