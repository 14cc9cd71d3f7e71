import {
  type ByteSource,
  type Bytes,
  defined,
  type Extent,
  type Issue,
  type Json,
  type MaybePromise,
  type ReadOptions,
  type Siblings,
  survive,
  WindowSource,
} from '@deadbox/core';
import { imageError } from '../errors.js';
import type {
  HashVerification,
  ImageEncryption,
  ImageFormat,
  ImageIdentity,
  OpenContext,
  ParentInfo,
  VerifyOptions,
  VirtualDisk,
} from '../image-format.js';
import { MAX_OVF_BYTES } from '../limits.js';
import { parseOvfDisks } from '../machine/ovf.js';
import { percentDecoded } from '../text/recorded-path.js';
import { TarArchive, type TarMember } from './archive.js';
import { type ListedFile, parseManifest, verifyManifest } from './manifest.js';

/** A disk of the archive. */
interface ListedDisk {
  /** Name of its member, or what the descriptor calls a member that is not there. */
  readonly name: string;
  readonly member?: TarMember;
  /** Why it cannot be read where it lies. */
  readonly obstacle?: string;
}

/** Opens what `ovaFormat` recognised. */
export async function openOva(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const archive = new TarArchive(source, (offset, length) => context.read(offset, length), context.name);
  const disks = await listDisks(archive, context);
  const chosen = chooseDisk(disks, context);
  const member = chosen.member as TarMember;
  const cut = disks.filter((disk) => disk.member?.isCut === true).map(({ name }) => name);
  if (cut.length > 0)
    context.issues.add({
      code: 'image.truncated',
      severity: 'warning',
      at: { layer: context.name, offset: source.size },
      data: { disks: cut },
    });
  const others = disks.filter((disk) => disk !== chosen).map(({ name }) => name);
  // Whoever asked for a disk by its number knows that there are others.
  if (others.length > 0 && context.disk === undefined) {
    const at = { layer: context.name, offset: 0 };
    const data = { opened: chosen.name, others };
    context.issues.add({ code: 'image.archive-has-more-disks', severity: 'warning', at, data });
  }
  const disk = await context.openNested(memberSource(source, member), member.name, memberSiblings(source, archive));
  const number = disks.indexOf(chosen) + 1;
  const details = { type: 'ova', disk: chosen.name, number, disks: disks.map(({ name }) => name) };
  // What the manifest says is only wanted by those who compare: finding it means reading every header of the archive.
  return new ArchivedDisk(disk, context, details, () => listedFiles(archive, source, context));
}

/** The disk that was asked for; without a wish the first that can be read where it lies. */
function chooseDisk(disks: readonly ListedDisk[], { name: layer, disk: wanted }: OpenContext): ListedDisk {
  const at = { layer, offset: 0 };
  const listed = disks.map(({ name }) => name);
  if (wanted !== undefined && disks[wanted - 1] === undefined) {
    const what = `${layer} has no disk ${wanted}; it has ${disks.length}: ${listed.join(', ')}`;
    throw imageError('IMAGE_SNAPSHOT_NOT_FOUND', what, at, { wanted, known: listed });
  }
  const disk = wanted === undefined ? (disks.find(isReadable) ?? disks[0]) : disks[wanted - 1];
  if (isReadable(disk)) return disk;
  if (disk.member === undefined) {
    const what = `${layer}: the OVF descriptor names the disk ${disk.name}, which is not in the archive`;
    throw imageError('IMAGE_FILE_MISSING', what, at, { recorded: disk.name, lookedFor: disk.name, disks: listed });
  }
  if (disk.member.isCut === true) {
    const what = `${layer} is truncated: it ends before its disk ${disk.name} does`;
    throw imageError('IMAGE_TRUNCATED', what, { layer, offset: disk.member.offset }, { disks: listed });
  }
  const what = `${layer} holds the disk ${disk.name} ${disk.obstacle}; unpack the archive first`;
  throw imageError('IMAGE_UNSUPPORTED', what, at, { disk: disk.name, disks: listed });
}

function isReadable({ member, obstacle }: ListedDisk): boolean {
  return member !== undefined && member.isCut !== true && obstacle === undefined;
}

/** The disks of the descriptor, in its order, and behind them other members with the ending of a disk. */
async function listDisks(archive: TarArchive, context: OpenContext): Promise<ListedDisk[]> {
  const descriptor = await archive.find(({ name }) => /\.ovf$/i.test(name));
  const isSmall = descriptor !== undefined && descriptor.size <= MAX_OVF_BYTES;
  const listed = isSmall ? parseOvfDisks(await readText(descriptor, context)) : [];
  const disks: ListedDisk[] = [];
  for (const { href, obstacle } of listed) {
    const member = await archive.find(named(href));
    disks.push({ name: member?.name ?? href, ...defined({ member, obstacle }) });
  }
  const members = await membersOf(archive, context, disks.length > 0);
  const described = new Set(disks.map(({ member }) => member));
  for (const member of members)
    if (!described.has(member) && isDiskName(member.name, context.formats)) disks.push({ name: member.name, member });
  if (disks.length > 0) return disks;
  const held = members.slice(0, 20).map(({ name }) => name);
  const what = `${context.name} is an OVA archive without a disk; it holds ${held.join(', ')}`;
  throw imageError('IMAGE_UNSUPPORTED', what, { layer: context.name, offset: 0 });
}

/** All members; where the descriptor named disks, those before a damaged header will do, and the rest is told. */
async function membersOf(archive: TarArchive, context: OpenContext, mayEnd: boolean): Promise<readonly TarMember[]> {
  if (!mayEnd) return archive.list();
  return survive(
    () => archive.list(),
    ({ at }) => {
      context.issues.add({ code: 'image.header-damaged', severity: 'warning', ...defined({ at }) });
      return archive.known;
    },
    context.reading,
  );
}

/** The files of the archive that its manifest lists, with the digests that it says they have. */
async function listedFiles(archive: TarArchive, source: ByteSource, context: OpenContext): Promise<ListedFile[]> {
  const member = await archive.find(({ name }) => /\.mf$/i.test(name));
  if (member === undefined || member.size > MAX_OVF_BYTES) return [];
  const files: ListedFile[] = [];
  for (const line of parseManifest(await readText(member, context))) {
    const listed = await archive.find(named(line.file));
    files.push({ ...line, ...defined({ source: listed && memberSource(source, listed) }) });
  }
  return files;
}

/** Whether a member is a disk by its ending; asked when the descriptor says nothing. */
function isDiskName(name: string, formats: readonly ImageFormat[]): boolean {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return formats.some((format) => format.extensions.includes(extension) && format.partName?.test(name) !== true);
}

async function readText(member: TarMember, context: OpenContext): Promise<string> {
  return new TextDecoder().decode(await context.read(member.offset, member.size));
}

/**
 * Whether a member has this name. A descriptor writes names as URI references (RFC 3986), so that a blank may stand as
 * `%20`; some tools write them as they are. Systems differ in how they compose accented letters.
 */
function named(href: string): (member: TarMember) => boolean {
  const wanted = new Set([href, percentDecoded(href)].map((name) => name.normalize().replace(/^\.\//, '')));
  return (member) => wanted.has(member.name.normalize().replace(/^\.\//, ''));
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
  readonly hasChecksums?: boolean;
  readonly hasBlockChecksums?: boolean;
  readonly #context: OpenContext;
  readonly #files: () => Promise<ListedFile[]>;

  constructor(
    disk: VirtualDisk,
    context: OpenContext,
    archive: Record<string, Json>,
    files: () => Promise<ListedFile[]>,
  ) {
    this.#disk = disk;
    this.#context = context;
    this.#files = files;
    this.size = disk.size;
    this.format = disk.format;
    this.variant = disk.variant;
    this.parents = disk.parents;
    this.details = { ...disk.details, archive };
    if (disk.sectorSize !== undefined) this.sectorSize = disk.sectorSize;
    if (disk.identity !== undefined) this.identity = disk.identity;
    if (disk.encryption !== undefined) this.encryption = disk.encryption;
    if (disk.hasChecksums !== undefined) this.hasChecksums = disk.hasChecksums;
    if (disk.hasBlockChecksums !== undefined) this.hasBlockChecksums = disk.hasBlockChecksums;
  }

  get issues(): readonly Issue[] {
    return this.#disk.issues;
  }

  get ownFiles(): readonly string[] {
    return this.#disk.ownFiles ?? [];
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

  async verify(options: VerifyOptions = {}): Promise<HashVerification> {
    return verifyManifest(await this.#files(), options);
  }

  /** Closes the disk and what was opened for it. */
  close(): Promise<void> {
    return this.#context.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
