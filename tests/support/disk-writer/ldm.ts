import type { Sink } from '../ntfs-writer/sink.js';
import { writeGpt } from './gpt.js';

/*
 * Synthetic dynamic disks (LDM), from the "LDM documentation" of linux-ntfs and libldm's reading of it: no tool on
 * Linux makes them. What ldmtool reads out of them is compared with what we do.
 */

/** One volume of the group. */
export interface LdmVolumeSpec {
  name: string;
  guid: string;
  layout: 'simple' | 'spanned' | 'striped' | 'mirrored' | 'raid5';
  hint?: string;
  /** Disk by its index, first sector in the area for volumes, sectors. One part a component when mirrored. */
  parts: readonly { disk: number; start: number; sectors: number }[];
}

/** A disk group, seen from one of its disks. */
export interface LdmSpec {
  style: 'mbr' | 'gpt';
  /** Bytes of the disk. */
  size: number;
  disks: readonly { name: string; guid: string }[];
  /** Index of the disk that is written. */
  own: number;
  volumes: readonly LdmVolumeSpec[];
  /** Bytes a block; long names then take several blocks. Default 128. */
  blockSize?: number;
  /** Records as later Windows writes them: revision 4 of disks, and the optional fields of volumes. */
  later?: boolean;
}

export const LDM_GROUP = '5eed0000-0000-4000-8000-00000000dead';
const SECTOR = 512;
const CONFIG_SECTORS = 2048;

/** Bytes of a record, front to back. */
class RecordBytes {
  readonly #bytes: number[] = [];

  raw(...values: number[]): this {
    this.#bytes.push(...values);
    return this;
  }
  zeros(count: number): this {
    return this.raw(...Array.from({ length: count }, () => 0));
  }
  text(value: string): this {
    return this.raw(value.length, ...Array.from(value, (c) => c.charCodeAt(0)));
  }
  /** A number with its length in front, as short as possible. */
  number(value: number): this {
    const bytes: number[] = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
    return this.raw(Math.max(1, bytes.length), ...(bytes.length === 0 ? [0] : bytes));
  }
  u64(value: number): this {
    return this.raw(...Array.from({ length: 8 }, (_, i) => Math.floor(value / 256 ** (7 - i)) % 256));
  }
  guid(text: string): this {
    return this.raw(...(text.replaceAll('-', '').match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
  }
  /** The record with its head. */
  finish(type: number, flags: number): number[] {
    const size = this.#bytes.length;
    return [0, 0, flags, type, 0, 0, size >> 8, size & 255, ...this.#bytes];
  }
}

function recordsOf(spec: LdmSpec): { records: number[][]; counts: [number, number, number, number] } {
  const records: number[][] = [];
  let id = 0x400;
  const diskIds = spec.disks.map(() => (id += 1));
  for (const [i, disk] of spec.disks.entries()) {
    const record = new RecordBytes().number(diskIds[i]).text(disk.name);
    records.push(
      spec.later === true
        ? record.guid(disk.guid).zeros(16).zeros(8).finish(0x44, 0)
        : record.text(disk.guid.toLowerCase()).text('').zeros(4).zeros(8).finish(0x34, 0),
    );
  }
  let components = 0;
  let parts = 0;
  for (const [index, volume] of spec.volumes.entries()) {
    const volumeId = (id += 1);
    const groups = volume.layout === 'mirrored' ? volume.parts.map((part) => [part]) : [volume.parts];
    const own = volume.layout === 'spanned' || volume.layout === 'simple';
    const size = own
      ? volume.parts.reduce((sum, part) => sum + part.sectors, 0)
      : volume.layout === 'mirrored'
        ? volume.parts[0].sectors
        : volume.parts[0].sectors * (volume.parts.length - (volume.layout === 'raid5' ? 1 : 0));
    const hint = volume.hint ?? '';
    const record = new RecordBytes()
      .number(volumeId)
      .text(volume.name)
      .text(volume.layout === 'raid5' ? 'raid5' : 'gen')
      .zeros(1)
      .raw(...Array.from('ACTIVE'.padEnd(14, '\0'), (c) => c.charCodeAt(0)))
      .raw(volume.layout === 'raid5' ? 4 : 3, 0, index + 1)
      .zeros(3)
      .raw(0)
      .number(groups.length)
      .u64(0x1000)
      .u64(volumeId)
      .number(size)
      .zeros(4)
      .raw(7)
      .guid(volume.guid);
    if (spec.later === true) record.text('first id').text('second').number(size);
    const flags = (spec.later === true ? 0x08 | 0x20 | 0x80 : 0) | (hint === '' ? 0 : 2);
    records.push((hint === '' ? record : record.text(hint)).finish(0x51, flags));
    for (const group of groups) {
      components += 1;
      const componentId = (id += 1);
      const striped = volume.layout === 'striped' || volume.layout === 'raid5';
      const component = new RecordBytes()
        .number(componentId)
        .text(`${volume.name}-${components}`)
        .text('ACTIVE')
        .raw(volume.layout === 'striped' ? 1 : volume.layout === 'raid5' ? 3 : 2)
        .zeros(4)
        .number(group.length)
        .u64(0x1001)
        .zeros(8)
        .number(volumeId)
        .zeros(1);
      records.push((striped ? component.number(128).number(group.length) : component).finish(0x32, striped ? 0x10 : 0));
      let offset = 0;
      for (const [place, part] of group.entries()) {
        parts += 1;
        const bytes = new RecordBytes()
          .number((id += 1))
          .text(`Disk${part.disk + 1}-${String(parts).padStart(2, '0')}`)
          .zeros(4)
          .u64(0x1002)
          .u64(part.start)
          .u64(offset)
          .number(part.sectors)
          .number(componentId)
          .number(diskIds[part.disk])
          .number(place);
        records.push(bytes.finish(0x33, 0x08));
        if (!striped) offset += part.sectors;
      }
    }
  }
  records.push(
    new RecordBytes()
      .number((id += 1))
      .text('Server-Dg0')
      .text(LDM_GROUP)
      .zeros(12)
      .finish(0x35, 0),
  );
  return { records, counts: [spec.volumes.length, components, parts, spec.disks.length] };
}

/**
 * Writes a dynamic disk: partition table, private header, table of contents, database. The volumes' content is not
 * written.
 */
export function writeDynamicDisk(sink: Sink, spec: LdmSpec): void {
  const sectors = spec.size / SECTOR;
  let configSector = sectors - CONFIG_SECTORS;
  let headerSector = 6;
  if (spec.style === 'mbr') {
    const mbr = new Uint8Array(512);
    const view = new DataView(mbr.buffer);
    view.setUint32(0x1b8, 0x5eed_0291, true);
    mbr[0x1c2] = 0x42;
    view.setUint32(0x1c6, 63, true);
    view.setUint32(0x1ca, configSector - 63, true);
    view.setUint16(0x1fe, 0xaa55, true);
    sink.write(0, mbr);
  } else {
    // The configuration is the last MiB of the metadata partition, its header the last sector.
    const metadata = {
      type: '5808C8AA-7E8F-42E0-85D2-E1E90434CFB3',
      id: '5EED0000-0000-4000-8000-000000000021',
      name: 'LDM metadata partition',
      offset: 2048 * SECTOR,
      length: 2049 * SECTOR,
    };
    const data = {
      type: 'AF9B60A0-1431-4F62-BC68-3311714A69AD',
      id: '5EED0000-0000-4000-8000-000000000022',
      name: 'LDM data partition',
      offset: 8192 * SECTOR,
      length: (sectors - 8192 - 64) * SECTOR,
    };
    writeGpt(sink, spec.size, SECTOR, '5EED0000-0000-4000-8000-000000000020', [metadata, data]);
    configSector = 2048;
    headerSector = 2048 + 2048;
  }
  const header = new Uint8Array(512);
  const fields = new DataView(header.buffer);
  header.set(new TextEncoder().encode('PRIVHEAD'));
  fields.setUint16(12, 2);
  fields.setUint16(14, 12);
  header.set(new TextEncoder().encode(spec.disks[spec.own].guid.toLowerCase()), 0x30);
  header.set(new TextEncoder().encode('5eed0000-0000-4000-8000-0000000000ff'), 0x70);
  header.set(new TextEncoder().encode(LDM_GROUP), 0xb0);
  header.set(new TextEncoder().encode('Server-Dg0'), 0xf0);
  const dataSector = spec.style === 'mbr' ? 63 : 8192;
  const values = [dataSector, sectors - dataSector - CONFIG_SECTORS, configSector, CONFIG_SECTORS, 2, 2046];
  values.forEach((value, i) => fields.setBigUint64(0x11b + i * 8, BigInt(value)));
  sink.write(headerSector * SECTOR, header);

  const contents = new Uint8Array(512);
  const toc = new DataView(contents.buffer);
  contents.set(new TextEncoder().encode('TOCBLOCK'));
  contents.set(new TextEncoder().encode('config'), 0x24);
  toc.setBigUint64(0x2e, 17n);
  toc.setBigUint64(0x36, 1481n);
  contents.set(new TextEncoder().encode('log'), 0x46);
  toc.setBigUint64(0x50, 1498n);
  toc.setBigUint64(0x58, 224n);
  sink.write((configSector + 2) * SECTOR, contents);

  const blockSize = spec.blockSize ?? 128;
  const { records, counts } = recordsOf(spec);
  const blocks: Uint8Array[] = [];
  records.forEach((record, group) => {
    const room = blockSize - 16;
    const pieces = Math.ceil(record.length / room);
    for (let piece = 0; piece < pieces; piece += 1) {
      const block = new Uint8Array(blockSize);
      const view = new DataView(block.buffer);
      block.set(new TextEncoder().encode('VBLK'));
      view.setUint32(4, blocks.length + 4);
      view.setUint32(8, group + 1);
      view.setUint16(12, piece);
      view.setUint16(14, pieces);
      block.set(record.slice(piece * room, (piece + 1) * room), 16);
      blocks.push(block);
    }
  });
  const head = new Uint8Array(512);
  const database = new DataView(head.buffer);
  head.set(new TextEncoder().encode('VMDB'));
  database.setUint32(4, Math.floor((1481 * SECTOR - 512) / blockSize));
  database.setUint32(8, blockSize);
  database.setUint32(12, 512);
  database.setUint16(16, 1);
  database.setUint16(18, 4);
  database.setUint16(20, 10);
  head.set(new TextEncoder().encode('Server-Dg0'), 22);
  head.set(new TextEncoder().encode(LDM_GROUP), 53);
  database.setBigUint64(0x75, 0x1010n);
  counts.forEach((count, i) => database.setUint32(0x85 + i * 4, count));
  const at = (configSector + 17) * SECTOR;
  sink.write(at, head);
  blocks.forEach((block, i) => sink.write(at + 512 + i * blockSize, block));
}
