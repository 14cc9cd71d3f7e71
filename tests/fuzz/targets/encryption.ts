import { type Bytes, crc32, MemorySource } from '@deadbox/core';
import {
  detectEncryption,
  keyFileProvider,
  keyList,
  parseKeyFile,
  probeVolume,
  tryUnlockBitLocker,
} from '@deadbox/encryption';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { smallPlainVolume } from '../../support/encryption/volumes.js';
import { type FuzzTarget, placesOf, type Seed, viewOf } from '../target.js';

const PASSWORD = '123456-123456-123456-123456-123456-123456-123456-123456';

/** Each metadata block ends in a CRC-32 of what it holds. */
function repairMetadata(bytes: Buffer): void {
  const view = viewOf(bytes);
  for (const at of placesOf(bytes, '-FVE-FS-')) {
    const size = view.getUint16(at + 8, true) * 16;
    if (at === 0 || at + size + 8 > bytes.length) continue;
    view.setUint32(at + size + 4, crc32(bytes.subarray(at, at + size)), true);
  }
}

async function unlock(input: Bytes): Promise<string> {
  const source = new MemorySource(input);
  const probe = await probeVolume(source);
  const finding = await detectEncryption(probe);
  const outcome = await tryUnlockBitLocker(probe, keyList([]));
  if (outcome.unlocked) await outcome.source.read(0, Math.min(65_536, outcome.source.size));
  return [finding.verdict, finding.state, outcome.unlocked, ...new Set(finding.issues.map(({ code }) => code))].join(
    ' ',
  );
}

export const encryptionTargets: readonly FuzzTarget[] = [
  {
    name: 'encryption/bitlocker',
    // A clear key opens it without the million rounds of a password.
    seeds: (): Seed[] => [
      { name: 'clear-key', bytes: makeBitLockerVolume(smallPlainVolume(), { clearKey: true }).bytes },
      {
        name: 'windows-7',
        bytes: makeBitLockerVolume(smallPlainVolume(), { clearKey: true, method: 0x8000, boundary: 1 << 20 }).bytes,
      },
    ],
    parse: unlock,
    repair: repairMetadata,
    structures: (seed) => [[0, 512], ...placesOf(seed, '-FVE-FS-').map((at) => [at, at + 2048] as const)],
  },
  {
    name: 'encryption/key-file',
    seeds: (): Seed[] =>
      [
        `KeyProtectorId,RecoveryPassword\n2F0B5A5A-0000-4000-8000-000000000001,${PASSWORD}\n`,
        `2F0B5A5A-0000-4000-8000-000000000001;${PASSWORD}\r\n`,
        JSON.stringify({ value: [{ id: '2F0B5A5A-0000-4000-8000-000000000001', key: PASSWORD }] }),
      ].map((text, i) => ({ name: `text-${i}`, bytes: new TextEncoder().encode(text) })),
    async parse(input: Bytes): Promise<string> {
      const file = parseKeyFile(input);
      keyFileProvider(file);
      return `${file.count} ${file.skipped.length}`;
    },
  },
];
