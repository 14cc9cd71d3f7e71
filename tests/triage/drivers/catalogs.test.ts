import { MemorySource } from '@deadbox/core';
import { expect, test } from 'vitest';
import { catalogStore } from '../../../packages/triage/src/drivers/catalogs.js';
import type { InstallationSubject } from '../../../packages/triage/src/subject/installation-subject.js';
import { writeCatalog } from '../../support/catalog-writer.js';

const digest = 'ab'.repeat(32);
const catalog = writeCatalog([{ algorithm: 'sha256', digest }]);

/**
 * A store of as many catalogs, as its folder and as the files themselves tell their sizes; `read` counts the openings.
 */
function storeOf(count: number, listed: number, size: number, read: () => void): InstallationSubject {
  const names = new Map(
    Array.from({ length: count }, (_, i) => [`c${i}.cat`, { name: `c${i}.cat`, fileName: { size: listed } }]),
  );
  const stream = (): Promise<MemorySource> => {
    read();
    return Promise.resolve(new MemorySource(catalog));
  };
  return {
    root: '/Windows',
    files: {
      list: () => Promise.resolve({ complete: true, names }),
      checkAll: (paths: readonly string[]) =>
        Promise.resolve(paths.map((path) => ({ path, state: 'good', file: { size, stream } }))),
    },
  } as unknown as InstallationSubject;
}

test('catalogs that fit are all read', async () => {
  let reads = 0;
  const store = await catalogStore(
    storeOf(3, catalog.length, catalog.length, () => (reads += 1)),
    {},
  );
  expect(reads).toBe(3);
  expect([...(store.digests ?? [])]).toEqual([digest]);
});

test('catalogs that their folder calls small are not read when the files together are too large', async () => {
  let reads = 0;
  const store = await catalogStore(
    storeOf(64, 100, 2 << 20, () => (reads += 1)),
    {},
  );
  expect(reads).toBe(0);
  expect(store).toMatchObject({ count: 64, bad: [] });
  expect(store.digests).toBeUndefined();
});
