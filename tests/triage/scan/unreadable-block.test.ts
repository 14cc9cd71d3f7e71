import { readFileSync } from 'node:fs';
import {
  type ByteSource,
  type Bytes,
  DeadboxError,
  isDeadboxError,
  type MaybePromise,
  MemorySource,
} from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { healthyDisk } from '../../support/healthy/healthy-disk.js';
import { testImagePath } from '../../support/test-image.js';

const BLOCK = 4096;

/** A disk of which the medium refuses one block; it knows which blocks were asked for. */
class BadBlock implements ByteSource {
  readonly size: number;
  readonly asked = new Set<number>();
  readonly #disk: ByteSource;
  readonly #bad: number | undefined;

  constructor(disk: ByteSource, bad?: number) {
    this.#disk = disk;
    this.#bad = bad;
    this.size = disk.size;
  }

  read(offset: number, length: number): MaybePromise<Bytes> {
    for (let block = Math.floor(offset / BLOCK); block * BLOCK < offset + length; block += 1) {
      this.asked.add(block);
      if (block !== this.#bad) continue;
      const at = { layer: 'server.img', offset: block * BLOCK };
      throw new DeadboxError('READ_FAILED', 'EIO', { at, data: { system: 'EIO' } });
    }
    return this.#disk.read(offset, length);
  }
}

type Seen = { readonly severity: string; readonly verdict: string; readonly shown: string };

async function scan(source: ByteSource, mode: 'quick' | 'full'): Promise<Seen> {
  await using disk = await openDisk(source, { name: 'server.img', cache: { blockSize: BLOCK } });
  const report = await scanDisk(disk, { mode });
  const { verdict, severity } = report;
  // What was read besides (dumps, logs) is named with its state, and is not on the way to the verdict.
  const installations = report.installations.map(({ sources: _, crash: _crash, ...rest }) => rest);
  return { verdict, severity, shown: JSON.stringify({ installations, table: report.disk.partitionTable }) };
}

/** An image that cannot be opened is no verdict. */
function failed(error: unknown): Seen {
  if (!isDeadboxError(error, 'READ_FAILED')) throw error;
  return { verdict: 'error', severity: 'error', shown: '' };
}

// Nothing is to be done on the whole disk. With any block of it unreadable, that must not be said of what the block
// would have told.
test.each(['quick', 'full'] as const)(
  'a disk of which the medium refuses a block is never called well where the block is needed for that: %s',
  async (mode) => {
    const disk =
      mode === 'quick'
        ? new MemorySource(new Uint8Array(readFileSync(testImagePath('gpt-reverted'))))
        : await healthyDisk();
    const whole = new BadBlock(disk);
    const right = await scan(whole, mode);
    expect(right.severity).toBe('none');
    const asked = [...whole.asked];
    expect(asked.length).toBeGreaterThan(20);
    // Of the many blocks that a full scan asks for, as many as a test has time for.
    const step = Math.ceil(asked.length / (mode === 'quick' ? 100 : 30));
    const wrong: string[] = [];
    for (const block of asked.filter((_, index) => index % step === 0)) {
      const seen = await scan(new BadBlock(disk, block), mode).catch(failed);
      // Where nothing else is known than of the whole disk, a copy of the block told it.
      if (seen.severity === 'none' && seen.shown !== right.shown) wrong.push(`block ${block}: ${seen.verdict}`);
    }
    expect(wrong).toEqual([]);
  },
  120_000,
);
