import { type DeadboxError, isDeadboxError, MemorySource } from '@deadbox/core';
import {
  combineKeys,
  type KeyProvider,
  keyFileProvider,
  keyList,
  parseKeyFile,
  type UnlockKey,
  unlockBitLocker,
} from '@deadbox/encryption';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type MadeBitLockerVolume, makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { bytesText, recoveryKey, smallPlainVolume } from '../../support/encryption/volumes.js';

const good = '235818-357951-253979-013365-241120-245575-342914-591910';
const valid = '529573-278784-259347-197835-171457-264044-610280-313269';
const zeros = '000000-000000-000000-000000-000000-000000-000000-000000';
let made: MadeBitLockerVolume;
beforeAll(() => {
  made = makeBitLockerVolume(smallPlainVolume(), { recoveryPassword: good, startupKey: new Uint8Array(32).fill(9) });
});

async function refusal(keys?: KeyProvider): Promise<DeadboxError> {
  const error = await unlockBitLocker(new MemorySource(made.bytes), keys).catch((cause: unknown) => cause);
  if (isDeadboxError(error)) return error;
  throw new Error(`expected a DeadboxError, got ${String(error)}`);
}

describe('a locked volume', () => {
  test('without keys names the ids of the keys that would fit', async () => {
    const error = await refusal();
    expect(error.code).toBe('BITLOCKER_LOCKED');
    expect(error.data['protectors']).toEqual([
      { id: made.ids.recoveryPassword, type: 'recovery-password' },
      { id: made.ids.startupKey, type: 'startup-key' },
    ]);
    expect(error.message).toContain(String(made.ids.recoveryPassword));
  });

  test('refuses wrong keys by their position, with the ids that would fit, and never shows them', async () => {
    const keys: UnlockKey[] = [
      recoveryKey(zeros, '--recovery-key #1'),
      recoveryKey(valid, '--recovery-key #2'),
      { kind: 'password', label: '--password #1', text: 'hunter2' },
      { kind: 'volume-master-key', label: 'raw', bytes: new Uint8Array(32).fill(1) },
      recoveryKey(good.replace('013365', '013366'), '--recovery-key #3'),
    ];
    const error = await refusal(keyList(keys));
    expect(error.code).toBe('BITLOCKER_WRONG_KEY');
    expect(error.data['attempts']).toEqual([
      { label: '--recovery-key #1', kind: 'recovery-password', outcome: 'wrong' },
      { label: '--recovery-key #2', kind: 'recovery-password', outcome: 'wrong' },
      { label: '--password #1', kind: 'password', outcome: 'no-protector' },
      { label: 'raw', kind: 'volume-master-key', outcome: 'wrong' },
      { label: '--recovery-key #3', kind: 'recovery-password', outcome: 'malformed' },
    ]);
    expect(error.message).toContain(String(made.ids.recoveryPassword));
    const shown = JSON.stringify(error) + String(error.stack);
    for (const secret of [...valid.split('-'), '013366', 'hunter2', '0101010101']) expect(shown).not.toContain(secret);
  });

  test('says from which key on a file was not tried', async () => {
    const over = { ...recoveryKey(good, 'keys.csv line 17'), overLimit: true } as UnlockKey;
    const error = await refusal(keyList([over]));
    expect(error).toMatchObject({ code: 'BITLOCKER_LOCKED', data: { untried: 'keys.csv line 17' } });
    expect(error.message).toMatch(/not tried.* keys\.csv line 17 and those after it/);
    const { attempts } = error.data as { attempts: unknown };
    expect(attempts).toMatchObject([{ label: 'keys.csv line 17', outcome: 'over-limit' }]);
  });

  test('a single mistyped recovery password is answered with its group', async () => {
    const error = await refusal(keyList([recoveryKey(good.replace('245575', '245576'))]));
    expect(error).toMatchObject({
      code: 'RECOVERY_PASSWORD_MALFORMED',
      data: { group: 6, label: '--recovery-key #1' },
    });
  });

  test('a startup key of another volume has no protector here; one with a changed key is wrong', async () => {
    const other = (made.startupKeyFile as Uint8Array<ArrayBuffer>).slice();
    for (const at of [16, 56]) other[at] ^= 1;
    const noProtector = await refusal(keyList([{ kind: 'startup-key', label: 'a.bek', bytes: other }]));
    expect(noProtector).toMatchObject({ code: 'BITLOCKER_LOCKED', data: { attempts: [{ outcome: 'no-protector' }] } });
    const changed = (made.startupKeyFile as Uint8Array<ArrayBuffer>).slice();
    changed[changed.length - 1] ^= 1;
    const wrong = await refusal(keyList([{ kind: 'startup-key', label: 'a.bek', bytes: changed }]));
    expect(wrong.code).toBe('BITLOCKER_WRONG_KEY');
    const cut = await refusal(keyList([{ kind: 'startup-key', label: 'a.bek', bytes: changed.slice(0, 99) }]));
    expect(cut).toMatchObject({ code: 'STARTUP_KEY_MALFORMED', data: { label: 'a.bek' } });
  });

  test('a raw key of the wrong length is said to be one', async () => {
    for (const kind of ['volume-master-key', 'full-volume-key'] as const) {
      const error = await refusal(keyList([{ kind, label: 'raw', bytes: new Uint8Array(31) }]));
      expect(error).toMatchObject({ code: 'RAW_KEY_MALFORMED', data: { expected: 32 } });
    }
  });

  test('what is not BitLocker is said to be not BitLocker', async () => {
    await expect(unlockBitLocker(new MemorySource(smallPlainVolume()))).rejects.toSatisfy((error) =>
      isDeadboxError(error, 'NOT_BITLOCKER'),
    );
  });
});

describe('keys', () => {
  test('after the one that fits are not tried; the report names used, unused and wrong ones by label', async () => {
    const keys = [
      { kind: 'password', label: '--password #1', text: 'x' } as const,
      recoveryKey(good.slice(1), '--recovery-key #1'),
      { kind: 'startup-key', label: 'key.bek', bytes: made.startupKeyFile as Uint8Array<ArrayBuffer> } as const,
      recoveryKey(good, '--recovery-key #2'),
    ];
    const opened = await unlockBitLocker(new MemorySource(made.bytes), keyList(keys));
    expect(opened).toMatchObject({
      usedKey: 'key.bek',
      usedProtector: { id: made.ids.startupKey },
      unusedKeys: ['--password #1', '--recovery-key #2'],
      wrongKeys: ['--recovery-key #1'],
    });
    expect(bytesText(await opened.source.read(0, opened.source.size))).toBe(bytesText(made.expected));
  });

  test('of a key file: only the line with the volume’s id is stretched', async () => {
    const lines = Array.from(
      { length: 3000 },
      (_, i) => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000,${valid}`,
    );
    const file = parseKeyFile([...lines, `${made.ids.recoveryPassword},${good}`].join('\n'), 'keys.csv');
    const progress = vi.fn();
    const opened = await unlockBitLocker(
      new MemorySource(made.bytes),
      combineKeys(keyList([]), keyFileProvider(file)),
      {
        onProgress: progress,
      },
    );
    expect(opened.usedKey).toBe('keys.csv line 3001');
    expect(opened.attempts).toHaveLength(1);
    expect(progress.mock.calls.at(-1)).toEqual([1]);
  });

  test('stretching ends when the signal says so', async () => {
    const controller = new AbortController();
    const opening = unlockBitLocker(new MemorySource(made.bytes), keyList([recoveryKey(valid)]), {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(opening).rejects.toThrow('enough');
  });

  test('a volume with a clear key asks nobody', async () => {
    const open = makeBitLockerVolume(smallPlainVolume(), { clearKey: true, startupKey: new Uint8Array(32) });
    const keysFor = vi.fn(() => []);
    const opened = await unlockBitLocker(new MemorySource(open.bytes), { keysFor });
    expect(keysFor).not.toHaveBeenCalled();
    expect(opened).toMatchObject({
      usedProtector: { type: 'clear-key' },
      finding: { verdict: 'unlocked', state: 'suspended' },
    });
  });
});
