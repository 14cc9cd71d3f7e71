import { MemorySource } from '@deadbox/core';
import { unlockBitLocker } from '@deadbox/encryption';
import { sealSectors } from '@deadbox/encryption/seal';
import { describe, expect, test, vi } from 'vitest';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { bytesText, smallPlainVolume } from '../../support/encryption/volumes.js';
import { checkSourceContract } from '../../support/source-contract.js';

// The side that browsers get: WebCrypto for the bulk, @noble/ciphers for single blocks.
vi.mock('../../../packages/encryption/src/aes.node.js', () => import('../../../packages/encryption/src/aes.js'));

describe('with WebCrypto in place of node:crypto', () => {
  test('the mock is in place', async () => {
    const node = await import('../../../packages/encryption/src/aes.node.js');
    const web = await import('../../../packages/encryption/src/aes.js');
    expect(node.createAes).toBe(web.createAes);
  });

  for (const [method, sectorSize] of [
    [0x8000, 512],
    [0x8002, 4096],
    [0x8003, 512],
    [0x8004, 512],
    [0x8005, 4096],
  ] as const) {
    test(`0x${method.toString(16)}, sectors of ${sectorSize}: a volume that OpenSSL encrypted reads the same, and seals the same`, async () => {
      const made = makeBitLockerVolume(smallPlainVolume(), { clearKey: true, method, sectorSize });
      const { source } = await unlockBitLocker(new MemorySource(made.bytes));
      expect(bytesText(await source.read(0, source.size))).toBe(bytesText(made.expected));
      await checkSourceContract(source, { reference: made.expected, rounds: 8 });
      const [piece] = await sealSectors(source, 65_536, made.expected.slice(65_536, 69_632));
      expect(bytesText(piece?.bytes as Uint8Array)).toBe(bytesText(made.bytes.subarray(65_536, 69_632)));
    });
  }
});
