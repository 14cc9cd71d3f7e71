import type { ByteSource, Bytes, Extent, Issue, IssueLog, Json, ReadOptions, Siblings } from '@deadbox/core';

/** One ancestor of a differencing image. */
export interface ParentInfo {
  /** File name of the parent as it was opened; a path where the source knows its path. */
  readonly name: string;
  /** Identifier of the parent in the child's format (GUID, CID, UUID); absent where the format has none. */
  readonly id?: string;
  /** {@link ImageFormat.id} of the parent. */
  readonly format: string;
  /** Variant of the parent. */
  readonly variant: string;
  /** How it was found: beside the child, or given by the caller. */
  readonly foundBy: 'sibling' | 'option';
}

/** Encryption by the container itself (not by the guest). */
export interface ImageEncryption {
  /** Name of the scheme, e.g. `QCOW2 LUKS`. */
  readonly product: 'QCOW AES' | 'QCOW2 AES' | 'QCOW2 LUKS' | 'VMware VM encryption';
  /** Cipher, where the header tells it. */
  readonly method?: string;
  /** Byte offset of the field that says so, in the image file. */
  readonly offset: number;
}

/** Options of {@link VirtualDisk.verify}. */
export interface VerifyOptions extends ReadOptions {
  /** Called with the bytes done and in all, about once for every 4 MiB. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What comparing a disk with its stored hashes gave. */
export interface HashVerification {
  /**
   * `match`: every stored hash fits; `mismatch`: at least one does not; `none-stored`: there is nothing to compare
   * with.
   */
  readonly verdict: 'match' | 'mismatch' | 'none-stored';
  /** One line for each stored hash, lower-case hexadecimal. */
  readonly hashes: readonly {
    readonly algorithm: 'md5' | 'sha1' | 'sha256';
    readonly stored: string;
    /** Empty where the hashed file is not there. */
    readonly computed: string;
    readonly match: boolean;
    /** The file that the hash is of, where it is not of the disk. */
    readonly file?: string;
  }[];
}

/** The disk that the virtual machine sees: a source of `size` bytes with what its container says about it. */
export interface VirtualDisk extends ByteSource {
  /** {@link ImageFormat.id} of the opened (topmost) image. */
  readonly format: string;
  /** Subformat in the words of its specification: `fixed`, `dynamic`, `differencing`, `monolithicSparse`… */
  readonly variant: string;
  /** Ancestors, nearest first; empty without a chain. */
  readonly parents: readonly ParentInfo[];
  /**
   * Names of the files that hold what this image stores itself, without those of its parents: only they may change
   * where this disk is written.
   */
  readonly ownFiles?: readonly string[];
  /** What opening survived; the same list that {@link OpenImageOptions.issues} collects. */
  readonly issues: readonly Issue[];
  /** Further facts of the header as JSON (creator, identifiers, block size…). */
  readonly details: Readonly<Record<string, Json>>;
  /**
   * Whether headers or tables of the container carry checksums, which opening checks; what does not fit is an issue.
   */
  readonly hasChecksums?: boolean;
  /** Whether the blocks of the disk carry checksums, which reading checks. */
  readonly hasBlockChecksums?: boolean;
  /** What children of this image record about it; absent where the format has no identifiers. */
  readonly identity?: ImageIdentity;
  /** Present when the container encrypts its content; then every read is an `IMAGE_ENCRYPTED` error. */
  readonly encryption?: ImageEncryption;
  /**
   * Reads the whole disk, or the files that it lies in, and compares them with the hashes that the image stores; absent
   * where the format stores none.
   */
  verify?(options?: VerifyOptions): Promise<HashVerification>;
  /**
   * Compares the structures of the container with one another, beyond what opening needs; contradictions are
   * {@link issues}. Absent where there is nothing to compare.
   * @returns whether it was done: a container too large for that is not checked
   */
  checkStructures?(options?: ReadOptions): Promise<boolean>;
  readInto(offset: number, target: Bytes, options?: ReadOptions): void | Promise<void>;
  extents(from: number, to: number, options?: ReadOptions): AsyncIterable<readonly Extent[]>;
  /** Closes everything that opening opened (parents, extents), never the source that the caller gave. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A source with the name that the user gave it. */
export interface NamedSource {
  readonly source: ByteSource;
  /** File name or path; only its last part is compared with the names that a child records. */
  readonly name: string;
  /** Files beside this one, for its own parents and extents; default: those of the child. */
  readonly siblings?: Siblings;
}

/** Options of `openImage`. */
export interface OpenImageOptions extends ReadOptions {
  /** File name or path of the source; default `source.name`. Split parts and extents are found by it. */
  readonly name?: string;
  /** Access to the files beside the image; without it only {@link parents} can complete a chain. */
  readonly siblings?: Siblings;
  /** The formats to try; default `allFormats`. */
  readonly formats?: readonly ImageFormat[];
  /**
   * Files given by the user, who closes them. Each is used as a parent where its identifier (or, for formats without
   * one, its name) fits, and as another part of an image (extent, segment, data file) where the last part of its name
   * is the recorded one.
   */
  readonly parents?: readonly NamedSource[];
  /** Name or id of an internal snapshot to open in place of the current state. */
  readonly snapshot?: string;
  /**
   * Takes a parent that the child names although its identifiers say that it is another one or was changed, or although
   * nothing says that it is the parent. Every such link is an issue of severity `error`: the disk may be a mixture of
   * two states.
   */
  readonly forceChain?: boolean;
  /**
   * Opens an image whose last parts are missing: what they hold cannot be read, and an issue names the first of them.
   */
  readonly incomplete?: boolean;
  /**
   * Number of the disk to open in an archive of several (OVA), from 1 in the order of `details.archive.disks`; default
   * 1.
   */
  readonly disk?: number;
  /** Collects what opening survives. */
  readonly issues?: IssueLog;
}

/** What identifies an image for its children. */
export interface ImageIdentity {
  /** Identifier of the image, kept for life (VHD unique id, VDI creation UUID); absent where the format has none. */
  readonly id?: string;
  /**
   * Identifier of its content, new with every writing session (VMDK CID, VHDX data write GUID, VDI modification UUID).
   */
  readonly state?: string;
}

/** A part of a file that is a disk of its own, e.g. a member of a tar archive. */
export interface FileWindow {
  /** Byte offset in the file. */
  readonly offset: number;
  /** Length in bytes; to the end of the file when absent. */
  readonly size?: number;
}

/** What a differencing image records about its parent. Identifiers are compared without regard to case. */
export interface ParentReference {
  /**
   * File names or paths in the order of preference, as recorded (either separator); only the last part is looked up
   * beside the image.
   */
  readonly names: readonly string[];
  /**
   * For formats that record no name: which files beside the image may be the parent; the one with the right identifiers
   * is taken.
   */
  readonly search?: (sibling: string) => boolean;
  /** The parent's {@link ImageIdentity.id}: an opened file with another one is not the parent. */
  readonly id?: string;
  /**
   * The parent's {@link ImageIdentity.state} when the child was made (any of these): another one means that the parent
   * was changed.
   */
  readonly states?: readonly string[];
  /** The format that the child demands (QCOW2 backing format), so that e.g. a raw parent is never probed. */
  readonly format?: string;
  /** The part of the parent's file that is the disk; the whole file when absent. */
  readonly window?: FileWindow;
  /**
   * Why the names are only a guess: then a file that the user gives is taken, and one beside the image only when the
   * chain is forced.
   */
  readonly unproven?: string;
}

/**
 * What `openImage` hands to a format's `open`. Everything opened through it is closed with the disk, and when `open`
 * throws.
 */
export interface OpenContext {
  /** Last part of the image's name; `image` when nothing is known. Names the layer in errors and issues. */
  readonly name: string;
  /** Name for display: the path when known. */
  readonly path: string;
  /** The first `HEAD_BYTES` bytes of the source (fewer when it is shorter), already read. */
  readonly head: Bytes;
  /**
   * The last `TAIL_BYTES` bytes of the source (fewer when it is shorter), already read. Empty where the head settled
   * the format and that format has not {@link ImageFormat.usesTail}.
   */
  readonly tail: Bytes;
  /** Number of numbered files (`.001`, `.002`, …) that were joined to the source; 1 for a file that is not split. */
  readonly parts: number;
  /** Receives what opening and reading survive. */
  readonly issues: IssueLog;
  /** For every read of the opening: its signal. */
  readonly reading: ReadOptions;
  /** Name or id of the internal snapshot that was asked for. */
  readonly snapshot?: string;
  /** Whether an image is opened without its last parts. */
  readonly incomplete: boolean;
  /** Number of the disk that was asked for in an archive, from 1. */
  readonly disk?: number;
  /** The formats that are tried. */
  readonly formats: readonly ImageFormat[];
  /** The files beside the image. */
  readonly siblings?: Siblings;
  /** {@link VirtualDisk.ownFiles} of what was opened so far. */
  readonly ownFiles: readonly string[];
  /** `read` of the source that answers from {@link head} and {@link tail} where it can. */
  read(offset: number, length: number): Promise<Bytes>;
  /**
   * Opens a part of the image that lies beside it, or that the user gave.
   * @param recorded - name or path as the image records it; only its last part is looked for
   * @throws ImageError `IMAGE_FILE_MISSING`, `IMAGE_PATH_REFUSED`, `IMAGE_LIMIT`
   */
  openCompanion(recorded: string): Promise<ByteSource>;
  /** Like {@link openCompanion}, but `undefined` when there is no such file. */
  findCompanion(recorded: string): Promise<ByteSource | undefined>;
  /**
   * Opens the parent of a differencing image: the given parents first (by identifier, else by name, else in order),
   * then the names beside the image.
   * @param self - identity of the image that asks: if its own child does not accept it, no parent is opened
   * @throws ImageError `IMAGE_PARENT_MISSING`, `IMAGE_PARENT_CHANGED`, `IMAGE_CHAIN_CYCLE`, `IMAGE_CHAIN_TOO_DEEP`, or
   * why the parent cannot be opened
   */
  openParent(reference: ParentReference, self?: ImageIdentity): Promise<OpenedParent>;
  /** Opens an image inside this one (OVA): same formats and depth limit, own siblings. */
  openNested(source: ByteSource, name: string, siblings: Siblings | undefined): Promise<VirtualDisk>;
  /** Closes what was opened through this context. The disk's `close` calls it. */
  release(): Promise<void>;
}

/** A parent and the chain that begins with it. */
export interface OpenedParent {
  /** The parent's virtual disk. */
  readonly disk: VirtualDisk;
  /** The parent, followed by its own parents. */
  readonly parents: readonly ParentInfo[];
}

/**
 * A container format, as a value: it tells everything about itself that the rest of deadbox needs to know before
 * opening.
 */
export interface ImageFormat {
  /** Name in reports, lower case. */
  readonly id: string;
  /** Name for people. */
  readonly label: string;
  /**
   * Endings of the files by which an image of this format is opened, without the dot, in lower case: a folder is
   * searched for them, and a file with one of them that is not of this format arouses suspicion.
   */
  readonly extensions: readonly string[];
  /** Names of files that are only parts of an image, opened through another file and never alone. */
  readonly partName?: RegExp;
  /** File in a folder that makes the folder one image: the folder is opened through it. */
  readonly bundleDescriptor?: string;
  /** Endings of the hypervisor's files beside an image that hold the memory of a saved machine. */
  readonly savedStateExtensions?: readonly string[];
  /** Endings of the files or folders beside an image that say that a program has it open. */
  readonly lockExtensions?: readonly string[];
  /** What QEMU calls this format in the files that name one. */
  readonly qemuDrivers?: readonly string[];
  /**
   * Whether an image can be a child: it then asks for its parent by {@link OpenContext.openParent}, before it reads its
   * own tables.
   */
  readonly hasParents?: boolean;
  /** Whether sectors lie in the file as they are and may be changed there: no compression of all, no hash over them. */
  readonly storesVerbatim?: boolean;
  /** Whether `open` looks at the tail. */
  readonly usesTail?: boolean;
  /**
   * Whether `open` manages where sectors of the head or tail cannot be read, which are zeros there: it has copies of
   * what they held, or reads anew what it needs.
   */
  readonly readsAroundBadEnds?: boolean;
  /**
   * How surely the source is of this format: `false`/0 no, `true`/1 by signature, between for weaker hints; the highest
   * wins. Does no I/O.
   * @param head - the first `HEAD_BYTES` bytes (fewer when the source is shorter)
   * @param tail - the last `TAIL_BYTES` bytes (fewer when the source is shorter); empty in a first round, in which only
   * an answer of 1 counts
   */
  probe(head: Bytes, tail: Bytes, source: ByteSource): boolean | number;
  /**
   * Opens the virtual disk.
   * @throws ImageError
   */
  open(source: ByteSource, context: OpenContext): Promise<VirtualDisk>;
  /**
   * What an image that cannot be opened still says of its parent: one of a later version, with features that deadbox
   * does not know, encrypted, cut or damaged elsewhere. Nothing of it is checked but what is read. Absent in formats
   * without parents.
   * @param head - the first bytes of the file, of which {@link probe} is sure
   * @returns `undefined` when it names no parent
   * @throws what reading throws; `READ_OUT_OF_RANGE` where the records lead behind the end
   */
  salvageParent?(source: ByteSource, head: Bytes, reading: ReadOptions): Promise<ParentReference | undefined>;
}
