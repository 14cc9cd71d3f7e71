import {
  type ByteSource,
  type Bytes,
  type Extent,
  type Issue,
  type Json,
  type MaybePromise,
  type ReadOptions,
  type Siblings,
  WindowSource,
} from '@deadbox/core';
import { imageError } from '../errors.js';
import type {
  ImageEncryption,
  ImageFormat,
  ImageIdentity,
  OpenContext,
  ParentInfo,
  VirtualDisk,
} from '../image-format.js';
import { MAX_OVF_BYTES } from '../limits.js';
import { TarArchive, type TarMember } from './archive.js';
import { parseOvfDisks } from './descriptor.js';

/** Opens what `ovaFormat` recognised. */
export async function openOva(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const archive = new TarArchive(source, (offset, length) => context.read(offset, length), context.name);
  const names = await listDisks(archive, context);
  const first = names[0];
  if (first === undefined) {
    const members = (await archive.list()).slice(0, 20).map(({ name }) => name);
    const what = `${context.name} is an OVA archive without a disk; it holds ${members.join(', ')}`;
    throw imageError('IMAGE_UNSUPPORTED', what, { layer: context.name, offset: 0 });
  }
  const member = await archive.find(named(first));
  if (member === undefined) {
    const what = `${context.name}: the OVF descriptor names the disk ${first}, which is not in the archive`;
    throw imageError(
      'IMAGE_FILE_MISSING',
      what,
      { layer: context.name, offset: 0 },
      { recorded: first, lookedFor: first },
    );
  }
  if (names.length > 1) {
    const at = { layer: context.name, offset: 0 };
    context.issues.add({
      code: 'image.archive-has-more-disks',
      severity: 'warning',
      at,
      data: { opened: first, others: names.slice(1) },
    });
  }
  const disk = await context.openNested(memberSource(source, member), member.name, memberSiblings(source, archive));
  return new ArchivedDisk(disk, context, { type: 'ova', disk: first, disks: names });
}

/** Names of the disks: those of the descriptor, in its order; without one, by their endings. */
async function listDisks(archive: TarArchive, context: OpenContext): Promise<string[]> {
  const descriptor = await archive.find(({ name }) => /\.ovf$/i.test(name));
  const listed =
    descriptor === undefined || descriptor.size > MAX_OVF_BYTES
      ? []
      : parseOvfDisks(await readText(descriptor, context));
  if (listed.length === 0)
    return (await archive.list()).map(({ name }) => name).filter((name) => isDiskName(name, context.formats));
  return listed.map(({ href, compression, chunked }) => {
    const packed = compression !== undefined && compression !== '' && compression !== 'identity';
    if (!packed && !chunked) return href;
    const how = packed ? `compressed as ${compression}` : 'stored in pieces';
    const what = `${context.name} holds the disk ${href} ${how}; unpack the archive first`;
    throw imageError('IMAGE_UNSUPPORTED', what, { layer: context.name, offset: 0 });
  });
}

/** Whether a member is a disk by its ending; asked when the descriptor says nothing. */
function isDiskName(name: string, formats: readonly ImageFormat[]): boolean {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return formats.some((format) => format.extensions.includes(extension) && format.partName?.test(name) !== true);
}

async function readText(member: TarMember, context: OpenContext): Promise<string> {
  return new TextDecoder().decode(await context.read(member.offset, member.size));
}

function named(name: string): (member: TarMember) => boolean {
  return (member) => member.name === name || member.name === `./${name}`;
}

function memberSource(source: ByteSource, member: TarMember): ByteSource {
  return new WindowSource(source, member.offset, member.size, member.name);
}

/** The files of the archive, for a disk that is made of several of them. */
function memberSiblings(source: ByteSource, archive: TarArchive): Siblings {
  return {
    async open(name: string): Promise<ByteSource | undefined> {
      const member = await archive.find(named(name));
      return member === undefined ? undefined : memberSource(source, member);
    },
    list: async () => (await archive.list()).map(({ name }) => name),
  };
}

/** A disk in an archive: the disk itself, with the archive in its details. */
class ArchivedDisk implements VirtualDisk {
  readonly size: number;
  readonly sectorSize?: 512 | 4096;
  readonly format: string;
  readonly variant: string;
  readonly parents: readonly ParentInfo[];
  readonly details: Readonly<Record<string, Json>>;
  readonly identity?: ImageIdentity;
  readonly encryption?: ImageEncryption;
  readonly #disk: VirtualDisk;
  readonly #context: OpenContext;

  constructor(disk: VirtualDisk, context: OpenContext, archive: Record<string, Json>) {
    this.#disk = disk;
    this.#context = context;
    this.size = disk.size;
    this.format = disk.format;
    this.variant = disk.variant;
    this.parents = disk.parents;
    this.details = { ...disk.details, archive };
    if (disk.sectorSize !== undefined) this.sectorSize = disk.sectorSize;
    if (disk.identity !== undefined) this.identity = disk.identity;
    if (disk.encryption !== undefined) this.encryption = disk.encryption;
  }

  get issues(): readonly Issue[] {
    return this.#disk.issues;
  }

  read(offset: number, length: number, options?: ReadOptions): MaybePromise<Bytes> {
    return this.#disk.read(offset, length, options);
  }

  readInto(offset: number, target: Bytes, options?: ReadOptions): MaybePromise<void> {
    return this.#disk.readInto(offset, target, options);
  }

  extents(from: number, to: number, options?: ReadOptions): AsyncIterable<readonly Extent[]> {
    return this.#disk.extents(from, to, options);
  }

  /** Closes the disk and what was opened for it. */
  close(): Promise<void> {
    return this.#context.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
