import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CountingSource, MemorySource } from '@deadbox/core';
import { readFileVersion } from '@deadbox/windows';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseVersionResource } from '../../../packages/windows/src/pe/version-resource.js';
import { writePe } from '../../support/pe-writer.js';
import { describeWithTools, runBytes, temporaryFolder } from '../../support/tools.js';

const SPEC = {
  fileVersion: '7.11.18110.0',
  productVersion: '7.11.65535.1',
  strings: { CompanyName: 'CrowdStrike, Inc.', OriginalFilename: 'CSAgent.sys', ProductName: 'Falcon – センサー' },
};
const read = (bytes: Uint8Array<ArrayBuffer>) => readFileVersion(new MemorySource(bytes));

describe('the version resource of an image', () => {
  for (const narrow of [false, true]) {
    test(`of ${narrow ? 32 : 64} bits gives both versions and the strings`, async () => {
      expect(await read(writePe({ ...SPEC, narrow }))).toEqual({
        fileVersion: '7.11.18110.0',
        productVersion: '7.11.65535.1',
        strings: { FileVersion: '7.11.18110.0', ...SPEC.strings },
      });
    });
  }

  test('costs some pages of a large file', async () => {
    const bytes = new Uint8Array(20 << 20);
    bytes.set(writePe(SPEC));
    const counted = new CountingSource(new MemorySource(bytes));
    await readFileVersion(counted);
    expect(counted.bytes).toBeLessThanOrEqual(16 << 10);
  });

  test('is absent in an image without resources', async () => {
    const bytes = writePe(SPEC);
    new DataView(bytes.buffer).setUint32(0x98 + 112 + 20, 0, true);
    expect(await read(bytes)).toBeUndefined();
  });

  test('is absent where no entry of the resources has its number', async () => {
    const bytes = writePe(SPEC);
    // The first entry: number 16 (RT_VERSION), and a directory 24 bytes behind the first.
    const at = Buffer.from(bytes).indexOf(Buffer.from([16, 0, 0, 0, 24, 0, 0, 0x80]));
    new DataView(bytes.buffer).setUint32(at, 3, true);
    expect(await read(bytes)).toBeUndefined();
  });

  test('is refused where its entry would lie behind the file', async () => {
    const bytes = writePe(SPEC);
    const base = Buffer.from(bytes).indexOf(Buffer.from([16, 0, 0, 0, 24, 0, 0, 0x80])) - 16;
    // Three directories of one entry each, 24 bytes long; the last entry's target is its second field.
    new DataView(bytes.buffer).setUint32(base + 2 * 24 + 20, 0x7fff_0000, true);
    await expect(read(bytes)).rejects.toThrow('resource entry outside the file');
  });

  test('is refused where it would lie in no section', async () => {
    const bytes = writePe(SPEC);
    const view = new DataView(bytes.buffer);
    const from = bytes.indexOf(0x56, Buffer.from(bytes).indexOf('VS_VERSION_INFO', 0, 'utf16le')) - 6;
    // Its data entry: address, and bytes.
    const size = view.getUint16(from, true);
    const at = Buffer.from(bytes).indexOf(Buffer.from(Uint32Array.of(size).buffer)) - 4;
    view.setUint32(at, 0x0f00_0000, true);
    await expect(read(bytes)).rejects.toThrow('version resource outside the file');
  });

  /** The resource alone, of the strings given, as its section holds it. */
  const resource = (strings: Record<string, string>): Uint8Array<ArrayBuffer> => {
    const bytes = writePe({ fileVersion: '1.2.3.4', strings });
    const from = bytes.indexOf(0x56, Buffer.from(bytes).indexOf('VS_VERSION_INFO', 0, 'utf16le')) - 6;
    return bytes.slice(from, from + new DataView(bytes.buffer).getUint16(from, true));
  };

  test('gives all its strings, however many there are', () => {
    const strings = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`Key${i}`, `${i}`]));
    expect(parseVersionResource(resource({ ...strings, OriginalFilename: 'last.sys' }))?.strings).toMatchObject({
      Key299: '299',
      OriginalFilename: 'last.sys',
    });
  });

  test('loses a string that is damaged, and nothing else', () => {
    const bytes = resource({ Company: 'x' });
    const view = new DataView(bytes.buffer);
    // The last string ends with its key: it has neither a value nor room for one.
    const key = Buffer.from(bytes).indexOf('Company', 0, 'utf16le');
    const block = key - 6;
    const cut = bytes.slice(0, key + 14);
    const lengths = new DataView(cut.buffer);
    for (const at of [
      0,
      Buffer.from(bytes).indexOf('StringFileInfo', 0, 'utf16le') - 6,
      Buffer.from(bytes).indexOf('040904b0', 0, 'utf16le') - 6,
      block,
    ])
      lengths.setUint16(at, cut.length - at, true);
    expect(view.getUint16(block + 2, true)).toBe(2);
    expect(parseVersionResource(cut)).toEqual({
      fileVersion: '1.2.3.4',
      productVersion: '1.2.3.4',
      strings: { FileVersion: '1.2.3.4', Company: '' },
    });
  });

  test('without its fixed part is none', () => {
    const bytes = resource({});
    const view = new DataView(bytes.buffer);
    for (const change of [
      () => view.setUint16(2, 51, true),
      () => view.setUint16(0, 40, true),
      () => view.setUint16(0, 5, true),
    ]) {
      const kept = bytes.slice();
      change();
      expect(parseVersionResource(bytes)).toBeUndefined();
      bytes.set(kept);
    }
    expect(parseVersionResource(bytes.slice(0, 5))).toBeUndefined();
    // A key that runs over the place of the fixed part, up to the end.
    const long = resource({}).slice(0, 60).fill(1, 6);
    new DataView(long.buffer).setUint16(0, 60, true);
    expect(parseVersionResource(long)).toBeUndefined();
  });

  test('is refused with a place when the file is no image', async () => {
    await expect(read(new Uint8Array(5000))).rejects.toMatchObject({
      code: 'PE_INVALID',
      at: { layer: 'PE', offset: 0 },
    });
    const cut = writePe(SPEC).slice(0, 0x640);
    await expect(read(cut)).rejects.toMatchObject({ code: 'PE_INVALID' });
  });

  test('of forged images ends in a result or the typed error', async () => {
    const whole = writePe(SPEC);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length / 4 - 1), fc.integer()), { minLength: 1, maxLength: 20 }),
        async (changes) => {
          const bytes = new Uint8Array(whole);
          for (const [at, value] of changes) new DataView(bytes.buffer).setInt32(at * 4, value, true);
          try {
            const version = await read(bytes);
            return version === undefined || typeof version.fileVersion === 'string';
          } catch (error) {
            return (error as { code: string }).code === 'PE_INVALID';
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describeWithTools(['7z'], 'p7zip reads the same version from the images of the tests', () => {
  const folder = temporaryFolder();
  test('and every string', () => {
    const path = join(folder, 'image.exe');
    writeFileSync(path, writePe(SPEC));
    const text = runBytes('7z', ['e', '-tPE', '-so', '-r', path, 'version.txt']).toString('utf16le');
    expect(text).toMatch(/FILEVERSION\s+7,11,18110,0/);
    expect(text).toMatch(/PRODUCTVERSION\s+7,11,65535,1/);
    for (const [key, value] of Object.entries(SPEC.strings))
      expect(text).toMatch(new RegExp(`VALUE "${key}",\\s*"${value}"`));
  });
});
