import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type ByteSource, openHttp, type Siblings } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSparse } from '../support/corpus.js';
import { RangeServer } from '../support/range-server.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

/** Everything that `qemu-img convert` writes and a virtual machine can be kept in. */
const CONTAINERS: readonly (readonly [driver: string, ...options: string[]])[] = [
  ['raw'],
  ['vpc', '-o', 'subformat=dynamic'],
  ['vpc', '-o', 'subformat=dynamic,force_size=on'],
  ['vpc', '-o', 'subformat=fixed'],
  ['vpc', '-o', 'subformat=fixed,force_size=on'],
  ['vhdx', '-o', 'subformat=dynamic'],
  ['vhdx', '-o', 'subformat=fixed'],
  ['vdi'],
  ['vdi', '-o', 'static=on'],
  ['vmdk', '-o', 'subformat=monolithicSparse'],
  ['vmdk', '-o', 'subformat=monolithicFlat'],
  ['vmdk', '-o', 'subformat=twoGbMaxExtentSparse'],
  ['vmdk', '-o', 'subformat=twoGbMaxExtentFlat'],
  ['vmdk', '-o', 'subformat=streamOptimized'],
  ['qcow'],
  ['qcow2', '-o', 'compat=0.10'],
  ['qcow2', '-o', 'compat=1.1,cluster_size=512'],
  ['qcow2', '-o', 'extended_l2=on,cluster_size=2M'],
  ['qcow2', '-c'],
  ['qcow2', '-c', '-o', 'compression_type=zstd'],
  ['parallels'],
];

interface Report {
  verdict: string;
  disk: { issues: { code: string }[] };
}

/** The scan report without what the container may change. */
async function reportOf(source: ByteSource, name: string, siblings?: Siblings): Promise<Report> {
  const disk = await openDisk(source, { name, ...(siblings === undefined ? {} : { siblings }) });
  try {
    const { path: _path, image: _image, cost: _cost, ...report } = JSON.parse(JSON.stringify(await scanDisk(disk)));
    return withoutFilePlaces(report) as Report;
  } finally {
    await disk.close();
  }
}

/**
 * Evidence also names the place in the image file, which every container has elsewhere; a step to repair the image
 * names that.
 */
function withoutFilePlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutFilePlaces);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutFilePlaces(item)] as const);
  const isEvidence = 'what' in value && 'bytes' in value;
  const isStep = 'withKeys' in value;
  return Object.fromEntries(entries.filter(([key]) => !(isEvidence && key === 'file') && !(isStep && key === 'image')));
}

describe('a crashed disk', () => {
  const folder = temporaryFolder();
  const raw = join(folder, 'disk.raw');
  let expected: Report;
  beforeAll(async () => {
    const bytes = gunzipSync(readFileSync(new URL('../../test-images/gpt-faulty.img.gz', import.meta.url)));
    writeSparse(raw, bytes);
    const source = await openFile(raw);
    expected = await reportOf(source, raw);
    await source.close?.();
    expect(expected.verdict).toBe('faulty');
  });

  describeWithTools(['qemu-img'], 'in every container that qemu-img writes', () => {
    for (const [driver, ...options] of CONTAINERS) {
      test(`gives the same report: ${[driver, ...options].join(' ')}`, async () => {
        const inside = join(folder, [driver, ...options].join('-').replaceAll(/[^\w-]/g, '_'));
        run('mkdir', ['-p', inside]);
        const image = join(inside, `disk.${driver === 'vpc' ? 'vhd' : driver}`);
        run('qemu-img', ['convert', '-f', 'raw', '-O', driver, ...options, raw, image]);
        const source = await openFile(image);
        const report = await reportOf(source, image, fileSiblings(image));
        await source.close?.();
        if (driver === 'vpc' && !options.join().includes('force_size')) {
          // The size is rounded up to cylinders: the backup of the partition table then is not at the end.
          report.disk.issues = report.disk.issues.filter(({ code }) => !code.startsWith('gpt.backup'));
        }
        expect(report).toEqual(expected);
        run('rm', ['-r', inside]);
      });
    }
  });

  test('gives the same verdict over HTTP with 20 ms a request, in at most 40 requests', async () => {
    const server = new RangeServer();
    await server.start();
    afterAll(() => server.stop());
    server.files.set('/disk.raw', new Uint8Array(readFileSync(raw)));
    const address = server.url('/disk.raw?sig=secret');
    await (await fetch(server.url('/warm-up'))).arrayBuffer();
    server.latency = 20;
    server.requests.length = 0;
    const disk = await openDisk(await openHttp(address));
    const { verdict } = await scanDisk(disk, { mode: 'quick' });
    await disk.close();
    expect(verdict).toBe('faulty');
    expect(server.requests.length).toBeLessThanOrEqual(40);
    expect(await reportOf(await openHttp(address), 'disk.raw')).toEqual(expected);
  });
});
