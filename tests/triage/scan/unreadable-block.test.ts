import { readFileSync } from 'node:fs';
import { type ByteSource, type Bytes, DeadboxError, isDeadboxError } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { testImagePath } from '../../support/test-image.js';

const BLOCK = 4096;

/** A disk of which the medium refuses one block; it knows which blocks were asked for. */
class BadBlock implements ByteSource {
  readonly size: number;
  readonly asked = new Set<number>();
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #bad: number | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>, bad?: number) {
    this.#bytes = bytes;
    this.#bad = bad;
    this.size = bytes.length;
  }

  read(offset: number, length: number): Bytes {
    for (let block = Math.floor(offset / BLOCK); block * BLOCK < offset + length; block += 1) {
      this.asked.add(block);
      if (block !== this.#bad) continue;
      const at = { layer: 'server.img', offset: block * BLOCK };
      throw new DeadboxError('READ_FAILED', 'EIO', { at, data: { system: 'EIO' } });
    }
    return this.#bytes.slice(offset, offset + length);
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

// The disk's whole verdict is that nothing is to be done. With any block of it unreadable, that must not be said of what the block would have told.
test('a disk of which the medium refuses a block is never called well where the block is needed for that', async () => {
  const bytes = new Uint8Array(readFileSync(testImagePath('gpt-reverted')));
  const done = new Set<number>();
  const wrong: string[] = [];
  for (const mode of ['quick', 'full'] as const) {
    const whole = new BadBlock(bytes);
    const right = await scan(whole, mode);
    expect(right.severity).toBe('none');
    // What a quick scan asks for was told by it; the other modes add to that.
    for (const block of [...whole.asked].filter((asked) => !done.has(asked))) {
      done.add(block);
      const seen = await scan(new BadBlock(bytes, block), mode).catch(failed);
      // Where nothing else is known than of the whole disk, a copy of the block told it.
      if (seen.severity === 'none' && seen.shown !== right.shown) wrong.push(`${mode} ${block}: ${seen.verdict}`);
    }
  }
  expect(done.size).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
}, 120_000);
