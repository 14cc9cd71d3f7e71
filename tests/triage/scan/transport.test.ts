import { type ByteSource, type Bytes, DeadboxError, isTransportError, MemorySource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { type ImageReport, openDisk, type ScanOptions, scanDisk } from 'deadbox';
import { describe, expect, test } from 'vitest';
import { testImagePath } from '../../support/test-image.js';

/** What a read that fails gives: bytes, or an error that is thrown. */
type Failure = (offset: number, length: number) => Bytes;

/** How sources fail in the field, none of which says anything about the disk. */
const FAILURES: readonly (readonly [string, Failure])[] = [
  [
    'is closed',
    () => {
      throw new DeadboxError('SOURCE_CLOSED', 'server.img was read after it had been closed');
    },
  ],
  [
    'loses its server',
    () => {
      throw new TypeError('fetch failed');
    },
  ],
  ['gives too few bytes', (_, length) => new Uint8Array(length - 1)],
  ['gives no bytes', () => new Uint8Array(0)],
];

/** A source over `inner` that counts its reads; from read `from` on (or only there), it fails. */
class FailingSource implements ByteSource {
  readonly size: number;
  reads = 0;
  failed = 0;
  readonly #inner: ByteSource;
  readonly #fails: (read: number) => boolean;
  readonly #failure: Failure;

  constructor(inner: ByteSource, fails: (read: number) => boolean, failure: Failure) {
    this.#inner = inner;
    this.#fails = fails;
    this.#failure = failure;
    this.size = inner.size;
  }

  async read(offset: number, length: number): Promise<Bytes> {
    this.reads += 1;
    if (!this.#fails(this.reads) || length === 0) return this.#inner.read(offset, length);
    this.failed += 1;
    return this.#failure(offset, length);
  }
}

async function scan(source: ByteSource, options: ScanOptions): Promise<ImageReport> {
  await using disk = await openDisk(source, { name: 'server.img' });
  return await scanDisk(disk, options);
}

/** What a scan comes to: its report, or the error that ended it. */
const outcome = (source: ByteSource, options: ScanOptions): Promise<ImageReport | { thrown: unknown }> =>
  scan(source, options).catch((thrown: unknown) => ({ thrown }));

/** A report as far as it says what is on the disk, for comparison. */
const facts = ({ verdict, severity, installations }: ImageReport): string =>
  JSON.stringify({ verdict, severity, installations });

async function inMemory(name: string): Promise<ByteSource> {
  const file = await openFile(testImagePath(name));
  const bytes = new Uint8Array(await file.read(0, file.size));
  await file.close?.();
  return new MemorySource(bytes);
}

describe.each(['gpt-faulty', 'mbr-faulty'])('a scan of %s', async (name) => {
  const image = await inMemory(name);

  for (const mode of ['quick', 'full'] as const) {
    test.each(FAILURES)(
      `in ${mode} mode whose source %s at any read is an error, never a verdict`,
      async (_, failure) => {
        const whole = new FailingSource(image, () => false, failure);
        const right = facts(await scan(whole, { mode }));
        const wrong: string[] = [];
        for (let at = 1; at <= whole.reads; at += 1) {
          for (const fails of [(read: number) => read >= at, (read: number) => read === at]) {
            const source = new FailingSource(image, fails, failure);
            const result = await outcome(source, { mode });
            if ('thrown' in result) {
              if (!isTransportError(result.thrown)) wrong.push(`read ${at}: ${String(result.thrown)}`);
            } else if (result.verdict !== 'error' && !(source.failed === 1 && facts(result) === right))
              wrong.push(`read ${at} of ${whole.reads}: ${result.verdict}`);
          }
        }
        expect(wrong).toEqual([]);
      },
    );
  }
});
