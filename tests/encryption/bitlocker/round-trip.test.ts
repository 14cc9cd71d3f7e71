import { MemorySource } from '@deadbox/core';
import { unlockBitLocker } from '@deadbox/encryption';
import { sealSectors } from '@deadbox/encryption/seal';
import { assert, asyncProperty, integer, nat, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { bytesText, smallPlainVolume } from '../../support/encryption/volumes.js';

/** Every method that Windows has, with both sector sizes; 0x8001 is one that the recipe does not write. */
const METHODS = [0x8000, 0x8002, 0x8003, 0x8004, 0x8005] as const;

describe('decrypting what was encrypted', () => {
  for (const method of METHODS) {
    for (const sectorSize of [512, 4096] as const) {
      test(`gives any bytes back at any place, and changes nothing else: 0x${method.toString(16)}, sectors of ${sectorSize}`, async () => {
        const made = makeBitLockerVolume(smallPlainVolume(1 << 20), {
          clearKey: true,
          method,
          sectorSize,
          metadataOffsets: [131_072, 393_216, 655_360],
        });
        const pristine = bytesText(made.bytes);
        const { source } = await unlockBitLocker(new MemorySource(made.bytes));
        const sector = nat({ max: source.size / sectorSize - 4 });
        const content = uint8Array({ minLength: sectorSize * 3, maxLength: sectorSize * 3 });
        await assert(
          asyncProperty(sector, integer({ min: 1, max: 3 }), content, async (at, count, bytes) => {
            const plain = new Uint8Array(bytes.subarray(0, count * sectorSize));
            const before = plain.slice();
            const pieces = await sealSectors(source, at * sectorSize, plain).catch(() => undefined);
            expect(plain).toEqual(before);
            // A reserved place cannot be written.
            if (pieces === undefined) return;
            const disk = made.bytes.slice();
            for (const piece of pieces) disk.set(piece.bytes, piece.offset);
            const again = await unlockBitLocker(new MemorySource(disk));
            const whole = await again.source.read(0, again.source.size);
            const expected = await source.read(0, source.size);
            expected.set(plain, at * sectorSize);
            expect(bytesText(whole)).toBe(bytesText(expected));
          }),
          { numRuns: 6, seed: method },
        );
        expect(bytesText(made.bytes)).toBe(pristine);
      });
    }
  }
});
