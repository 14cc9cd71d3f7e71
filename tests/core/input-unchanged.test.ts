import * as core from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import * as encryption from '@deadbox/encryption';
import * as fat from '@deadbox/fat';
import * as image from '@deadbox/image';
import * as ntfs from '@deadbox/ntfs';
import * as partitions from '@deadbox/partitions';
import * as windows from '@deadbox/windows';
import { type ImageReport, openDisk, scanDisk } from 'deadbox';
import { describe, expect, test } from 'vitest';
import { generator } from '../support/source-contract.js';
import { testImageNames, testImagePath } from '../support/test-image.js';

const { MemorySource } = core;

async function bytesOf(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openFile(testImagePath(name));
  const bytes = new Uint8Array(await file.read(0, file.size));
  await file.close?.();
  return bytes;
}

/** The same bytes as Node's file functions give them: in a pool that others use too, at an odd place, with a `slice` that is a view. */
function pooled(bytes: Uint8Array): Buffer<ArrayBuffer> {
  return Buffer.concat([Buffer.from([7]), bytes, Buffer.from([7])]).subarray(1, -1);
}

/** A report without what differs from run to run. */
const facts = ({ cost: _, ...report }: ImageReport): unknown => report;

describe('a scan of a Buffer', () => {
  test.each(testImageNames)(
    'of %s reports what it reports of plain bytes, and leaves every byte as it is',
    async (name) => {
      const bytes = await bytesOf(name);
      const buffer = pooled(bytes);
      await using disk = await openDisk(new MemorySource(buffer, { name }));
      await using plain = await openDisk(new MemorySource(bytes.slice(), { name }));
      for (const mode of ['quick', 'full'] as const)
        expect(facts(await scanDisk(disk, { mode }))).toEqual(facts(await scanDisk(plain, { mode })));
      expect(Buffer.compare(buffer, bytes)).toBe(0);
    },
  );

  test('that a source of the caller hands out leaves every byte as it is', async () => {
    const bytes = await bytesOf('gpt-faulty');
    const buffer = pooled(bytes);
    const source = {
      size: buffer.length,
      read: (offset: number, length: number) => buffer.subarray(offset, offset + length),
    };
    await using disk = await openDisk(source);
    await scanDisk(disk, {});
    expect(Buffer.compare(buffer, bytes)).toBe(0);
  });
});

/** Functions that are there to change what they are given, as their name and comment say. */
const IN_PLACE = new Set(['applyFixups']);

/** Exported functions (no classes) that may take bytes first. */
const functions = Object.entries({
  ...core,
  ...image,
  ...partitions,
  ...encryption,
  ...ntfs,
  ...fat,
  ...windows,
}).filter(
  (entry): entry is [string, (...of: unknown[]) => unknown] =>
    typeof entry[1] === 'function' && entry[1].length > 0 && /^[a-z]/.test(entry[0]) && !IN_PLACE.has(entry[0]),
);

/** Structures of the bundled disks, wherever one begins at a sector, and noise. */
async function samples(): Promise<Uint8Array<ArrayBuffer>[]> {
  const signs = [
    'FILE',
    'INDX',
    'RSTR',
    'RCRD',
    'regf',
    'hbin',
    'EFI PART',
    '\u00eb',
    'ElfFile',
    'PAGE',
    'MDMP',
    '-FVE-FS-',
  ];
  const found = new Map<string, Uint8Array<ArrayBuffer>[]>();
  for (const name of ['gpt-faulty', 'mbr-superseded']) {
    const bytes = await bytesOf(name);
    for (let at = 0; at + 4096 <= bytes.length; at += 512) {
      const sign = signs.find((text) => Buffer.from(text, 'latin1').equals(bytes.subarray(at, at + text.length)));
      const list = found.get(sign ?? '') ?? [];
      if (sign !== undefined && list.length < 3)
        found.set(sign, [...list, bytes.slice(at, at + (sign === 'FILE' ? 1024 : 4096))]);
    }
  }
  const random = generator(5);
  const noise = [0, 1, 16, 512, 4096].map((length) => Uint8Array.from({ length }, () => random() * 256));
  return [...found.values()].flat().concat(noise);
}

/** Functions whose answer is compared, too: others may hand their argument on as it is. */
const PARSER = /^(parse|judge|decode|recogniseInHead|utf16Text|toHex|isZero|crc32|sha256Hex|formatGuid)/;

/** What a function makes of bytes, as text; every kind of answer is one. */
async function answerTo(call: (...of: unknown[]) => unknown, bytes: Uint8Array): Promise<string> {
  try {
    const answer: unknown = await call(bytes, 0, bytes.length, 0);
    return (
      JSON.stringify(answer, (_, value: unknown) => {
        if (typeof value === 'bigint') return String(value);
        // What Buffer's own toJSON made of it.
        const { type, data } = (value ?? {}) as { type?: unknown; data?: number[] };
        if (type === 'Buffer' && Array.isArray(data)) return core.toHex(Uint8Array.from(data));
        return value instanceof Uint8Array ? core.toHex(value) : value;
      }) ?? 'undefined'
    );
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'thrown';
  }
}

test('no exported function changes the bytes that it is given, or answers otherwise for a Buffer', async () => {
  expect(functions.length).toBeGreaterThan(60);
  const changed: string[] = [];
  for (const bytes of await samples()) {
    for (const [name, call] of functions) {
      const buffer = pooled(bytes);
      const plain = bytes.slice();
      const answers = [await answerTo(call, buffer), await answerTo(call, plain)];
      if (!buffer.equals(bytes)) changed.push(`${name} wrote into a Buffer of ${bytes.length}`);
      if (Buffer.compare(plain, bytes) !== 0) changed.push(`${name} wrote into ${bytes.length} bytes`);
      if (PARSER.test(name) && answers[0] !== answers[1])
        changed.push(`${name}: ${answers[0]?.slice(0, 200)} for ${answers[1]?.slice(0, 200)}`);
    }
  }
  expect([...new Set(changed)]).toEqual([]);
}, 60_000);
