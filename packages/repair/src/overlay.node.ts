import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import type { Bytes } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { allFormats } from '@deadbox/image';
import { repairError } from './errors.js';
import type { RepairPlan } from './plan/repair-plan.js';
import { OVERLAY_CLUSTER, qcow2Image } from './storage/qcow2-image.js';
import { diskWrites } from './storage/stored-write.js';

/** Longest name that a QCOW2 may record. */
const LONGEST_NAME = 1023;

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
 * @throws DeadboxError `REPAIR_REFUSED`, `REPAIR_JOURNAL_EXISTS` when the file is there, `REPAIR_UNEXPECTED_BYTES`
 */
export async function writeOverlay(disk: Disk, plan: RepairPlan, path: string): Promise<Overlay> {
  const backingFormat = allFormats.find(({ id }) => id === disk.image.format)?.qemuDrivers?.[0];
  if (plan.operations.length === 0) throw repairError('REPAIR_REFUSED', 'The plan changes nothing');
  if (backingFormat === undefined)
    throw repairError('REPAIR_REFUSED', `No overlay can lie over a ${disk.image.format} image`);
  const backing = relative(dirname(resolve(path)), resolve(disk.name))
    .split(sep)
    .join('/');
  if (new TextEncoder().encode(backing).length > LONGEST_NAME)
    throw repairError('REPAIR_REFUSED', `The path of the image is longer than ${LONGEST_NAME} bytes`);
  const clusters = new Map<number, Bytes>();
  for (const { offset, after } of await diskWrites(disk, plan)) {
    for (let done = 0; done < after.length; ) {
      const number = Math.floor((offset + done) / OVERLAY_CLUSTER);
      const start = number * OVERLAY_CLUSTER;
      const length = Math.min(after.length - done, start + OVERLAY_CLUSTER - offset - done);
      const cluster = clusters.get(number) ?? (await clusterOf(disk, start));
      cluster.set(after.subarray(done, done + length), offset + done - start);
      clusters.set(number, cluster);
      done += length;
    }
  }
  const bytes = qcow2Image({ size: disk.image.size, backing, backingFormat, clusters });
  writeNew(path, bytes);
  return { path, size: bytes.length, clusters: clusters.size };
}

async function clusterOf(disk: Disk, start: number): Promise<Bytes> {
  return new Uint8Array(await disk.image.read(start, Math.min(OVERLAY_CLUSTER, disk.image.size - start)));
}

function writeNew(path: string, bytes: Bytes): void {
  let handle: number;
  try {
    handle = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw repairError('REPAIR_JOURNAL_EXISTS', `${path} exists already: it is not overwritten`, { cause: error });
  }
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
