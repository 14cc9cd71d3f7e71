import type { ByteSource } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import {
  BlockMappedDisk,
  QCOW_HEADER,
  QCOW2_HEADER,
  VDI_HEADER,
  VHD_DYNAMIC_HEADER,
  VHD_FOOTER,
  VHDX_HEADER,
  VMDK_SPARSE_HEADER,
} from '@deadbox/image/internals';
import { GPT_ENTRY, GPT_HEADER, MBR, MBR_ENTRY, type Partition } from '@deadbox/partitions';
import { type PlacedTable, pointer, type Trail, term } from './trail.js';
import type { WalkPointer } from './walk-types.js';

const SECTOR_BYTES = 512;
const VHDX_FIRST_HEADER = 0x1_0000;
const VHD_HEADER_AT = 512;
const MBR_SLOTS = 4;

/** The steps before any volume: container, partition table, the volume's entry in it. */
export async function diskSteps(trail: Trail, volume: Volume | undefined): Promise<void> {
  await containerSteps(trail);
  const { table, image } = trail.disk;
  const size = Math.min(SECTOR_BYTES, image.size);
  if (table.kind === 'none' || volume?.partition === undefined) return;
  const toEntry = entryPointer(trail, volume.partition);
  if (table.kind === 'gpt') return gptSteps(trail, volume, toEntry);
  const inMbr = volume.partition.entry.offset < SECTOR_BYTES;
  await trail.add({
    id: 'mbr',
    data: { kind: 'mbr', slot: volume.partition.slot },
    source: image,
    offset: 0,
    length: size,
    tables: [
      { table: MBR, at: 0 },
      ...[0, 1, 2, 3].map((slot) => ({ table: MBR_ENTRY, at: MBR.fields.entries.offset + slot * MBR_ENTRY.size })),
    ],
    keys: inMbr ? ['entries'] : ['entries', 'firstSector'],
    next: toEntry,
  });
  await entryStep(trail, volume, { table: MBR_ENTRY, at: 0 });
}

/** Where a partition's entry lies: by its number in the table, or in a boot record of its own. */
function entryPointer({ disk: { table } }: Trail, { entry, slot }: Partition): WalkPointer {
  const first = entry.offset - (slot - 1) * entry.length;
  if (table.kind === 'mbr' && slot <= MBR_SLOTS)
    return pointer('disk', term('entry', first), term('entry-number', slot - 1, entry.length));
  if (table.kind === 'gpt' && first % table.sectorSize === 0)
    return pointer(
      'disk',
      term('sector', first / table.sectorSize, table.sectorSize),
      term('entry-number', slot - 1, entry.length),
    );
  return pointer('disk', term('entry', entry.offset));
}

async function gptSteps(trail: Trail, volume: Volume, toEntry: WalkPointer): Promise<void> {
  const { table, image } = trail.disk;
  const { sectorSize } = table;
  const last = Math.floor(image.size / sectorSize) - 1;
  const headerSector = table.header === 'backup' ? last : 1;
  await trail.add({
    id: 'mbr',
    data: { kind: 'gpt', slot: 1 },
    source: image,
    offset: 0,
    length: SECTOR_BYTES,
    tables: [
      { table: MBR, at: 0 },
      { table: MBR_ENTRY, at: MBR.fields.entries.offset },
    ],
    keys: ['type', 'firstSector'],
    next: pointer('disk', term('sector', headerSector, sectorSize)),
  });
  await trail.add({
    id: 'gpt-header',
    data: { copy: table.header ?? 'primary', slot: volume.partition?.slot ?? null },
    source: image,
    offset: headerSector * sectorSize,
    length: GPT_HEADER.size,
    tables: [{ table: GPT_HEADER, at: 0 }],
    keys: ['entriesSector', 'entrySize'],
    next: toEntry,
  });
  await entryStep(trail, volume, { table: GPT_ENTRY, at: 0 });
}

async function entryStep(trail: Trail, volume: Volume, table: PlacedTable): Promise<void> {
  const { partition } = volume;
  if (partition === undefined) return;
  const { sectorSize } = trail.disk.table;
  await trail.add({
    id: 'partition-entry',
    data: { volume: volume.number, slot: partition.slot, role: volume.role, length: partition.length },
    source: trail.disk.image,
    offset: partition.entry.offset,
    length: partition.entry.length,
    tables: [table],
    keys: ['firstSector'],
    next: pointer('disk', term('sector', volume.offset / sectorSize, sectorSize)),
  });
}

/** Headers of container formats, where each begins in its file. */
const HEADERS: Readonly<Record<string, PlacedTable & { readonly keys: readonly string[] }>> = {
  vhdx: { table: VHDX_HEADER, at: VHDX_FIRST_HEADER, keys: ['sequenceNumber'] },
  qcow2: { table: QCOW2_HEADER, at: 0, keys: ['l1Offset', 'clusterBits'] },
  qcow: { table: QCOW_HEADER, at: 0, keys: ['l1Offset'] },
  vmdk: { table: VMDK_SPARSE_HEADER, at: 0, keys: ['directory', 'grainSize'] },
  vdi: { table: VDI_HEADER, at: 0, keys: ['mapOffset'] },
};

/** Formats whose first structure stands at the end of the file; sparse ones have a header behind its copy. */
const FOOTERS: Readonly<Record<string, PlacedTable['table']>> = { vhd: VHD_FOOTER };

async function containerSteps(trail: Trail): Promise<void> {
  const { image } = trail.disk;
  if (!(image instanceof BlockMappedDisk) || image.size === 0) return;
  const { format } = image;
  const footer = FOOTERS[format];
  const entries = await image.tableEntries(0, trail.options);
  const file = entries[0]?.source ?? (footer === undefined ? undefined : await fileBelow(trail.disk, trail));
  if (file === undefined) return;
  const facts = { format, variant: image.variant };
  if (footer !== undefined) {
    const at = file.size - SECTOR_BYTES;
    await headerStep(trail, file, { table: footer, at }, facts, ['type', 'headerOffset']);
    if (entries.length > 0)
      await headerStep(trail, file, { table: VHD_DYNAMIC_HEADER, at: VHD_HEADER_AT }, facts, [
        'tableOffset',
        'blockSize',
      ]);
  } else {
    const header = HEADERS[format];
    if (header !== undefined) await headerStep(trail, file, header, facts, header.keys);
  }
  for (const { kind, source, offset, length, span } of entries)
    await trail.add({ id: 'container-entry', data: { kind, span, block: 0 }, source, offset, length });
}

async function headerStep(
  trail: Trail,
  source: ByteSource,
  { table, at }: PlacedTable,
  data: Record<string, string>,
  keys: readonly string[],
): Promise<void> {
  const length = Math.min(table.size, MAX_HEADER, source.size - at);
  if (length <= 0) return;
  await trail.add({
    id: 'container-header',
    data: { ...data, structure: table.kind },
    source,
    offset: at,
    length,
    tables: [{ table, at: 0 }],
    keys,
  });
}

/** A dynamic VHD's header has the parent's name and locators behind what is shown. */
const MAX_HEADER = 128;

/** The file that a container without tables lies in. */
async function fileBelow(disk: Disk, { options }: Trail): Promise<ByteSource | undefined> {
  for await (const batch of disk.image.extents(0, 1, options)) return batch[0]?.origin?.source;
  return undefined;
}
