import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { keyList, type UnlockKey, unlockBitLocker } from '@deadbox/encryption';
import { type BitLockerRecipe, makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { run } from '../support/tools.js';
import { compareBytes, difference, type Family, made } from './family.js';
import { PATTERNS, type Pattern, patterned } from './numbers.js';

/** A BitLocker volume that OpenSSL encrypts, read by dislocker and by us with one of its keys. */
interface BitLockerCase {
  readonly method: 0x8000 | 0x8002 | 0x8003 | 0x8004 | 0x8005;
  readonly sector: 512 | 4096;
  readonly mebibytes: number;
  /** The key that both are given; the volume has the others in `also`, too. */
  readonly key: KeyKind;
  readonly also: readonly KeyKind[];
  readonly pieces: readonly {
    readonly at: number;
    readonly length: number;
    readonly pattern: Pattern;
    readonly seed: number;
  }[];
}

type KeyKind = 'clear' | 'recovery' | 'password' | 'startup';

const RECOVERY = '235818-357951-253979-013365-241120-245575-342914-591910';
const PASSWORD = 'Faulty-291!';
const STARTUP = new Uint8Array(32).fill(7);
const BLOCK = 65_536;

/** Pieces of data; where the metadata goes, from the second quarter on, every other MiB stays zero. */
function plainOf({ mebibytes, pieces }: BitLockerCase): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(mebibytes << 20);
  for (const { at, length, pattern, seed } of pieces) {
    const from = (at % (mebibytes * 8)) * 2 * BLOCK + 16_384;
    if (from + length <= bytes.length) bytes.set(patterned(seed, Math.min(length, BLOCK - 16_384), pattern), from);
  }
  for (let at = 8192; at < bytes.length; at += 1 << 20)
    if (((at >> 20) & 1) === 1) bytes.fill(0, at - 8192, at - 8192 + (1 << 20));
  bytes.set(Buffer.from('eb52904e54465320202020', 'hex'));
  bytes.set([0x55, 0xaa], 510);
  return bytes;
}

function recipeOf({ method, sector, key, also }: BitLockerCase): BitLockerRecipe {
  const kinds = new Set([key, ...also]);
  return {
    method,
    sectorSize: sector,
    ...(kinds.has('clear') ? { clearKey: true } : {}),
    ...(kinds.has('recovery') ? { recoveryPassword: RECOVERY } : {}),
    ...(kinds.has('password') ? { password: PASSWORD } : {}),
    ...(kinds.has('startup') ? { startupKey: STARTUP } : {}),
  };
}

export const bitlocker: Family<BitLockerCase> = {
  name: 'bitlocker',
  tools: ['dislocker-file'],
  draw(numbers, scale) {
    // The stretching of a password takes both sides a second.
    const key = numbers.pick(
      scale === 'small' || numbers.chance(0.9) ? (['clear', 'startup'] as const) : (['recovery', 'password'] as const),
    );
    return {
      method: numbers.pick([0x8000, 0x8002, 0x8003, 0x8004, 0x8005] as const),
      sector: numbers.pick([512, 512, 4096] as const),
      mebibytes: scale === 'small' ? 4 : numbers.scaled(4, 8),
      key,
      also: (['startup', 'recovery', 'password'] as const).filter(() => scale === 'full' && numbers.chance(0.1)),
      pieces: Array.from({ length: numbers.scaled(1, 60) }, () => ({
        at: numbers.below(1000),
        length: numbers.scaled(1, 48_000),
        pattern: numbers.pick(PATTERNS),
        seed: numbers.below(1000),
      })),
    };
  },
  async run(one, folder) {
    const volume = makeBitLockerVolume(plainOf(one), recipeOf(one));
    const path = join(folder, 'locked.img');
    const theirs = made(() => {
      writeFileSync(path, volume.bytes);
      if (volume.startupKeyFile !== undefined) writeFileSync(join(folder, 'key.bek'), volume.startupKeyFile);
      const flag = {
        clear: '-c',
        recovery: `-p${RECOVERY}`,
        password: `-u${PASSWORD}`,
        startup: `-f${join(folder, 'key.bek')}`,
      };
      run('dislocker-file', ['-V', path, flag[one.key], '--', join(folder, 'plain.img')]);
      return readFileSync(join(folder, 'plain.img'));
    });
    const keys: Record<KeyKind, UnlockKey[]> = {
      clear: [],
      recovery: [{ kind: 'recovery-password', label: 'recovery', text: RECOVERY }],
      password: [{ kind: 'password', label: 'password', text: PASSWORD }],
      startup: [{ kind: 'startup-key', label: 'file', bytes: volume.startupKeyFile ?? STARTUP }],
    };
    const { source } = await unlockBitLocker(new MemorySource(volume.bytes), keyList(keys[one.key]));
    const ours = await source.read(0, source.size);
    const expected =
      Buffer.compare(theirs, volume.expected) === 0 ? [] : ['dislocker does not give what was encrypted'];
    return [...compareBytes('plain bytes', ours, theirs), ...difference('recipe', expected)];
  },
};
