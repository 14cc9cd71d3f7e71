// The disk of a crashed VM that comes with the checkout.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cache, root } from './workspace.mjs';

/** Its file name, unpacked. */
export const BUNDLED = 'gpt-faulty.img';

/** Path of the disk, unpacked once for each version of it. */
export function bundledImage() {
  const packed = readFileSync(join(root, 'test-images', `${BUNDLED}.gz`));
  const folder = join(cache, 'test-images', createHash('sha256').update(packed).digest('hex').slice(0, 12));
  const image = join(folder, BUNDLED);
  if (!existsSync(image)) {
    mkdirSync(folder, { recursive: true });
    const partial = `${image}.${process.pid}`;
    writeFileSync(partial, gunzipSync(packed));
    renameSync(partial, image);
  }
  return image;
}
