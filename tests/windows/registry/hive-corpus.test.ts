import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Bytes, CountingSource, MemorySource } from '@deadbox/core';
import { Hive, registryLine } from '@deadbox/windows';
import { expect, test } from 'vitest';
import {
  type CorpusEntry,
  corpusFile,
  corpusFolder,
  corpusManifest,
  corpusPath,
  describeWithCorpus,
} from '../../support/corpus.js';

function bytesOf(path: string): Bytes {
  return new Uint8Array(readFileSync(path));
}

/** The oracle's lines, in its own form: key path, value name, type, size, SHA-256. */
function oracleLines(file: string): string[] {
  const text = gunzipSync(readFileSync(join(corpusFolder(), file))).toString('utf8');
  return text.split('\n').filter((line) => line !== '');
}

/** Control characters as the oracle's listing writes them. */
function escaped(text: string): string {
  return text.replace(/[\t\r\n]/g, (char) => ({ '\t': '\\t', '\r': '\\r', '\n': '\\n' })[char] as string);
}

async function ourLines(hive: Hive): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of hive.walk()) {
    for (const row of batch) {
      const line = registryLine(row);
      lines.push([escaped(line.key), escaped(line.name), line.type, line.size, line.sha256].join('\t'));
    }
  }
  return lines;
}

/**
 * The first place where two sorted listings differ: comparing 130,000 lines one by one through the matcher takes
 * seconds.
 */
function firstDifference(
  ours: readonly string[],
  theirs: readonly string[],
): { at: number; ours: string | undefined; theirs: string | undefined } | undefined {
  for (let at = 0; at < Math.max(ours.length, theirs.length); at += 1)
    if (ours[at] !== theirs[at]) return { at, ours: ours[at], theirs: theirs[at] };
  return undefined;
}

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function hives(): CorpusEntry[] {
  return corpusManifest().filter((entry) => entry.kind === 'hives');
}

describeWithCorpus('hives of the corpus', () => {
  for (const entry of hives()) {
    test(`${entry.id}: every key and value is the oracle's`, async () => {
      const hive = await Hive.open(new MemorySource(bytesOf(corpusFile(entry))));
      const ours = (await ourLines(hive)).sort(byText);
      expect(firstDifference(ours, oracleLines(entry.expected.values).sort(byText))).toBeUndefined();
      expect(ours.length).toBe(entry.expected.hivex.keys - 1 + entry.expected.hivex.values);
    });
  }

  test('a dirty hive with its logs holds what Windows itself recovered, byte for byte but for the sequence numbers and checksum', async () => {
    const entry = hives().find((one) => one.id === 'yarp-new-dirty-1') as CorpusEntry;
    const logs = (entry.extra_files as { file: string }[]).map((extra) => extra.file);
    const log = (end: string): MemorySource =>
      new MemorySource(bytesOf(corpusPath(logs.find((file) => file.endsWith(`${end}.gz`)) as string)));
    const hive = await Hive.open(new MemorySource(bytesOf(corpusFile(entry))), {
      log1: log('LOG1'),
      log2: log('LOG2'),
    });
    expect(hive.state).toMatchObject({ dirty: true, reasons: ['sequence'], recovery: 'replayed', contiguous: true });
    const recovered = hives().find((one) => one.id === 'yarp-new-dirty-1-recovered') as CorpusEntry;
    const expected = bytesOf(corpusFile(recovered));
    const bins = hive.baseBlock.binsSize;
    expect((await hive.source.read(0x1000, bins)).every((byte, i) => byte === expected[0x1000 + i])).toBe(true);
    const head = await hive.source.read(0, 0x1000);
    const differing = [...head.keys()].filter((i) => head[i] !== expected[i]);
    expect(differing.every((i) => (i >= 4 && i < 12) || (i >= 0x1fc && i < 0x200))).toBe(true);
    expect((await ourLines(hive)).sort(byText)).toEqual(oracleLines(recovered.expected.values).sort(byText));
  });

  test('one value of an 11 MB hive costs some pages, not the file', async () => {
    const entry = hives().find((one) => one.id === 'win-system-dissect') as CorpusEntry;
    const counted = new CountingSource(new MemorySource(bytesOf(corpusFile(entry))));
    const hive = await Hive.open(counted);
    expect(await (await hive.key('ControlSet001\\Control\\ComputerName\\ComputerName'))?.text('ComputerName')).toBe(
      'DESKTOP-M3OSHQU',
    );
    expect(counted.bytes).toBeLessThan(512 << 10);
  });
});
