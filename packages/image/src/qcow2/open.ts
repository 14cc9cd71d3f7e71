import { asciiText, type ByteSource, type Bytes, defined, hasAscii, isDamage, type Json } from '@deadbox/core';
import { imageError } from '../errors.js';
import type { ImageEncryption, OpenContext, OpenedParent, VirtualDisk } from '../image-format.js';
import { MAX_VIRTUAL_SIZE } from '../limits.js';
import { BlockMappedDisk } from '../mapped/block-mapped-disk.js';
import { backingReference, parseQcowBacking } from '../qemu/backing.js';
import { parseQcow2Extensions, type Qcow2Extensions } from './extensions.js';
import { MAX_REFCOUNT_ORDER, parseQcow2Header, QCOW2_HEADER, type Qcow2Header } from './header.js';
import { Qcow2Map } from './map.js';
import { findQcow2Snapshots, type Qcow2Snapshot, type Qcow2SnapshotTable } from './snapshots.js';

/** Header extensions are looked for in this many bytes; what QEMU writes takes less than 1 KiB. */
const EXTENSION_AREA = 64 * 1024;
/** Most snapshots that `details` lists: the newest ones, which stand last. */
const LISTED_SNAPSHOTS = 100;

/** Opens what `qcow2Format` recognised. */
export async function openQcow2(source: ByteSource, context: OpenContext): Promise<VirtualDisk> {
  const header = parseQcow2Header(context.head, context.name);
  const extensions = await readExtensions(header, source, context);
  checkFeatures(header, extensions, context);
  const parent = await openBacking(header, extensions, source, context);
  const snapshots = await readSnapshots(header, source, context);
  const view = chosenView(header, snapshots, context);
  const data = header.hasDataFile ? await openDataFile(extensions, context) : source;
  const map = new Qcow2Map({ ...header, ...view, source, data, layer: context.name });
  const encryption = await encryptionOf(header, extensions, source, context);
  await noteTruncation(map, source, context);
  return new BlockMappedDisk(map, context, {
    format: 'qcow2',
    variant: variantOf(header, parent !== undefined),
    parent,
    details: describe(header, snapshots.newest, view.snapshot),
    ...defined({ encryption }),
    checkStructures: async (options) => {
      const { checkClusters } = await import('./check.js');
      return checkClusters(
        { header, snapshots: snapshots.table, source, layer: context.name, issues: context.issues },
        options,
      );
    },
  });
}

async function readExtensions(header: Qcow2Header, source: ByteSource, context: OpenContext): Promise<Qcow2Extensions> {
  // The extensions and the backing file name lie in the first cluster.
  const end = Math.min(
    2 ** header.clusterBits,
    source.size,
    header.backing?.offset ?? Number.MAX_SAFE_INTEGER,
    EXTENSION_AREA,
  );
  const first = parseQcow2Extensions(context.head.subarray(0, Math.min(end, context.head.length)), header.headerLength);
  if (first.complete || end <= context.head.length) return first;
  return parseQcow2Extensions(await context.read(0, end), header.headerLength);
}

function checkFeatures(
  header: Qcow2Header,
  { featureNames }: Qcow2Extensions,
  { name: layer, issues }: OpenContext,
): void {
  const at = { layer, offset: QCOW2_HEADER.fields.incompatible.offset };
  if (header.unknownFeatures.length > 0) {
    const names = header.unknownFeatures.map((bit) => featureNames.get(bit) ?? `bit ${bit}`);
    throw imageError(
      'IMAGE_UNSUPPORTED',
      `${layer} uses QCOW2 features that deadbox does not know: ${names.join(', ')}`,
      at,
      {
        features: names,
      },
    );
  }
  // Lazy reference counts do not concern reading.
  if (header.dirty)
    issues.add({ code: 'image.marked-dirty', severity: 'note', at, data: { structure: 'reference counts' } });
  if (header.corrupt) issues.add({ code: 'image.marked-corrupt', severity: 'error', at, data: {} });
  if (header.refcounts.order > MAX_REFCOUNT_ORDER)
    issues.add({
      code: 'image.header-damaged',
      severity: 'warning',
      at: { layer, offset: QCOW2_HEADER.fields.refcountOrder.offset },
      data: { structure: 'reference counts', order: header.refcounts.order },
    });
}

/** What is told of the snapshots of an image. */
interface FoundSnapshots {
  /** Absent where there are none, or the table cannot be read. */
  readonly table?: Qcow2SnapshotTable;
  /** The newest ones, as many as are listed. */
  readonly newest: readonly Qcow2Snapshot[];
  /** The one that was asked for. */
  readonly chosen?: Qcow2Snapshot | undefined;
}

async function readSnapshots(header: Qcow2Header, source: ByteSource, context: OpenContext): Promise<FoundSnapshots> {
  if (header.snapshotCount === 0) return { newest: [] };
  const table: Qcow2SnapshotTable = {
    offset: header.snapshotsOffset,
    count: header.snapshotCount,
    fileSize: source.size,
    layer: context.name,
    read: (offset, length) => context.read(offset, length),
  };
  try {
    return { table, ...(await findQcow2Snapshots(table, { newest: LISTED_SNAPSHOTS, wanted: context.snapshot })) };
  } catch (error) {
    // The current state does not need the table.
    if (context.snapshot !== undefined || !isDamage(error, context.reading.signal)) throw error;
    const at = { layer: context.name, offset: header.snapshotsOffset };
    context.issues.add({
      code: 'image.header-damaged',
      severity: 'warning',
      at,
      data: { structure: 'snapshot table', reason: error.message },
    });
    return { newest: [] };
  }
}

/** The L1 table and size of the current state, or of the snapshot that was asked for. */
function chosenView(
  header: Qcow2Header,
  { newest, chosen: snapshot }: FoundSnapshots,
  context: OpenContext,
): { l1Offset: number; size: number; snapshot?: Qcow2Snapshot } {
  const wanted = context.snapshot;
  const { name: layer } = context;
  let view: { l1Offset: number; l1Entries: number; size: number; snapshot?: Qcow2Snapshot } = header;
  if (wanted !== undefined) {
    if (snapshot === undefined) {
      const known = newest.map(({ id, name }) => `${id} "${name}"`);
      const what = `${layer} has no internal snapshot "${wanted}"; it has ${known.length === 0 ? 'none' : known.join(', ')}`;
      throw imageError('IMAGE_SNAPSHOT_NOT_FOUND', what, { layer, offset: header.snapshotsOffset }, { wanted, known });
    }
    view = { l1Offset: snapshot.l1Offset, l1Entries: snapshot.l1Entries, size: snapshot.size ?? header.size, snapshot };
  }
  const clusterBytes = 2 ** header.clusterBits;
  const perTable = clusterBytes * (clusterBytes / (header.extendedL2 ? 16 : 8));
  const at = {
    layer,
    offset: view.snapshot === undefined ? QCOW2_HEADER.fields.l1Size.offset : header.snapshotsOffset,
  };
  if (view.size > MAX_VIRTUAL_SIZE)
    throw imageError('IMAGE_LIMIT', `${layer} claims a virtual size of ${view.size} bytes`, at, { size: view.size });
  if (view.l1Offset % clusterBytes !== 0)
    throw imageError('IMAGE_DAMAGED', `${layer} has an L1 table at the unaligned offset ${view.l1Offset}`, at);
  if (view.l1Entries < Math.ceil(view.size / perTable)) {
    throw imageError(
      'IMAGE_DAMAGED',
      `${layer} has an L1 table of ${view.l1Entries} entries, too short for ${view.size} bytes`,
      at,
    );
  }
  return view;
}

function openDataFile({ dataFile }: Qcow2Extensions, context: OpenContext): Promise<ByteSource> {
  if (dataFile !== undefined && dataFile !== '') {
    const { name, window } = parseQcowBacking(dataFile, undefined, context.name);
    if (window === undefined) return context.openCompanion(name);
    throw imageError('IMAGE_UNSUPPORTED', `${context.name} keeps its data in a part of ${name}`, {
      layer: context.name,
      offset: QCOW2_HEADER.fields.incompatible.offset,
    });
  }
  throw imageError(
    'IMAGE_FILE_MISSING',
    `${context.name} keeps its data in another file, but does not record its name`,
    {
      layer: context.name,
      offset: QCOW2_HEADER.fields.incompatible.offset,
    },
  );
}

async function openBacking(
  header: Qcow2Header,
  { backingFormat }: Qcow2Extensions,
  source: ByteSource,
  context: OpenContext,
): Promise<OpenedParent | undefined> {
  const { backing } = header;
  if (backing === undefined || backing.length === 0 || header.cryptMethod !== 'none') return undefined;
  if (!(backing.offset + backing.length <= source.size)) {
    const what = `${context.name} is truncated: the name of its backing file should lie at ${backing.offset}`;
    throw imageError(
      'IMAGE_TRUNCATED',
      what,
      { layer: context.name, offset: QCOW2_HEADER.fields.backingOffset.offset },
      { size: source.size },
    );
  }
  const recorded = new TextDecoder().decode(await context.read(backing.offset, backing.length));
  return context.openParent(backingReference(parseQcowBacking(recorded, backingFormat, context.name), context.formats));
}

async function encryptionOf(
  header: Qcow2Header,
  { encryptionHeader }: Qcow2Extensions,
  source: ByteSource,
  context: OpenContext,
): Promise<ImageEncryption | undefined> {
  if (header.cryptMethod === 'none') return undefined;
  if (header.cryptMethod === 'aes')
    return { product: 'QCOW2 AES', method: 'aes-cbc-128', offset: QCOW2_HEADER.fields.cryptMethod.offset };
  const offset = encryptionHeader?.offset ?? source.size;
  const bytes = offset + 512 <= source.size ? await context.read(offset, 512) : undefined;
  const method = bytes === undefined ? undefined : luksCipher(bytes);
  return { product: 'QCOW2 LUKS', offset: QCOW2_HEADER.fields.cryptMethod.offset, ...defined({ method }) };
}

/** Cipher name and mode of a LUKS1 partition header (LUKS On-Disk Format 1.2.3, figure 1). */
function luksCipher(bytes: Bytes): string | undefined {
  if (!hasAscii(bytes, 0, 'LUKS')) return undefined;
  const text = (at: number): string => asciiText(bytes, at, 32).replace(/\.+$/, '');
  return `${text(8)}-${text(40)}`;
}

async function noteTruncation(map: Qcow2Map, source: ByteSource, context: OpenContext): Promise<void> {
  const end = map.size === 0 ? 0 : await map.endOfTables(context.reading);
  if (end <= source.size) return;
  const at = { layer: context.name, offset: source.size };
  context.issues.add({ code: 'image.truncated', severity: 'error', at, data: { expected: end, size: source.size } });
}

function variantOf(header: Qcow2Header, hasBacking: boolean): string {
  const features = [
    header.compression === 'zstd' ? 'zstd' : '',
    header.extendedL2 ? 'extended-l2' : '',
    header.hasDataFile ? 'data-file' : '',
    hasBacking ? 'overlay' : '',
  ];
  return [`v${header.version}`, ...features.filter((feature) => feature !== '')].join(' ');
}

function describe(
  header: Qcow2Header,
  newest: readonly Qcow2Snapshot[],
  opened: Qcow2Snapshot | undefined,
): Record<string, Json> {
  return {
    version: header.version,
    clusterSize: 2 ** header.clusterBits,
    compression: header.compression,
    extendedL2: header.extendedL2,
    snapshots: newest.map(({ id, name, taken, vmStateSize }) => ({ id, name, taken, vmStateSize })),
    ...(opened === undefined ? {} : { snapshot: { id: opened.id, name: opened.name } }),
  };
}
