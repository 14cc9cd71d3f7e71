import { statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Bytes } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { allFormats } from '@deadbox/image';
import { repairError } from './errors.js';
import { MAX_OVERLAY_CLUSTERS } from './limits.js';
import type { RepairPlan } from './plan/repair-plan.js';
import { openReader } from './storage/block-writer.node.js';
import { writeNewFile } from './storage/new-file.node.js';
import { checkOverlayBase, checkVhdEnd } from './storage/overlay-base.js';
import { OVERLAY_CLUSTER, qcow2Image } from './storage/qcow2-image.js';
import { diskWrites } from './storage/stored-write.js';

/** Longest name that a QCOW2 may record. */
const LONGEST_NAME = 1023;

const VHD_FOOTER_BYTES = 512;

/** A written overlay. */
export interface Overlay {
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Clusters that it holds. */
  readonly clusters: number;
}

/**
 * Writes a plan into a new QCOW2 that lies over the image; the image itself stays as it is. QEMU uses the overlay as a
 * disk, `qemu-img commit` puts it into the image, and deleting it undoes everything.
 * @param path - the new file; must not exist. The image is recorded relative to its folder
 * @throws DeadboxError `REPAIR_REFUSED`, `REPAIR_JOURNAL_EXISTS` when the file is there, `REPAIR_NOT_STORED`,
 * `REPAIR_UNEXPECTED_BYTES`, `REPAIR_WRITE_FAILED`
 */
export async function writeOverlay(disk: Disk, plan: RepairPlan, path: string): Promise<Overlay> {
  const backingFormat = allFormats.find(({ id }) => id === disk.image.format)?.qemuDrivers?.[0];
  if (plan.operations.length === 0) throw repairError('REPAIR_REFUSED', 'The plan changes nothing');
  if (backingFormat === undefined)
    throw repairError('REPAIR_REFUSED', `No overlay can lie over a ${disk.image.format} image`);
  checkOverlayBase(disk);
  if (disk.image.format === 'vhd') checkVhdEnd(footerOf(disk.name), disk.image.size);
  const backing = backingName(dirname(resolve(path)), resolve(disk.name));
  if (new TextEncoder().encode(backing).length > LONGEST_NAME)
    throw repairError('REPAIR_REFUSED', `The path of the image is longer than ${LONGEST_NAME} bytes`);
  const writes = await diskWrites(disk, plan);
  const numbers = writes.flatMap(({ offset, after }) => [clusterAt(offset), clusterAt(offset + after.length - 1)]);
  if (new Set(numbers).size > MAX_OVERLAY_CLUSTERS)
    throw repairError('REPAIR_REFUSED', `The changes lie in more than ${MAX_OVERLAY_CLUSTERS} clusters of an overlay`);
  const clusters = new Map<number, Bytes>();
  for (const { offset, after } of writes) {
    for (let done = 0; done < after.length; ) {
      const number = clusterAt(offset + done);
      const start = number * OVERLAY_CLUSTER;
      const length = Math.min(after.length - done, start + OVERLAY_CLUSTER - offset - done);
      const cluster = clusters.get(number) ?? (await clusterOf(disk, start));
      cluster.set(after.subarray(done, done + length), offset + done - start);
      clusters.set(number, cluster);
      done += length;
    }
  }
  const bytes = qcow2Image({ size: disk.image.size, backing, backingFormat, clusters });
  writeNewFile(path, bytes, { what: 'The overlay', kept: 'it is not overwritten' });
  return { path, size: bytes.length, clusters: clusters.size };
}

function footerOf(path: string): Bytes {
  const reader = openReader(path);
  try {
    return reader.read(Math.max(0, statSync(path).size - VHD_FOOTER_BYTES), VHD_FOOTER_BYTES);
  } finally {
    reader.close();
  }
}

/** QEMU takes what stands before a colon for a protocol (block.c, path_has_protocol), unless a slash comes first. */
function backingName(folder: string, image: string): string {
  const path = relative(folder, image);
  const name = path.split(sep).join('/');
  return !isAbsolute(path) && /^[^/]*:/.test(name) ? `./${name}` : name;
}

function clusterAt(offset: number): number {
  return Math.floor(offset / OVERLAY_CLUSTER);
}

async function clusterOf(disk: Disk, start: number): Promise<Bytes> {
  return new Uint8Array(await disk.image.read(start, Math.min(OVERLAY_CLUSTER, disk.image.size - start)));
}
