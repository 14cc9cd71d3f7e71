import { type Bytes, isDeadboxError, MemorySource } from '@deadbox/core';
import { detectDiskEncryption, detectEncryption, parseKeyFile, probeVolume, sampleVolume } from '@deadbox/encryption';
import { applySampling, sweepBootArea } from '@deadbox/encryption/internals';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { parseStartupKey } from '../../../packages/encryption/src/bitlocker/keys/startup-key.js';
import { parseEowBitmap, parseEowInformation } from '../../../packages/encryption/src/bitlocker/metadata/eow.js';

const latin1 = (text: string): Bytes => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Beginnings that send a parser on its way, and where they stand. */
const beginnings: [number, Bytes][] = [
  [0, latin1('LUKS\xba\xbe\0\x01')],
  [0, latin1('LUKS\xba\xbe\0\x02\0\0\0\0\0\0\x40\0')],
  [0x4000, latin1('SKUL\xba\xbe\0\x02\0\0\0\0\0\0\x40\0')],
  [32, latin1('NXSB\0\x10\0\0')],
  [88, latin1('CS')],
  [3, latin1('-FVE-FS-')],
  [0xa0, Uint8Array.from(Buffer.from('3bd66749292ed84a8399f6a339e3d001', 'hex'))],
  [0xa0, Uint8Array.from(Buffer.from('3b4da89280dd0e4d9e4eb1e3284eaed8', 'hex'))],
  [0, latin1('QFI\xfb\0\0\0\x03')],
  [0, latin1('KDMV\x01\0\0\0')],
  [0, latin1('# Disk DescriptorFile')],
  [0, new Uint8Array(0)],
];

/** Runs `action`; anything but a result or a DeadboxError fails. */
async function survives(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
  }
}

describe('hostile volumes and files', () => {
  test('detection of any bytes behind any known beginning ends in a finding or a DeadboxError', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(beginnings.length - 1),
        fc.uint8Array({ maxLength: 700 }),
        fc.nat(200_000),
        fc.nat(0x4100),
        async (which, noise, size, at) => {
          const bytes = new Uint8Array(size);
          bytes.set(noise.subarray(0, Math.max(0, size - at)), Math.min(at, size));
          const [offset, text] = beginnings[which];
          bytes.set(noise.subarray(0, Math.min(noise.length, size)));
          if (offset + text.length <= size) bytes.set(text, offset);
          const source = new MemorySource(bytes);
          await survives(async () => {
            const probe = await probeVolume(source);
            const finding = await detectEncryption(probe, { deep: true });
            await applySampling(probe, finding, await sampleVolume(source));
          });
          await survives(() =>
            detectDiskEncryption(source, {
              partitions: [
                { offset: at, length: 1 },
                { offset: size * 2, length: 512 },
              ],
            }),
          );
          await survives(() => sweepBootArea(source, { partitions: [{ offset: at, length: 1 }] }));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('parsers of structures and key files survive any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (noise) => {
        const bytes = Uint8Array.from(noise);
        const behind = (text: string): Bytes => Uint8Array.from([...latin1(text), ...bytes]);
        await survives(() => parseStartupKey(bytes));
        await survives(() => parseStartupKey(behind('\x9c\0\0\0\x01\0\0\0\x30\0\0\0')));
        parseEowInformation(behind('FVE-EOW\0\x38\0\x68\0'));
        parseEowBitmap(behind('FVE-EOWBM\0\x3c\0\0\x06\0\0'), 0);
        await survives(() => parseKeyFile(bytes));
        await survives(() => parseKeyFile(behind('{"a":')));
        await survives(() => parseKeyFile(behind('keyId,recoveryPassword\n"')));
      }),
      { numRuns: 300 },
    );
  });
});
