import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { keyList, unlockBitLocker } from '@deadbox/encryption';
import { beforeAll, describe, expect, test } from 'vitest';
import { type MadeBitLockerVolume, makeBitLockerVolume, SALTS, stretchedAnew } from '../../support/bitlocker-volume.js';
import { STRETCHED_KEYS } from '../../support/encryption/stretched-keys.js';
import { bytesText, plainVolume, recoveryKey } from '../../support/encryption/volumes.js';
import { LONG } from '../../support/long.js';
import { describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const recoveryPassword = '235818-357951-253979-013365-241120-245575-342914-591910';

describe('a BitLocker volume of our own recipe', () => {
  let locked: MadeBitLockerVolume;
  beforeAll(() => {
    locked = makeBitLockerVolume(plainVolume(), {
      recoveryPassword,
      password: 'Faulty-291!',
      startupKey: new Uint8Array(32).fill(7),
    });
  });

  test('opens with its recovery password, password and startup key to the plain volume', async () => {
    const keys = [
      recoveryKey(recoveryPassword),
      { kind: 'password', label: 'password', text: 'Faulty-291!' } as const,
      { kind: 'startup-key', label: 'file', bytes: locked.startupKeyFile as Uint8Array<ArrayBuffer> } as const,
    ];
    for (const key of keys) {
      const opened = await unlockBitLocker(new MemorySource(locked.bytes), keyList([key]));
      expect(bytesText(await opened.source.read(0, opened.source.size))).toBe(bytesText(locked.expected));
      expect(opened.usedKey).toBe(key.label);
    }
  });

  describeWithTools(['dislocker-file', 'bdeinfo', 'cryptsetup'], 'is accepted by other tools', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'locked.img');
    beforeAll(() => {
      writeFileSync(path, locked.bytes);
      writeFileSync(join(folder, 'key.bek'), locked.startupKeyFile as Uint8Array);
    });

    test('dislocker-file decrypts it to the same bytes with each key', () => {
      const keys = [`-p${recoveryPassword}`, '-uFaulty-291!', `-f${join(folder, 'key.bek')}`];
      for (const [i, key] of keys.entries()) {
        const target = join(folder, `plain-${i}.img`);
        run('dislocker-file', ['-V', path, key, '--', target]);
        expect(bytesText(readFileSync(target))).toBe(bytesText(locked.expected));
      }
    });

    test('bdeinfo opens it with the recovery password', () => {
      const text = run('bdeinfo', ['-r', recoveryPassword, path]);
      expect(text).not.toMatch(/is locked|unable/i);
      expect(text).toContain('AES-XTS 128-bit');
      expect(text).toContain(String(locked.ids.recoveryPassword).toLowerCase());
    });

    test('cryptsetup accepts both passphrases', () => {
      for (const secret of [recoveryPassword, 'Faulty-291!']) {
        run('cryptsetup', ['bitlkOpen', '--test-passphrase', path], { input: secret });
      }
      const wrong = spawnSync('cryptsetup', ['bitlkOpen', '--test-passphrase', path], { input: 'wrong' });
      expect(wrong.status).not.toBe(0);
    });
  });
});

test.runIf(LONG)('the keys that are written down are what OpenSSL stretches the secrets to', () => {
  for (const [initial, key] of STRETCHED_KEYS) {
    const keys = Object.values(SALTS).map((salt) => stretchedAnew(Buffer.from(initial, 'hex'), salt).toString('hex'));
    expect(keys).toContain(key);
  }
});

describe('passwords beyond ASCII', () => {
  test('are hashed as UTF-16LE, as typed and in the composed form', async () => {
    const made = makeBitLockerVolume(plainVolume(), { password: 'Schl\u00fcssel\u{1f511}' });
    const decomposed = keyList([{ kind: 'password', label: 'typed', text: 'Schlu\u0308ssel\u{1f511}' }]);
    expect((await unlockBitLocker(new MemorySource(made.bytes), decomposed)).usedProtector?.id).toBe(made.ids.password);
  });
});

describe('a BitLocker volume with a clear key', () => {
  const made = makeBitLockerVolume(plainVolume(), { clearKey: true, method: 0x8000 });

  test('opens without a key', async () => {
    const opened = await unlockBitLocker(new MemorySource(made.bytes));
    expect(bytesText(await opened.source.read(0, opened.source.size))).toBe(bytesText(made.expected));
    expect(opened.finding).toMatchObject({
      verdict: 'unlocked',
      state: 'waiting-for-activation',
      method: 'AES-CBC-128 + Elephant diffuser',
    });
  });

  describeWithTools(['dislocker-file'], 'is accepted by dislocker', () => {
    const folder = temporaryFolder();
    test('dislocker-file decrypts it to the same bytes', () => {
      writeFileSync(join(folder, 'clear.img'), made.bytes);
      run('dislocker-file', ['-V', join(folder, 'clear.img'), '-c', '--', join(folder, 'plain.img')]);
      expect(bytesText(readFileSync(join(folder, 'plain.img')))).toBe(bytesText(made.expected));
    });
  });
});
