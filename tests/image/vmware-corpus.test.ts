import { basename, join } from 'node:path';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { CountingSource, hashSource, readInto } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openImage } from '@deadbox/image';
import { expect, test } from 'vitest';
import { corpusFile, corpusManifest, corpusPath, describeWithCorpus, cacheFolder, type CorpusEntry } from '../support/corpus.js';

/** Formats of these tests; the others have their own files. */
const OWN = /\.(vmdk|qcow2?|hds)(\.gz)?$/;

/** The image with its companions beside it, under the names that its descriptor records. */
function layOut(entry: CorpusEntry): string {
  const path = corpusFile(entry);
  const extras = (entry.extra_files ?? []).map((extra) => corpusPath(typeof extra === 'string' ? extra : extra.file));
  if (extras.length === 0) return path;
  const folder = join(cacheFolder, `laid-out-${entry.id}`);
  mkdirSync(folder, { recursive: true });
  for (const file of [path, ...extras]) copyFileSync(file, join(folder, basename(file)));
  return join(folder, basename(path));
}

describeWithCorpus('containers of the corpus: VMDK, QCOW, QCOW2, Parallels', () => {
  for (const entry of corpusManifest().filter(({ file, kind }) => OWN.test(file) && kind !== 'malformed')) {
    test(`${entry.id}: size and content equal the oracle`, async () => {
      const path = layOut(entry);
      const source = await openFile(path);
      const disk = await openImage(source, { siblings: fileSiblings(path) });
      const { expected } = entry;
      expect(disk.size).toBe(expected.virtual_size);
      if (typeof expected.raw_sha256 === 'string') expect(await hashSource(disk)).toBe(expected.raw_sha256);
      for (const extent of expected.data_extents ?? []) {
        const bytes = new Uint8Array(extent.length);
        await readInto(disk, extent.start, bytes);
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(extent.sha256);
      }
      await disk.close();
      await source.close?.();
    });

    test(`${entry.id}: opening and reading one sector takes at most 12 reads`, async () => {
      const path = layOut(entry);
      const source = await openFile(path);
      const counting = new CountingSource(source);
      const disk = await openImage(counting, { name: path, siblings: fileSiblings(path) });
      await disk.read(Math.floor(disk.size / 1024) * 512, 512);
      expect(counting.reads).toBeLessThanOrEqual(12);
      await disk.close();
      await source.close?.();
    });
  }
});
