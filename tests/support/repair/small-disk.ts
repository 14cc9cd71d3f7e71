import { writeGpt } from '../disk-writer/gpt.js';
import { NtfsVolumeWriter, type VolumeOptions } from '../ntfs-writer/ntfs-volume.js';
import { FileSink, partOf } from '../ntfs-writer/sink.js';
import type { FileOptions } from '../ntfs-writer/tree.js';

const MIB = 1 << 20;
const SECTOR = 512;

/** Identities of a small disk. */
export const SMALL_DISK = {
  gptId: '5EED0000-0000-4000-8000-0000000000A1',
  partitionId: '5EED0000-0000-4000-8000-0000000000B1',
  otherPartitionId: '5EED0000-0000-4000-8000-0000000000B2',
  signature: 0x5eed_a1b2,
  /** Byte offsets of the two volumes. */
  offsets: [MIB, 33 * MIB],
  /** Length of each. */
  length: 32 * MIB,
  size: 66 * MIB,
} as const;

/** Writes a disk of two small NTFS volumes; the first one has the files. The same options make the same bytes. */
export function writeSmallDisk(
  path: string,
  table: 'gpt' | 'mbr',
  files: Readonly<Record<string, FileOptions>> = {},
  volume: Partial<VolumeOptions> = {},
): void {
  const sink = new FileSink(path, SMALL_DISK.size);
  try {
    const { offsets, length, size, gptId, partitionId, otherPartitionId } = SMALL_DISK;
    if (table === 'gpt')
      writeGpt(
        sink,
        size,
        SECTOR,
        gptId,
        [partitionId, otherPartitionId].map((id, i) => ({
          type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
          id,
          name: `volume ${i + 1}`,
          offset: offsets[i],
          length,
        })),
      );
    else sink.write(0, bootRecord());
    for (const [i, offset] of offsets.entries()) {
      const writer = new NtfsVolumeWriter(partOf(sink, offset), {
        size: length,
        hiddenSectors: offset / SECTOR,
        ...volume,
      });
      if (i === 0) for (const [name, options] of Object.entries(files)) addFile(writer, name, options);
      writer.finish();
    }
  } finally {
    sink.close();
  }
}

function addFile({ tree }: NtfsVolumeWriter, path: string, options: FileOptions): void {
  const parts = path.split('/').filter((part) => part !== '');
  const name = parts.pop() ?? '';
  tree.addFile(tree.folder(parts.join('/')), name, options);
}

/** An MBR with both volumes as type 07, the first one active. */
function bootRecord(): Uint8Array {
  const sector = new Uint8Array(SECTOR);
  const view = new DataView(sector.buffer);
  sector.fill(0x90, 0, 0x1b8);
  view.setUint32(0x1b8, SMALL_DISK.signature, true);
  for (const [i, offset] of SMALL_DISK.offsets.entries()) {
    const at = 0x1be + 16 * i;
    view.setUint8(at, i === 0 ? 0x80 : 0);
    view.setUint8(at + 4, 0x07);
    view.setUint32(at + 8, offset / SECTOR, true);
    view.setUint32(at + 12, SMALL_DISK.length / SECTOR, true);
  }
  view.setUint16(0x1fe, 0xaa55, true);
  return sector;
}
