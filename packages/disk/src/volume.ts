import {
  type ByteSource,
  type Bytes,
  CachedSource,
  DeadboxError,
  defined,
  type Evidence,
  hasAscii,
  IssueLog,
  isDamage,
  MemorySource,
  MIB,
  type ReadOptions,
  readEvidence,
  SECTOR,
  survive,
  WindowSource,
} from '@deadbox/core';
import {
  detectEncryption,
  type EncryptionFinding,
  type KeyProvider,
  noEncryption,
  type UnlockOutcome,
  type VolumeProbe,
} from '@deadbox/encryption';
import { FatVolume } from '@deadbox/fat';
import { NtfsVolume } from '@deadbox/ntfs';
import {
  classifyRole,
  type DynamicVolume,
  type FileSystemName,
  type FileSystemSignature,
  type Partition,
  type PartitionRole,
  recogniseFileSystem,
} from '@deadbox/partitions';
import { recogniseInHead } from '@deadbox/partitions/internals';
import type { DiskErrorCode } from './errors.js';
import { HEAD_BYTES, readHead } from './volume-head.js';

/** Below this a volume that nothing recognises is not searched for a backup NTFS boot sector. */
const SMALLEST_NTFS: number = MIB;

/** A file system that deadbox reads. */
export type ReadableFileSystem = NtfsVolume | FatVolume;

/** One volume of a disk: where it lies, what encrypts it, which file system it holds. */
export class Volume {
  /** 1-based number, in the order of offsets. */
  readonly number: number;
  /** First byte on the virtual disk. */
  readonly offset: number;
  /** Bytes, as the partition table states them; {@link source} is shorter when the image was cut. */
  readonly length: number;
  /** Its entry in the partition table; `undefined` for a disk that is one volume. */
  readonly partition: Partition | undefined;
  /** The volume's bytes as they are stored. */
  readonly source: ByteSource;
  /** File system name by its signature; `unknown` when there is none, or when the volume is locked. */
  readonly fileSystem: FileSystemName | 'unknown';
  /** The bytes that the file system sees: the stored ones, or decrypted; `undefined` while locked. */
  readonly content: ByteSource | undefined;
  /** Names of disks of its dynamic disk group that are missing to read it; none for nearly every volume. */
  readonly missingDisks: readonly string[];
  /** What unlocking came to; `undefined` for a volume that is not BitLocker's. */
  readonly unlock: UnlockOutcome | undefined;
  /** What reading it survived. */
  readonly issues: IssueLog;
  #role: PartitionRole;
  #encryption: EncryptionFinding;
  #tree: Promise<ReadableFileSystem> | undefined;

  /** Made by `openVolume`. */
  constructor(facts: {
    number: number;
    offset: number;
    partition: Partition | undefined;
    source: ByteSource;
    encryption: EncryptionFinding;
    fileSystem: FileSystemName | 'unknown';
    content: ByteSource | undefined;
    unlock: UnlockOutcome | undefined;
    missingDisks?: readonly string[];
    issues: IssueLog;
  }) {
    this.number = facts.number;
    this.offset = facts.offset;
    this.length = facts.partition?.length ?? facts.source.size;
    this.partition = facts.partition;
    this.source = facts.source;
    this.#encryption = facts.encryption;
    this.fileSystem = facts.fileSystem;
    this.content = facts.content;
    this.unlock = facts.unlock;
    this.missingDisks = facts.missingDisks ?? [];
    this.issues = facts.issues;
    this.#role = classifyRole(facts.partition, { fileSystem: facts.fileSystem });
  }

  /** What the volume is for: by its partition type, better once it is known what it holds. */
  get role(): PartitionRole {
    return this.#role;
  }

  get encryption(): EncryptionFinding {
    return this.#encryption;
  }

  /** Whether a key is missing. */
  get locked(): boolean {
    return (
      (this.content === undefined && this.missingDisks.length === 0) ||
      this.#encryption.verdict === 'encrypted-unknown-product'
    );
  }

  /** Takes a better finding, once statistics or traces elsewhere on the disk told more. */
  reclassify(finding: EncryptionFinding): void {
    this.#encryption = finding;
  }

  /** Refines {@link role} by what was found in the volume. */
  refineRole(contents: {
    holdsWindows?: boolean;
    holdsBootManager?: boolean;
    holdsRecovery?: boolean;
    holdsEfiBoot?: boolean;
  }): void {
    this.#role = classifyRole(this.partition, { fileSystem: this.fileSystem, ...contents });
  }

  /**
   * Opens the file system; later calls give the same one.
   * @throws DeadboxError `VOLUME_LOCKED`, `VOLUME_UNRECOGNISED`, `FILE_SYSTEM_UNSUPPORTED`, or the file system's own
   * error
   */
  fileTree(options: ReadOptions = {}): Promise<ReadableFileSystem> {
    this.#tree ??= this.#open(options).catch((error: unknown) => {
      // What one caller's abort or a failing server prevented, the next one may ask for again.
      if (!isDamage(error, options.signal)) this.#tree = undefined;
      throw error;
    });
    return this.#tree;
  }

  /**
   * Where byte `offset` of the volume lies on the virtual disk. Of a decrypted volume, its encrypted form lies there;
   * of one that several disks hold, this counts from where its first part begins.
   */
  onDisk(offset: number): number {
    return this.offset + offset;
  }

  /**
   * Bytes of the volume as its file system sees them, as evidence whose offset counts on the virtual disk; of a locked
   * one, as they are stored.
   */
  async evidence(what: string, offset: number, length: number, options?: ReadOptions): Promise<Evidence> {
    const evidence = await readEvidence(this.content ?? this.source, what, offset, length, options);
    return { ...evidence, offset: this.onDisk(offset) };
  }

  /** The volume as NTFS; `undefined` when it holds another file system. Throws as {@link fileTree} does. */
  async ntfs(options: ReadOptions = {}): Promise<NtfsVolume | undefined> {
    const tree = await this.fileTree(options);
    return tree instanceof NtfsVolume ? tree : undefined;
  }

  async #open(options: ReadOptions): Promise<ReadableFileSystem> {
    const content = this.content;
    if (this.missingDisks.length > 0) {
      const { partition } = this;
      const others = this.missingDisks.join(', ');
      throw this.#fail(
        'VOLUME_INCOMPLETE',
        `is a part of the ${partition?.dynamic?.layout} volume ${partition?.name} of a dynamic disk group, which cannot be read without ${others}`,
      );
    }
    if (content === undefined)
      throw this.#fail('VOLUME_LOCKED', `is locked by ${this.encryption.product ?? 'encryption'}`);
    if (this.fileSystem.startsWith('fat')) return FatVolume.open(content, { ...options, issues: this.issues });
    if (this.fileSystem === 'ntfs') return NtfsVolume.open(content, { ...options, issues: this.issues });
    if (this.fileSystem !== 'unknown')
      throw this.#fail(
        'FILE_SYSTEM_UNSUPPORTED',
        `holds ${this.fileSystem}, which deadbox recognises and does not read`,
      );
    return this.#openUnrecognised(content, options);
  }

  /** A volume without a signature may be NTFS whose boot sector is damaged: its backup tells. */
  async #openUnrecognised(content: ByteSource, options: ReadOptions): Promise<ReadableFileSystem> {
    const reserved = this.role === 'microsoft-reserved' || this.role === 'efi-system';
    if (!reserved && content.size >= SMALLEST_NTFS) {
      const found = await survive(
        () => NtfsVolume.open(content, { ...options, issues: this.issues }),
        () => undefined,
        options,
      );
      if (found !== undefined) return found;
    }
    throw this.#fail(
      'VOLUME_UNRECOGNISED',
      'holds no file system that deadbox knows, at its start or in a backup boot sector',
    );
  }

  #fail(code: DiskErrorCode, what: string): DeadboxError<DiskErrorCode> {
    return new DeadboxError(code, `Volume ${this.number} at byte ${this.offset} ${what}`, {
      at: { layer: 'disk', offset: this.offset },
      data: {
        volume: this.number,
        fileSystem: this.fileSystem,
        ...(this.missingDisks.length === 0 ? {} : { missingDisks: [...this.missingDisks] }),
      },
    });
  }
}

/** Options of `openVolume`. */
export interface OpenVolumeOptions extends ReadOptions {
  /** Keys for locked volumes. */
  readonly keys?: KeyProvider;
  /** Share of the key stretching that is done, 0…1. */
  readonly onUnlockProgress?: (fraction: number) => void;
}

/** Where a volume lies. */
export interface VolumePlace {
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  readonly partition: Partition | undefined;
  /** The bytes of a volume that lies on several disks. */
  readonly assembled?: ByteSource | undefined;
}

/** Reads the start of one volume, tells what it is, and opens its encryption where a key is at hand. */
export async function openVolume(
  disk: ByteSource,
  place: VolumePlace,
  options: OpenVolumeOptions = {},
): Promise<Volume> {
  // A partition may lie behind the end of an image that was cut short.
  const source: ByteSource =
    place.assembled ??
    (place.length === 0
      ? new MemorySource(new Uint8Array(0))
      : new WindowSource(disk, place.offset, place.length, `volume ${place.number}`));
  const issues = new IssueLog();
  if (place.partition?.dynamic !== undefined && place.assembled === undefined)
    return incompleteVolume(place, place.partition.dynamic, source, issues);
  const head = await readHead(source, place.offset, options, issues);
  const probe: VolumeProbe = { source, head, diskOffset: place.offset };
  const detected = head.length === 0 ? noEncryption() : await detectEncryption(probe, options);
  const unlock = detected.product === 'BitLocker' ? await unlocked(probe, options) : undefined;
  const encryption = unlock?.unlocked === true ? unlock.finding : detected;
  for (const issue of encryption.issues) issues.add(issue);
  const facts = {
    number: place.number,
    offset: place.offset,
    partition: place.partition,
    source,
    encryption,
    unlock,
    issues,
  };
  // A decrypted source is slow to ask twice: it gets a cache of its own.
  // Undecided is not locked: a file system that opens decides.
  const open = detected.verdict === 'none' || detected.samplingAdvised === true;
  const content = unlock === undefined ? (open ? source : undefined) : cached(unlock);
  if (content === undefined) return new Volume({ ...facts, fileSystem: 'unknown', content });
  const start = content === source ? head : await readHead(content, place.offset, options, issues);
  const farInside = (): Promise<FileSystemSignature | undefined> =>
    survive(
      () => recogniseFarInside(start, content, place, options),
      ({ message }) => {
        const at = { layer: 'disk', offset: place.offset };
        issues.add({ code: 'volume.signature-unreadable', at, data: { reason: message } });
        return undefined;
      },
      options,
    );
  const signature = start.length === 0 ? undefined : (recogniseInHead(start) ?? (await farInside()));
  return new Volume({ ...facts, fileSystem: signature?.name ?? 'unknown', content });
}

/** A volume whose other parts are missing: what lies here is no file system, whatever it begins with. */
function incompleteVolume(place: VolumePlace, dynamic: DynamicVolume, source: ByteSource, issues: IssueLog): Volume {
  const { number, offset, partition } = place;
  const missingDisks = dynamic.otherDisks.length === 0 ? ['its other parts'] : dynamic.otherDisks;
  const facts = { number, offset, partition, source, issues, missingDisks };
  return new Volume({
    ...facts,
    encryption: noEncryption(),
    unlock: undefined,
    fileSystem: 'unknown',
    content: undefined,
  });
}

/**
 * Signatures that lie behind the head: btrfs, VMFS, ZFS, a RAID at the end. Not in a reserved partition, which holds
 * nothing and which nearly every disk has; nor where an NTFS backup boot sector ends the volume: what an earlier file
 * system left must not hide it.
 */
async function recogniseFarInside(
  head: Bytes,
  content: ByteSource,
  place: { length: number; partition: Partition | undefined },
  options: ReadOptions,
): Promise<FileSystemSignature | undefined> {
  if (classifyRole(place.partition) === 'microsoft-reserved') return undefined;
  const last = Math.min(place.length, content.size) - SECTOR;
  if (last < HEAD_BYTES || hasAscii(await content.read(last, SECTOR, options), 3, 'NTFS    ')) return undefined;
  return recogniseFileSystem(head, content, options);
}

async function unlocked(
  probe: VolumeProbe,
  { signal, keys, onUnlockProgress }: OpenVolumeOptions,
): Promise<UnlockOutcome> {
  const { unlockVolume } = await import('./unlock-volume.js');
  return unlockVolume(probe, keys, { ...defined({ signal }), onProgress: onUnlockProgress });
}

function cached(outcome: UnlockOutcome): ByteSource | undefined {
  return outcome.unlocked ? new CachedSource(outcome.source) : undefined;
}
