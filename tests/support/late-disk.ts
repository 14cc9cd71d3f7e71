import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type ByteSource, readInto, type Siblings } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { expect } from 'vitest';
import { LateSource } from './image/late-source.js';
import { expectSame, generator } from './source-contract.js';

/** Ranges that are asked for at once. */
const AT_ONCE = 16;

/**
 * Opens the image at `path` through sources that answer late and in any order, asks for many ranges at once, and
 * compares them with `reference`: tables that are still on their way, spans and caches must not get in each other's
 * way.
 */
export async function checkLateReads(path: string, reference: ByteSource, longest = 200_000): Promise<void> {
  const folder = dirname(path);
  const late = (name: string): LateSource | undefined => {
    const place = join(folder, name);
    return existsSync(place) ? new LateSource(new Uint8Array(readFileSync(place))) : undefined;
  };
  const siblings: Siblings = { open: (name) => Promise.resolve(late(name)) };
  const disk = await openImage(late(basename(path)) as LateSource, { name: basename(path), siblings });
  expect(disk.size).toBe(reference.size);
  const random = generator(path.length);
  const ranges = Array.from({ length: AT_ONCE }, () => {
    const length = Math.min(1 + Math.floor(random() ** 2 * longest), disk.size);
    return { from: Math.floor(random() * (disk.size - length + 1)), length };
  });
  await Promise.all(
    ranges.map(async ({ from, length }, index) => {
      const target = new Uint8Array(length).fill(0x77);
      if (index % 2 === 0) await readInto(disk, from, target);
      else target.set(await disk.read(from, length));
      expectSame(target, await reference.read(from, length), `late read at ${from}`);
    }),
  );
  await disk.close();
}
