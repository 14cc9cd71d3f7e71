import { NtfsVolumeWriter, type VolumeOptions } from '../ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../ntfs-writer/sink.js';
import type { FileEntry, Tree } from '../ntfs-writer/tree.js';
import { softwareHive, systemHive } from '../windows-hives.js';

const MIB = 1 << 20;

/**
 * An NTFS volume with just enough of a Windows to be judged, and what an attack puts on it.
 * @param files - content by path
 */
export function attackVolume(
  size: number,
  files: Readonly<Record<string, Uint8Array>>,
  change: (tree: Tree) => void = () => undefined,
  options: Partial<VolumeOptions> = {},
): Uint8Array<ArrayBuffer> {
  const sink = new MemorySink(Math.max(size, 8 * MIB));
  const writer = new NtfsVolumeWriter(sink, { size: sink.bytes.length, label: 'Attack', ...options });
  const { tree } = writer;
  const all: Record<string, Uint8Array> = {
    '/Windows/System32/ntoskrnl.exe': new Uint8Array(5000).fill(0x4d),
    '/Windows/System32/winload.exe': new Uint8Array(2000).fill(0x4d),
    // Sound hives: a scan that met a damaged one could stop before it comes to the attack.
    '/Windows/System32/config/SYSTEM': systemHive(),
    '/Windows/System32/config/SOFTWARE': softwareHive(),
    '/Windows/System32/drivers/CrowdStrike/C-00000001-00000000-00000001.sys': new Uint8Array(100),
    ...files,
  };
  for (const [path, content] of Object.entries(all)) {
    const cut = path.lastIndexOf('/');
    tree.addFile(tree.folder(path.slice(0, cut)), path.slice(cut + 1), { content });
  }
  change(tree);
  writer.finish();
  return sink.bytes;
}

/** Lets a folder hold itself, under `count` names. */
export function nestInItself(folder: FileEntry, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const name = { name: `loop${String(i).padStart(3, '0')}`, shortName: undefined, parent: folder };
    folder.children.push({ name, file: folder });
  }
}

/**
 * Makes `$MFT` a hole: its one run becomes `clusters` clusters that are nowhere, behind the clusters it has.
 * The sizes in its record say so; nothing else does.
 */
export function stretchMft(volume: Uint8Array<ArrayBuffer>, clusters: number): void {
  stretchData(volume, 0, clusters);
}

/** The same for the unnamed stream of any record, whose content has one run. */
export function stretchData(volume: Uint8Array<ArrayBuffer>, record: number, clusters: number): void {
  const view = new DataView(volume.buffer);
  const clusterSize = view.getUint16(11, true) * volume[13];
  const from = Number(view.getBigUint64(48, true)) * clusterSize + record * 1024;
  let at = from + view.getUint16(from + 20, true);
  while (view.getUint32(at, true) !== 0x80) at += view.getUint32(at + 4, true);
  const runs = at + view.getUint16(at + 32, true);
  let end = runs;
  while (volume[end] !== 0) end += 1 + (volume[end] & 15) + (volume[end] >> 4);
  const had = Number(view.getBigUint64(at + 24, true)) + 1;
  // A run with four bytes of length and no offset is a hole.
  volume[end] = 0x04;
  view.setUint32(end + 1, clusters, true);
  volume[end + 5] = 0;
  view.setBigUint64(at + 24, BigInt(had + clusters - 1), true);
  const bytes = BigInt(had + clusters) * BigInt(clusterSize);
  for (const field of [40, 48, 56]) view.setBigUint64(at + field, bytes, true);
}

/**
 * Makes the content of every file whose `$DATA` lies in clusters a hole of `clusters` clusters: a record of 1 KiB that stands for as much as
 * one likes.
 */
export function emptyFiles(volume: Uint8Array<ArrayBuffer>, clusters: number): void {
  const view = new DataView(volume.buffer);
  const clusterSize = view.getUint16(11, true) * volume[13];
  const table = Number(view.getBigUint64(48, true)) * clusterSize;
  for (let record = table + 24 * 1024; view.getUint32(record, true) === 0x454c_4946; record += 1024) {
    let at = record + view.getUint16(record + 20, true);
    while (at < record + 1000 && view.getUint32(at, true) < 0x80) at += view.getUint32(at + 4, true);
    const inside = at - record;
    if (view.getUint32(at, true) !== 0x80 || volume[at + 8] === 0 || inside > 400) continue;
    const runs = at + view.getUint16(at + 32, true);
    volume[runs] = 0x04;
    view.setUint32(runs + 1, clusters, true);
    volume[runs + 5] = 0;
    view.setBigUint64(at + 24, BigInt(clusters - 1), true);
    for (const field of [40, 48, 56]) view.setBigUint64(at + field, BigInt(clusters) * BigInt(clusterSize), true);
  }
}
