import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '@deadbox/core/node';
import { BlobSource, openDisk, scanDisk } from 'deadbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BrowserPage, browserBundle } from '../support/browser.js';
import { testImage, testImageNames, testImagePath } from '../support/test-image.js';
import { describeWithTools, hasTool, run, temporaryFolder } from '../support/tools.js';

describe('the library as a browser gets it', () => {
  test('needs nothing of Node', async () => {
    const bundle = await browserBundle();
    expect(bundle.length).toBeGreaterThan(100_000);
    expect(bundle).not.toMatch(/['"`]node:/);
  });
});

/** The report without what the place of the image may change. */
function comparable(report: unknown): any {
  const {
    path: _path,
    image: _image,
    cost: _cost,
    provenance: _provenance,
    ...rest
  } = JSON.parse(JSON.stringify(report));
  return rest;
}

async function nodeReport(path: string): Promise<unknown> {
  const source = await openFile(path);
  const disk = await openDisk(source);
  const report = await scanDisk(disk);
  await disk.close();
  await source.close?.();
  return comparable(report);
}

describeWithTools(['chromium'], 'a scan in headless Chromium', () => {
  const page = new BrowserPage();
  beforeAll(async () => page.start({ secure: true, bundle: await browserBundle() }));
  afterAll(() => page.stop());

  const scanInPage = async (path: string): Promise<any> => {
    page.files.set('/disk', readFileSync(path));
    return page.call(
      async (library, [blob]) => {
        const disk = await library.openDisk(new library.BlobSource(blob));
        const report = await library.scanDisk(disk);
        await disk.close();
        return report;
      },
      ['/disk'],
      null,
    );
  };

  test.each(testImageNames)('of %s from a Blob gives the report that Node gives', async (name) => {
    const golden = testImage(name);
    const report = await scanInPage(testImagePath(name));
    expect(report).toMatchObject({ verdict: golden.verdict, severity: golden.severity });
    expect(comparable(report)).toEqual(await nodeReport(testImagePath(name)));
  });

  const folder = temporaryFolder();
  // Node inflates with zlib, a browser with fflate; zstd is the same code in both.
  test.runIf(hasTool('qemu-img')).each([
    ['qcow2', ['-c']],
    ['qcow2', ['-c', '-o', 'compression_type=zstd']],
    ['vmdk', ['-o', 'subformat=streamOptimized']],
  ])('of a compressed %s image (%s) gives the report of the raw one', async (format, options) => {
    const raw = testImagePath('gpt-faulty');
    const path = join(folder, `disk.${format}`);
    run('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, raw, path]);
    const report = await scanInPage(path);
    expect(report.image.format).toBe(format);
    expect(comparable(report)).toEqual(await nodeReport(raw));
  });

  test('a Blob in Node gives the same, too', async () => {
    const path = testImagePath('gpt-faulty');
    const disk = await openDisk(new BlobSource(new Blob([readFileSync(path)])));
    expect(comparable(await scanDisk(disk))).toEqual(await nodeReport(path));
    await disk.close();
  });
});
