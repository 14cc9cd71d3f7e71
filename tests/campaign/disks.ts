import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { resolveOrigin } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openImage, type VirtualDisk, verifyImage } from '@deadbox/image';
import { run } from '../support/tools.js';
import { drawLayers, type Layer, writeLayers } from './disk-layers.js';
import { compareBytes, type Difference, difference, type Family, made } from './family.js';

/** A disk in a chain of image files that qemu-img and qemu-io write. */
interface DiskCase {
  readonly size: number;
  readonly layers: readonly Layer[];
}

/** The disk as qemu-img reads it, at its last state or in a snapshot. */
function asQemuReads(folder: string, name: string, driver: string, snapshot?: string): Uint8Array {
  const chosen = snapshot === undefined ? [] : ['-l', `snapshot.id=${snapshot}`];
  run('qemu-img', ['convert', '-q', '-f', driver, '-O', 'raw', ...chosen, name, 'theirs.raw'], { cwd: folder });
  const bytes = readFileSync(join(folder, 'theirs.raw'));
  rmSync(join(folder, 'theirs.raw'));
  return bytes;
}

/** Every byte, and what the extents say of it: zeros that are zero, data that lies where they say. */
async function compareDisk(disk: VirtualDisk, theirs: Uint8Array, what: string): Promise<Difference[]> {
  const ours = await disk.read(0, disk.size);
  const found = compareBytes(`bytes of ${what}`, ours, theirs);
  const wrong: string[] = [];
  let at = 0;
  for await (const batch of disk.extents(0, disk.size)) {
    for (const { offset, length, kind } of batch) {
      if (offset !== at) wrong.push(`an extent begins at ${offset} instead of ${at}`);
      at = offset + length;
      const bytes = ours.subarray(offset, offset + length);
      if (kind === 'zero' && bytes.some((byte) => byte !== 0)) wrong.push(`bytes at ${offset} are said to be zero`);
      if (kind === 'zero') continue;
      const place = await resolveOrigin(disk, offset, Math.min(length, 512));
      if (place === undefined) continue;
      const there = await place.source.read(place.offset, place.length);
      if (Buffer.compare(there, bytes.subarray(0, place.length)) !== 0)
        wrong.push(`bytes at ${offset} do not lie at ${place.offset}`);
    }
  }
  if (at !== disk.size) wrong.push(`the extents end at ${at} of ${disk.size}`);
  return [...found, ...difference(`extents of ${what}`, wrong)];
}

async function compareState(folder: string, name: string, driver: string, snapshot?: string): Promise<Difference[]> {
  const theirs = made(() => asQemuReads(folder, name, driver, snapshot));
  const path = join(folder, name);
  const file = await openFile(path);
  try {
    const siblings = fileSiblings(path);
    const disk = await openImage(file, { name, siblings, ...(snapshot === undefined ? {} : { snapshot }) });
    try {
      const problems = disk.issues.filter(({ severity }) => severity !== 'note').map((issue) => JSON.stringify(issue));
      const what = snapshot === undefined ? 'disk' : 'snapshot';
      const { checks } = await verifyImage(disk);
      const wrong = checks.filter(({ outcome }) => outcome === 'wrong').map((check) => JSON.stringify(check));
      return [
        ...(await compareDisk(disk, theirs, what)),
        ...difference('issues', problems),
        ...difference('verification', wrong),
      ];
    } finally {
      await disk.close();
    }
  } finally {
    await file.close?.();
  }
}

interface QemuInfo {
  readonly snapshots?: readonly { readonly id: string }[];
}

export const disks: Family<DiskCase> = {
  name: 'disks',
  tools: ['qemu-img', 'qemu-io'],
  draw(numbers, scale) {
    const sectors = numbers.scaled(1, scale === 'full' ? 49_152 : 4096);
    return { size: sectors * 512, layers: drawLayers(numbers, sectors * 512, scale) };
  },
  count: ({ layers }) => layers.length,
  async run({ size, layers }, folder) {
    const names = made(() => writeLayers(layers, size, folder));
    const found: Difference[] = [];
    for (const [i, name] of names.entries()) {
      const { driver, steps } = layers[i];
      found.push(...(await compareState(folder, name, driver)));
      if (!steps.some((step) => step.do === 'snapshot')) continue;
      const info: QemuInfo = JSON.parse(
        run('qemu-img', ['info', '--output=json', '-f', driver, name], { cwd: folder }),
      );
      for (const { id } of info.snapshots ?? []) found.push(...(await compareState(folder, name, driver, id)));
    }
    return found;
  },
};
