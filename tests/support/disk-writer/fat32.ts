import type { Sink } from '../ntfs-writer/sink.js';

/** Content of files by path; folders are made as they are needed. */
export type FatTree = Readonly<Record<string, Uint8Array>>;

interface Folder {
  folders: Map<string, Folder>;
  files: Map<string, Uint8Array>;
  cluster: number;
}

const RESERVED = 32;

/**
 * Writes a FAT32 volume with clusters of one sector, long names included. The partition must hold at least 65,525
 * clusters.
 */
export function writeFat32(sink: Sink, size: number, sectorSize: number, label: string, tree: FatTree): void {
  const sectors = size / sectorSize;
  const tableSectors = Math.ceil(((sectors - RESERVED) * 4) / (sectorSize + 8)) + 1;
  const dataSector = RESERVED + 2 * tableSectors;
  const clusters = sectors - dataSector;
  const table = new DataView(new ArrayBuffer(tableSectors * sectorSize));
  table.setUint32(0, 0x0fff_fff8, true);
  table.setUint32(4, 0x0fff_ffff, true);
  let next = 2;
  const place = (bytes: Uint8Array): number => {
    const count = Math.max(1, Math.ceil(bytes.length / sectorSize));
    const first = next;
    next += count;
    if (next > clusters + 2) throw new Error('the FAT volume is too small');
    for (let i = 0; i < count; i += 1)
      table.setUint32((first + i) * 4, i + 1 < count ? first + i + 1 : 0x0fff_ffff, true);
    sink.write((dataSector + first - 2) * sectorSize, bytes);
    return first;
  };

  const root = toFolders(tree);
  number(root, (entries) => {
    const first = next;
    const count = Math.ceil((entries * 32) / sectorSize) || 1;
    next += count;
    for (let i = 0; i < count; i += 1)
      table.setUint32((first + i) * 4, i + 1 < count ? first + i + 1 : 0x0fff_ffff, true);
    return first;
  });
  const write = (folder: Folder, parent: Folder | undefined): void => {
    const entries: Uint8Array[] =
      parent === undefined
        ? [shortEntry(label.padEnd(11), 0x08, 0, 0)]
        : dotEntries(folder, parent === root ? 0 : parent.cluster);
    for (const [name, child] of folder.folders) entries.push(...named(name, 0x10, child.cluster, 0));
    for (const [name, bytes] of folder.files)
      entries.push(...named(name, 0x20, bytes.length === 0 ? 0 : place(bytes), bytes.length));
    entries.forEach((entry, i) => sink.write((dataSector + folder.cluster - 2) * sectorSize + i * 32, entry));
    for (const child of folder.folders.values()) write(child, folder);
  };
  write(root, undefined);

  const boot = new Uint8Array(512);
  const view = new DataView(boot.buffer);
  boot.set([0xeb, 0x58, 0x90, ...new TextEncoder().encode('MSDOS5.0')]);
  view.setUint16(0x0b, sectorSize, true);
  view.setUint8(0x0d, 1);
  view.setUint16(0x0e, RESERVED, true);
  view.setUint8(0x10, 2);
  view.setUint8(0x15, 0xf8);
  view.setUint16(0x18, 63, true);
  view.setUint16(0x1a, 255, true);
  view.setUint32(0x20, sectors, true);
  view.setUint32(0x24, tableSectors, true);
  view.setUint32(0x2c, root.cluster, true);
  view.setUint16(0x30, 1, true);
  view.setUint16(0x32, 6, true);
  view.setUint8(0x40, 0x80);
  view.setUint8(0x42, 0x29);
  view.setUint32(0x43, 0x5eed_0291, true);
  boot.set(new TextEncoder().encode(`${label.padEnd(11)}FAT32   `), 0x47);
  view.setUint16(0x1fe, 0xaa55, true);
  const information = new Uint8Array(512);
  const fields = new DataView(information.buffer);
  fields.setUint32(0, 0x4161_5252, true);
  fields.setUint32(484, 0x6141_7272, true);
  fields.setUint32(488, clusters + 2 - next, true);
  fields.setUint32(492, next, true);
  fields.setUint32(508, 0xaa55_0000, true);
  for (const copy of [0, 6]) {
    sink.write(copy * sectorSize, boot);
    sink.write((copy + 1) * sectorSize, information);
  }
  for (const copy of [0, 1]) sink.write((RESERVED + copy * tableSectors) * sectorSize, new Uint8Array(table.buffer));
}

function toFolders(tree: FatTree): Folder {
  const root: Folder = { folders: new Map(), files: new Map(), cluster: 0 };
  for (const [path, bytes] of Object.entries(tree)) {
    const parts = path.split('/').filter((part) => part !== '');
    let folder = root;
    for (const part of parts.slice(0, -1)) {
      let child = folder.folders.get(part);
      if (child === undefined) folder.folders.set(part, (child = { folders: new Map(), files: new Map(), cluster: 0 }));
      folder = child;
    }
    folder.files.set(parts.at(-1) ?? '', bytes);
  }
  return root;
}

/** Gives every folder its clusters before any entry names one. */
function number(folder: Folder, take: (entries: number) => number): void {
  const names = [...folder.folders.keys(), ...folder.files.keys()];
  folder.cluster = take(3 + names.reduce((sum, name) => sum + 1 + Math.ceil((name.length + 1) / 13), 0));
  for (const child of folder.folders.values()) number(child, take);
}

function dotEntries(folder: Folder, parentCluster: number): Uint8Array[] {
  return [shortEntry('.'.padEnd(11), 0x10, folder.cluster, 0), shortEntry('..'.padEnd(11), 0x10, parentCluster, 0)];
}

/** The entries of one name: long-name parts where it is no plain 8.3 name in capitals, and the short entry. */
function named(name: string, attributes: number, cluster: number, size: number): Uint8Array[] {
  const dot = name.lastIndexOf('.');
  const base = (dot > 0 ? name.slice(0, dot) : name).toUpperCase();
  const extension = (dot > 0 ? name.slice(dot + 1) : '').toUpperCase().slice(0, 3);
  const short = (base.length > 8 ? `${base.slice(0, 6)}~1` : base).padEnd(8) + extension.padEnd(3);
  const entry = shortEntry(short, attributes, cluster, size);
  if (name === (extension === '' ? base : `${base}.${extension}`) && base.length <= 8) return [entry];
  let sum = 0;
  for (let i = 0; i < 11; i += 1) sum = (((sum & 1) << 7) + (sum >> 1) + entry[i]) & 0xff;
  const count = Math.ceil(name.length / 13);
  const parts: Uint8Array[] = [];
  for (let part = count; part >= 1; part -= 1) {
    const bytes = new Uint8Array(32).fill(0xff);
    const view = new DataView(bytes.buffer);
    bytes[0] = part | (part === count ? 0x40 : 0);
    bytes.set([0x0f, 0x00, sum], 0x0b);
    bytes.set([0, 0], 0x1a);
    [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30].forEach((at, i) => {
      const index = (part - 1) * 13 + i;
      if (index <= name.length) view.setUint16(at, index < name.length ? name.charCodeAt(index) : 0, true);
    });
    parts.push(bytes);
  }
  return [...parts, entry];
}

/** 2024-07-01 12:00:00 for everything. */
function shortEntry(name: string, attributes: number, cluster: number, size: number): Uint8Array {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(name));
  bytes[0x0b] = attributes;
  const date = ((2024 - 1980) << 9) | (7 << 5) | 1;
  for (const at of [0x10, 0x12, 0x18]) view.setUint16(at, date, true);
  for (const at of [0x0e, 0x16]) view.setUint16(at, 12 << 11, true);
  view.setUint16(0x14, cluster >>> 16, true);
  view.setUint16(0x1a, cluster & 0xffff, true);
  view.setUint32(0x1c, size, true);
  return bytes;
}
