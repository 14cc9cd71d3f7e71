import { type Bytes, hashSource, isDeadboxError, MemorySource } from '@deadbox/core';
import { checkVolume, NtfsVolume, pathLines } from '@deadbox/ntfs';
import { describe, expect, test } from 'vitest';
import { random } from '../support/ntfs/ntfs-tree.js';
import { windowsVolume } from '../support/ntfs/volume-bytes.js';

/** How many damaged volumes are read; `DEADBOX_FUZZ=5000` for a long run. */
const ROUNDS = Number(process.env.DEADBOX_FUZZ ?? 80);
const SEED = Number(process.env.DEADBOX_FUZZ_SEED ?? 291);
/** Above any honest content of the volume: what a forged size claims is not read in full. */
const LARGEST_CONTENT = 1 << 22;

const good = windowsVolume();

/** Where the volume's metadata is: boot sector, file records, index blocks. */
const targets: number[] = [0];
for (let at = 0; at < good.length; at += 512) {
  const magic = String.fromCharCode(...good.subarray(at, at + 4));
  if (magic === 'FILE' || magic === 'INDX' || magic === 'RSTR') targets.push(at);
}

function damage(next: () => number): Bytes {
  const bytes = good.slice();
  const view = new DataView(bytes.buffer);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)];
  for (let hits = 1 + Math.floor(next() * 6); hits > 0; hits -= 1) {
    const at = Math.min(pick(targets) + Math.floor(next() * (next() < 0.7 ? 320 : 1024)), bytes.length - 8);
    const kind = next();
    if (kind < 0.4) bytes[at] = Math.floor(next() * 256);
    else if (kind < 0.7) bytes[at] = pick([0, 1, 8, 0x7f, 0x80, 0xff]);
    else view.setUint32(at & ~3, pick([0, 0x1_0000, 0x7fff_ffff, 0xffff_fff8, 0xffff_ffff]), true);
  }
  return bytes;
}

/** Does everything that a reader can be asked for; only typed errors may come. */
async function readAll(bytes: Bytes): Promise<void> {
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isDeadboxError(error)) throw error;
    }
  };
  await attempt(async () => {
    const volume = await NtfsVolume.open(new MemorySource(bytes));
    await attempt(() => walk(volume));
    await attempt(async () => {
      const table = await volume.mft({ deleted: true });
      for (const row of table.rows({ metadata: true, deleted: 'include', shortNames: true })) table.path(row);
      for (let record = 0; record < table.recordCount; record += 1) table.record(record);
      for (const chunk of pathLines(table, { metadata: true, streams: true })) expect(chunk.length).toBeGreaterThan(0);
    });
    await attempt(async () => void (await checkVolume(volume)));
    await attempt(async () => void (await volume.state()));
    await attempt(
      async () => void (await volume.lookup('/Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys')),
    );
    for (let record = 0; record < Math.min(volume.records.recordCount, 128); record += 1)
      await attempt(async () => void (await volume.file(record)));
  });
}

async function walk(volume: NtfsVolume): Promise<void> {
  const seen = new Set<number>();
  const open = [await volume.root()];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for await (const batch of directory.entries()) {
      for (const entry of batch) {
        if (seen.has(entry.record)) continue;
        seen.add(entry.record);
        try {
          const file = await entry.open();
          if (file.type === 'directory') open.push(file);
          for (const name of ['', ...file.streams().map((stream) => stream.name)]) {
            const content = await file.stream(name);
            if (content.size <= LARGEST_CONTENT) await hashSource(content);
          }
        } catch (error) {
          if (!isDeadboxError(error)) throw error;
        }
      }
    }
  }
}

describe('damaged NTFS volumes', () => {
  test(`${ROUNDS} random damages end in typed errors and issues, soon`, async () => {
    const next = random(SEED);
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = damage(next);
      const started = performance.now();
      await readAll(bytes);
      expect(performance.now() - started, `round ${round} of seed ${SEED}`).toBeLessThan(10_000);
    }
  }, 600_000);
});
