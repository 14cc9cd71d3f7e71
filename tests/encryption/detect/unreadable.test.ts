import { type ByteSource, type Bytes, isTransportError, MemorySource } from '@deadbox/core';
import { detectEncryption, probeVolume, sampleVolume, tryUnlockBitLocker } from '@deadbox/encryption';
import { applySampling } from '@deadbox/encryption/internals';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { withBadPlaces, withLostConnection } from '../../support/encryption/failing-source.js';
import { smallPlainVolume } from '../../support/encryption/volumes.js';

const made = makeBitLockerVolume(smallPlainVolume(), { clearKey: true });
const [first, second, third] = made.metadataOffsets;
const place = (offset: number) => ({ offset, length: 512 });

/** Bytes that nothing recognises. */
function unknownVolume(size: number): Bytes {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 0x7f);
}

describe('places that the medium refuses', () => {
  test('in one copy of the metadata leave the others to be used, and are said', async () => {
    const source = withBadPlaces(new MemorySource(made.bytes), [place(first)]);
    const outcome = await tryUnlockBitLocker(source);
    expect(outcome.unlocked && (await outcome.source.read(0, 4096))).toEqual(made.expected.slice(0, 4096));
    const finding = await detectEncryption(source);
    expect(finding.flags).toEqual(['metadata-damaged']);
    expect(finding.bitlocker?.copies).toMatchObject([
      { offset: first, status: 'unreadable', used: false },
      { offset: second, status: 'good', used: true },
      { offset: third, status: 'good', used: false },
    ]);
    expect(finding.issues).toMatchObject([{ code: 'bitlocker.metadata-unreadable', at: { offset: first } }]);
  });

  test('in every copy of the metadata leave a locked volume that needs its metadata', async () => {
    const source = withBadPlaces(new MemorySource(made.bytes), [first, second, third].map(place));
    expect(await detectEncryption(source)).toMatchObject({ verdict: 'encrypted-locked', needs: ['metadata'] });
    const outcome = await tryUnlockBitLocker(source);
    expect(!outcome.unlocked && outcome.error.code).toBe('BITLOCKER_METADATA_DAMAGED');
  });

  test('where a second header could stand make "none" too much to say', async () => {
    const bytes = unknownVolume(1 << 20);
    expect(await detectEncryption(new MemorySource(bytes))).toMatchObject({ verdict: 'none', issues: [] });
    const finding = await detectEncryption(withBadPlaces(new MemorySource(bytes), [place(0x5000)]));
    expect(finding).toMatchObject({
      verdict: 'not-enough-data',
      samplingAdvised: true,
      issues: [{ code: 'encryption.unreadable', at: { layer: 'volume', offset: 0x4000 } }],
    });
  });

  test('in all that was sampled are not taken for an empty volume', async () => {
    const volume = new MemorySource(new Uint8Array(128 << 20));
    const bad = withBadPlaces(volume, [{ offset: 1 << 20, length: 127 << 20 }]);
    const probe = await probeVolume(bad);
    const finding = await detectEncryption(probe);
    const summary = await sampleVolume(bad);
    expect(summary).toMatchObject({ used: 0, unreadable: 64 });
    expect((await applySampling(probe, finding, summary)).verdict).toBe('not-enough-data');
    expect((await applySampling(probe, finding, await sampleVolume(volume))).verdict).toBe('none');
  });
});

describe('a connection that is lost', () => {
  const apfs = new Uint8Array(4 << 20);
  apfs.set([0x4e, 0x58, 0x53, 0x42, 0, 16], 32);
  const luks = new Uint8Array(1 << 20);
  luks.set([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe, 0, 2], 0);
  luks.set([0, 8, 0, 0], 12);
  const volumes: [string, Bytes][] = [
    ['BitLocker', made.bytes],
    ['an unknown volume', unknownVolume(1 << 20)],
    ['APFS', apfs],
    ['LUKS2 with a header of 512 KiB', luks],
  ];

  /** Runs `work` with the connection lost at each of its reads in turn; each run must end with that error. */
  async function losingEachRead(bytes: Bytes, work: (source: ByteSource) => Promise<unknown>): Promise<number> {
    const counted = withLostConnection(new MemorySource(bytes), -1);
    await work(counted);
    for (let failing = 0; failing < counted.reads; failing += 1)
      await expect(work(withLostConnection(new MemorySource(bytes), failing)), `read ${failing}`).rejects.toSatisfy(
        isTransportError,
      );
    return counted.reads;
  }

  for (const [name, bytes] of volumes) {
    test(`is never a fact about ${name}, at whichever read`, async () => {
      expect(await losingEachRead(bytes, (source) => detectEncryption(source, { deep: true }))).toBeGreaterThan(1);
    });
  }

  test('is never a volume that stays locked', async () => {
    expect(await losingEachRead(made.bytes, (source) => tryUnlockBitLocker(source))).toBe(4);
    const key = { kind: 'full-volume-key' as const, label: 'raw', bytes: made.volumeKey };
    const withRawKey = (source: ByteSource): Promise<unknown> =>
      tryUnlockBitLocker(source, { keysFor: () => [key] }, { ignoreClearKey: true });
    expect(await losingEachRead(made.bytes, withRawKey)).toBe(5);
  });

  test('is never a window that is skipped in the statistics', async () => {
    expect(await losingEachRead(new Uint8Array(4 << 20), sampleVolume)).toBeGreaterThan(16);
  });
});
