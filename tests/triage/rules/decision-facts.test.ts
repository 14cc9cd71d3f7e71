import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type GptPartition, writeGpt } from '../../support/disk-writer/gpt.js';
import { LogBuilder, update } from '../../support/ntfs/log-builder.js';
import { FileSink } from '../../support/ntfs-writer/sink.js';
import { temporaryFolder } from '../../support/tools.js';
import { channel, crashedDisk, judge, scan } from '../../support/triage/decision-disk.js';
import { type ServerSpec, softwareHive, systemHive } from '../../support/windows-hives.js';

const FAULTY = channel(32, '2024-07-19T04:30:00.0000000Z');
const FIXED = channel(33, '2024-07-19T05:27:48.0000000Z');

function hives(spec: ServerSpec): Record<string, { content: Uint8Array }> {
  return {
    '/Windows/System32/config/SYSTEM': { content: systemHive(spec) },
    '/Windows/System32/config/SOFTWARE': { content: softwareHive(spec) },
  };
}

describe('what the registry adds', () => {
  const folder = temporaryFolder();
  test.each([
    ['an ordinary server', {}, 'faulty', 'act'],
    ['CSAgent switched off', { sensorStart: 4 }, 'present-not-susceptible', 'review'],
    ['no CSAgent service', { sensorStart: null }, 'present-not-susceptible', 'review'],
    ['Windows 7 (build 7601)', { build: 7601 }, 'present-not-susceptible', 'review'],
    ['Windows 8 (build 9200)', { build: 9200 }, 'faulty', 'act'],
  ] as const)('%s with the faulty file', async (_name, spec, verdict, severity) => {
    const options = { channelFiles: [FAULTY], windowsFiles: hives(spec) };
    const report = await judge(folder, options, { mode: 'full' });
    expect(report.installations[0]?.verdict).toBe(verdict);
    expect(report.installations[0]?.severity).toBe(severity);
    // The quick answer reads no registry.
    expect((await judge(folder, options)).verdict).toBe('faulty');
  });

  test('a hive that cannot be read never weakens faulty', async () => {
    const broken = { content: new TextEncoder().encode('regf'.padEnd(8192, 'x')) };
    const report = await judge(
      folder,
      {
        channelFiles: [FAULTY],
        windowsFiles: { '/Windows/System32/config/SYSTEM': broken, '/Windows/System32/config/SOFTWARE': broken },
      },
      { mode: 'full' },
    );
    expect(report).toMatchObject({ verdict: 'faulty', severity: 'act' });
  });

  test('a CSAgent service without folder is cleared, neither is not-applicable', async () => {
    const none = { crowdStrikeEntries: 0, channelFiles: [] };
    const report = await judge(folder, { ...none, windowsFiles: hives({}) }, { mode: 'full' });
    expect(report.installations[0]?.verdict).toBe('cleared');
  });

  test('a server is told by name, product, build and zone', async () => {
    const report = await judge(
      folder,
      { channelFiles: [FIXED], windowsFiles: hives({ computerName: 'DB-01' }) },
      { mode: 'full' },
    );
    expect(report.installations[0]?.host).toMatchObject({
      computerName: 'DB-01',
      product: 'Windows Server 2019 Datacenter',
      build: 17763,
    });
  });
});

describe('a dirty journal', () => {
  const folder = temporaryFolder();
  /** A log that is not clean and whose one pending change hits `lcns`. */
  const pendingLog = (lcns: number[], vcn: number): Uint8Array => {
    const log = new LogBuilder(2, 64);
    const start = log.nextLsn;
    // 0x08 UpdateNonResidentValue needs an attribute; 0x05 writes a resident value into a file record of $MFT.
    log.add({
      data: update({
        redo: 0x05,
        undo: 0x06,
        redoData: new Uint8Array(8),
        attribute: 0x18,
        lcns,
        vcn,
        blockSize: 1024,
      }),
    });
    return log.finish({ current: log.nextLsn - 1n, oldest: start, checkpoint: start });
  };

  test('is said and leaves the severity in a quick scan', async () => {
    const report = await judge(folder, { channelFiles: [FIXED], log: pendingLog([4], 0) });
    expect(report).toMatchObject({ verdict: 'reverted', severity: 'none', provisional: ['log-not-examined'] });
    expect(report.obstacles.map(({ id }) => id)).toContain('dirty-log');
  });

  test('that cannot be followed makes a full scan ask for a review', async () => {
    const report = await judge(
      folder,
      { channelFiles: [FIXED], log: pendingLog([4], 0), windowsFiles: hives({}) },
      { mode: 'full' },
    );
    expect(report.installations[0]).toMatchObject({
      verdict: 'reverted',
      severity: 'review',
      provisional: ['log-pending'],
    });
  });

  test('never weakens faulty', async () => {
    const report = await judge(
      folder,
      { channelFiles: [FAULTY], log: pendingLog([4], 0), windowsFiles: hives({}) },
      { mode: 'full' },
    );
    expect(report.installations[0]).toMatchObject({ verdict: 'faulty', severity: 'act', provisional: [] });
  });
});

/** One GPT disk whose partitions are the Windows volumes of other disks, or what `fill` gives. */
function joined(folder: string, name: string, parts: (string | Uint8Array)[], padded = 0): string {
  const path = join(folder, name);
  const MIB = 1 << 20;
  const sources = parts.map((part) => {
    if (typeof part !== 'string') return { bytes: part, offset: 0, length: Math.max(part.length, padded), handle: -1 };
    const handle = openSync(part, 'r');
    const entries = Buffer.alloc(128);
    readSync(handle, entries, 0, 128, 1024 + 2 * 128);
    const first = Number(entries.readBigUInt64LE(32));
    const last = Number(entries.readBigUInt64LE(40));
    return { bytes: undefined, offset: first * 512, length: (last - first + 1) * 512, handle };
  });
  let at = MIB;
  const partitions: GptPartition[] = sources.map(({ length }, i) => {
    const partition = {
      type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
      id: `5EED0000-0000-4000-8000-00000000002${i}`,
      name: '',
      offset: at,
      length,
    };
    at += Math.ceil(length / MIB) * MIB;
    return partition;
  });
  const sink = new FileSink(path, at + MIB);
  writeGpt(sink, at + MIB, 512, '5EED0000-0000-4000-8000-000000000002', partitions);
  for (const [i, source] of sources.entries()) {
    const base = partitions[i].offset;
    if (source.bytes !== undefined) sink.write(base, source.bytes);
    const block = Buffer.alloc(MIB);
    const zeros = Buffer.alloc(MIB);
    for (let done = 0; source.handle >= 0 && done < source.length; done += MIB) {
      readSync(source.handle, block, 0, MIB, source.offset + done);
      if (!block.equals(zeros)) sink.write(base + done, block);
    }
    if (source.handle >= 0) closeSync(source.handle);
  }
  sink.close();
  return path;
}

/** The start of a LUKS1 volume (cryptsetup on-disk format 1.2.3, section 2.3.1): magic, version, names. */
function luks(): Uint8Array {
  const bytes = new Uint8Array(1 << 20);
  const text = (at: number, value: string): void => bytes.set(new TextEncoder().encode(value), at);
  bytes.set([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe, 0, 1]);
  text(8, 'aes');
  text(40, 'xts-plain64');
  text(72, 'sha256');
  new DataView(bytes.buffer).setUint32(104, 4096);
  new DataView(bytes.buffer).setUint32(108, 64);
  text(168, '5eed0000-0000-4000-8000-0000000000ff');
  return bytes;
}

describe('several volumes', () => {
  const folder = temporaryFolder();
  const good = crashedDisk(folder, { channelFiles: [FIXED] }).path;
  const bad = crashedDisk(folder, { channelFiles: [FAULTY] }).path;

  test('of two Windows volumes the worse one counts', async () => {
    for (const parts of [
      [good, bad],
      [bad, good],
    ]) {
      const report = await scan(joined(folder, 'two.raw', parts), { mode: 'quick' });
      expect(report).toMatchObject({ verdict: 'faulty', severity: 'act' });
      expect(report.installations.map(({ verdict }) => verdict).sort()).toEqual(['faulty', 'reverted']);
    }
  });

  test('a large locked volume beside a good Windows asks for attention', async () => {
    const report = await scan(joined(folder, 'locked.raw', [good, luks()], 5 * 2 ** 30), { mode: 'quick' });
    expect(report).toMatchObject({ verdict: 'blocked-encrypted', severity: 'attention', unjudged: [2] });
    expect(report.installations[0]?.verdict).toBe('reverted');
  });

  test('a small locked volume beside a good Windows does not', async () => {
    const report = await scan(joined(folder, 'small.raw', [good, luks()]), { mode: 'quick' });
    expect(report).toMatchObject({ verdict: 'reverted', severity: 'none', unjudged: [] });
  });

  test('a large volume that nothing recognises asks for attention', async () => {
    const junk = new TextEncoder().encode('nothing known '.repeat(4096));
    const report = await scan(joined(folder, 'junk.raw', [good, junk], 5 * 2 ** 30), { mode: 'quick' });
    expect(report).toMatchObject({ verdict: 'unreadable', severity: 'attention', unjudged: [2] });
  });

  test('a locked volume never hides the faulty file', async () => {
    const report = await scan(joined(folder, 'both.raw', [bad, luks()], 5 * 2 ** 30), { mode: 'quick' });
    expect(report).toMatchObject({ verdict: 'faulty', severity: 'act', unjudged: [2] });
  });

  test('only a locked volume is never "no Windows found"', async () => {
    const report = await scan(joined(folder, 'only.raw', [luks()]), { mode: 'quick' });
    expect(report).toMatchObject({ verdict: 'blocked-encrypted', severity: 'attention' });
  });
});
