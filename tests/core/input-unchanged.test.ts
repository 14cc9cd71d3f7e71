import * as core from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import * as encryption from '@deadbox/encryption';
import * as encryptionInternals from '@deadbox/encryption/internals';
import * as fat from '@deadbox/fat';
import * as image from '@deadbox/image';
import * as imageInternals from '@deadbox/image/internals';
import * as ntfs from '@deadbox/ntfs';
import * as ntfsInternals from '@deadbox/ntfs/internals';
import * as partitions from '@deadbox/partitions';
import * as partitionsInternals from '@deadbox/partitions/internals';
import * as windows from '@deadbox/windows';
import * as windowsInternals from '@deadbox/windows/internals';
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

/**
 * The same bytes as Node's file functions give them: in a pool that others use too, at an odd place, with a `slice`
 * that is a view.
 */
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

const place = { offset: 0 };
const bounds = { firstVcn: 0, totalClusters: 1 << 20 };
const { Cursor } = core;

/** Functions of `./internals` that take bytes, with the rest of what they must be given. */
const INTERNAL_PARSERS: Readonly<Record<string, (bytes: Uint8Array<ArrayBuffer>) => unknown>> = {
  isRandomSector: encryptionInternals.isRandomSector,
  isVolumeBootSector: partitionsInternals.isVolumeBootSector,
  parseBootRecord: partitionsInternals.parseBootRecord,
  parseGptEntries: (bytes) => partitionsInternals.parseGptEntries(bytes, 128),
  parseGptHeader: partitionsInternals.parseGptHeader,
  recogniseInHead: partitionsInternals.recogniseInHead,
  expandLznt1: (bytes) => ntfsInternals.expandLznt1(bytes, 4096),
  expandLzx: (bytes) => ntfsInternals.expandLzx(bytes, 32_768),
  expandXpress: (bytes) => ntfsInternals.expandXpress(bytes, 4096),
  hashSecurityDescriptor: ntfsInternals.hashSecurityDescriptor,
  judgeHibernation: ntfsInternals.judgeHibernation,
  judgeLog: (bytes) => ntfsInternals.judgeLog([bytes, bytes]),
  parseAttribute: (bytes) => ntfsInternals.parseAttribute(new Cursor(bytes, 'x', 0), 0x38, bytes.length),
  parseAttributeList: ntfsInternals.parseAttributeList,
  parseCloudFile: ntfsInternals.parseCloudFile,
  parseDataRuns: (bytes) => ntfsInternals.parseDataRuns(bytes, bounds),
  parseDedupPoint: ntfsInternals.parseDedupPoint,
  parseEfs: ntfsInternals.parseEfs,
  parseExtendedAttributeInformation: ntfsInternals.parseExtendedAttributeInformation,
  parseFileRecord: (bytes) => ntfsInternals.parseFileRecord(bytes, { number: 0, place, tolerant: true }),
  parseIndexBlock: (bytes) => ntfsInternals.parseIndexBlock(bytes, 0, true, place),
  parseIndexRoot: (bytes) => ntfsInternals.parseIndexRoot(bytes, place),
  parseIndexSlack: (bytes) => ntfsInternals.parseIndexSlack(bytes, 0, bytes.length, 5),
  parseLogCheckpoint: ntfsInternals.parseLogCheckpoint,
  parseLogRestartPage: ntfsInternals.parseLogRestartPage,
  parseLogUpdate: ntfsInternals.parseLogUpdate,
  parseSecurityDescriptor: ntfsInternals.parseSecurityDescriptor,
  parseStandardInformation: ntfsInternals.parseStandardInformation,
  parseUpCase: ntfsInternals.parseUpCase,
  parseUsnJournalInformation: ntfsInternals.parseUsnJournalInformation,
  parseUsnRecord: (bytes) => ntfsInternals.parseUsnRecord(bytes, 0),
  parseVolumeInformation: ntfsInternals.parseVolumeInformation,
  parseWofInfo: ntfsInternals.parseWofInfo,
  dumpBits: windowsInternals.dumpBits,
  marvin32: windowsInternals.marvin32,
  parseChunkHead: (bytes) => windowsInternals.parseChunkHead(bytes, 0),
  parseDeviceElement: windowsInternals.parseDeviceElement,
  parseDumpHeader: windowsInternals.parseDumpHeader,
  parseFirmwareVariable: windowsInternals.parseFirmwareVariable,
  parseMountedDevice: windowsInternals.parseMountedDevice,
  startupRepairIds: windowsInternals.startupRepairIds,
};

test('nor does a parser that only sibling packages use; each of them is asked', async () => {
  const others = Object.entries({
    ...imageInternals,
    ...partitionsInternals,
    ...encryptionInternals,
    ...ntfsInternals,
    ...windowsInternals,
  }).filter(([name]) => /^(parse|judge|recognise)/.test(name) && !(name in INTERNAL_PARSERS));
  // One that takes nothing but bytes needs no line above.
  expect(others.filter(([, call]) => (call as () => unknown).length > 1).map(([name]) => name)).toEqual([]);
  const changed: string[] = [];
  for (const bytes of await samples()) {
    for (const [name, call] of [...Object.entries(INTERNAL_PARSERS), ...others]) {
      const buffer = pooled(bytes);
      const answers = [
        await answerTo(call as () => unknown, buffer),
        await answerTo(call as () => unknown, bytes.slice()),
      ];
      if (!buffer.equals(bytes)) changed.push(`${name} wrote into a Buffer of ${bytes.length}`);
      if (answers[0] !== answers[1])
        changed.push(`${name}: ${answers[0].slice(0, 200)} for ${answers[1].slice(0, 200)}`);
    }
  }
  expect([...new Set(changed)]).toEqual([]);
}, 60_000);

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
