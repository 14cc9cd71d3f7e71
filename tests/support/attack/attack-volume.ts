import { seal, unseal } from '../file-record-writer.js';
import { hiveOf, softwarePaths, systemPaths } from '../healthy/hives.js';
import { NtfsVolumeWriter, type VolumeOptions } from '../ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../ntfs-writer/sink.js';
import type { FileEntry, Tree } from '../ntfs-writer/tree.js';
import { writePe } from '../pe-writer.js';

const MIB = 1 << 20;

/** What tells a whole Windows from the remains of one: only a whole one is asked why it does not start. */
const WHOLE = (
  'kdcom.dll ci.dll drivers/ntfs.sys drivers/fltMgr.sys drivers/cng.sys smss.exe csrss.exe wininit.exe winlogon.exe ' +
  'services.exe lsass.exe ntdll.dll kernel32.dll'
)
  .split(' ')
  .map((name): [string, Uint8Array] => [`/Windows/System32/${name}`, writePe({ fileVersion: '10.0.17763.1' })]);

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
    ...Object.fromEntries(WHOLE),
    '/Windows/System32/ntoskrnl.exe': new Uint8Array(5000).fill(0x4d),
    '/Windows/System32/winload.exe': new Uint8Array(2000).fill(0x4d),
    // Sound hives: a scan that met a damaged one could stop before it comes to the attack.
    '/Windows/System32/config/SYSTEM': hiveOf(systemPaths({})),
    '/Windows/System32/config/SOFTWARE': hiveOf(softwarePaths(17763, 1)),
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
 * Makes the content of every file whose `$DATA` lies in clusters a hole of `clusters` clusters: a record of 1 KiB that
 * stands for as much as one likes.
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

/** A file record of a volume that was written here, whose `$MFT` lies in one piece: a view. */
export function recordAt(volume: Uint8Array<ArrayBuffer>, number: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(volume.buffer);
  const clusterSize = view.getUint16(11, true) * volume[13];
  const at = Number(view.getBigUint64(48, true)) * clusterSize + number * 1024;
  return volume.subarray(at, at + 1024);
}

/** Where the unnamed `$DATA` of a record stands in it. */
export function dataOf(record: Uint8Array): { at: number; length: number } {
  const found = findData(record);
  if (found === undefined) throw new Error('the record has no $DATA');
  return found;
}

function findData(record: Uint8Array): { at: number; length: number } | undefined {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  for (let at = view.getUint16(20, true); view.getUint32(at, true) <= 0x80; at += view.getUint32(at + 4, true))
    if (view.getUint32(at, true) === 0x80) return { at, length: view.getUint32(at + 4, true) };
  return undefined;
}

/** Makes the unnamed stream of a record, whose content has one run, `times` times that run; a few bytes each. */
export function repeatData(volume: Uint8Array<ArrayBuffer>, number: number, times: number): void {
  const record = recordAt(volume, number);
  unseal(record);
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const { at, length } = dataOf(record);
  const runs = at + view.getUint16(at + 32, true);
  const lengthBytes = record[runs] & 15;
  const clusters = record.slice(runs + 1, runs + 1 + lengthBytes);
  const first = 1 + lengthBytes + (record[runs] >> 4);
  const more = (times - 1) * (2 + lengthBytes);
  const grown = Math.ceil((first + more + 1 - (length - (runs - at))) / 8) * 8;
  const rest = record.slice(at + length, view.getUint32(24, true));
  for (let i = 0, to = runs + first; i < times - 1; i += 1, to += 2 + lengthBytes) {
    record[to] = 0x10 | lengthBytes;
    record.set(clusters, to + 1);
    record[to + 1 + lengthBytes] = 0;
  }
  record[runs + first + more] = 0;
  record.set(rest, at + length + grown);
  view.setUint32(at + 4, length + grown, true);
  view.setUint32(24, view.getUint32(24, true) + grown, true);
  const had = view.getBigUint64(at + 40, true);
  view.setBigUint64(at + 24, (view.getBigUint64(at + 24, true) + 1n) * BigInt(times) - 1n, true);
  for (const field of [40, 48, 56]) view.setBigUint64(at + field, had * BigInt(times), true);
  seal(record);
}

/** Makes the content of every file whose `$DATA` lies in clusters all clusters of the volume. */
export function mapEverything(volume: Uint8Array<ArrayBuffer>): void {
  const clusters = Math.floor(volume.length / 4096) - 1;
  for (let number = 24; ; number += 1) {
    const record = recordAt(volume, number);
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    if (view.getUint32(0, true) !== 0x454c_4946) return;
    unseal(record);
    const found = findData(record);
    if (found !== undefined && record[found.at + 8] === 1 && found.at < 400) {
      const { at } = found;
      const runs = at + view.getUint16(at + 32, true);
      record.set([0x12, clusters & 0xff, clusters >> 8, 0, 0], runs);
      view.setBigUint64(at + 24, BigInt(clusters - 1), true);
      for (const field of [40, 48, 56]) view.setBigUint64(at + field, BigInt(clusters * 4096), true);
    }
    seal(record);
  }
}
