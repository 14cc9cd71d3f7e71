import { type DeadboxError, isDeadboxError, utf16Bytes } from '@deadbox/core';
import { checkRecoveryPassword, type KeyProtectorInfo, keyFileProvider, parseKeyFile } from '@deadbox/encryption';
import { describe, expect, test } from 'vitest';
import { parseStartupKey } from '../../../packages/encryption/src/bitlocker/keys/startup-key.js';
import { makeBitLockerVolume } from '../../support/bitlocker-volume.js';
import { plainVolume } from '../../support/encryption/volumes.js';

const good = '235818-357951-253979-013365-241120-245575-342914-591910';
const other = '529573-278784-259347-197835-171457-264044-610280-313269';
const id = '64311DEA-4587-4029-924A-BA299647998E';

function errorOf(action: () => unknown): DeadboxError {
  try {
    action();
  } catch (error) {
    if (isDeadboxError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('recovery passwords', () => {
  for (const text of [
    good,
    good.replaceAll('-', ' '),
    good.replaceAll('-', ''),
    `${good}\r\n`,
    good.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
    `{${good}}`,
  ]) {
    test(`are accepted as ${JSON.stringify(text.slice(0, 16))}…`, () =>
      expect(() => checkRecoveryPassword(text)).not.toThrow());
  }

  test('name the mistyped group: each digit changed, in each group', () => {
    const groups = good.split('-');
    for (let group = 0; group < 8; group += 1) {
      for (let digit = 0; digit < 6; digit += 1) {
        const changed = [...groups];
        const text = changed[group];
        changed[group] = text.slice(0, digit) + ((Number(text[digit]) + 1) % 10) + text.slice(digit + 1);
        const error = errorOf(() => checkRecoveryPassword(changed.join('-')));
        expect(error.code).toBe('RECOVERY_PASSWORD_MALFORMED');
        expect(error.data).toMatchObject({ group: group + 1, groups: [group + 1] });
      }
    }
  });

  test('name a group of the wrong length, and one that is too large', () => {
    expect(errorOf(() => checkRecoveryPassword(good.replace('013365', '01336'))).data).toMatchObject({
      reason: 'group-length',
      group: 4,
    });
    expect(errorOf(() => checkRecoveryPassword(good.replace('013365', '720896'))).data).toMatchObject({
      reason: 'too-large',
      group: 4,
    });
  });

  test('are never repeated in the error', () => {
    for (const text of [
      good.replace('013365', '013366'),
      good.replace('013365', '0133'),
      good.slice(7),
      `key is ${good}`,
      'hunter2',
    ]) {
      const error = errorOf(() => checkRecoveryPassword(text));
      const shown = JSON.stringify(error) + error.message + String(error.stack);
      for (const group of good.split('-')) expect(shown).not.toContain(group);
      expect(shown).not.toContain('hunter2');
    }
  });

  test('all zeros are valid in form, as the format has it', () => {
    expect(() => checkRecoveryPassword('000000-'.repeat(8).slice(0, -1))).not.toThrow();
  });
});

describe('startup key files', () => {
  const made = makeBitLockerVolume(plainVolume(), { startupKey: Uint8Array.from({ length: 32 }, (_, i) => i) });
  const file = made.startupKeyFile as Uint8Array<ArrayBuffer>;

  test('give the id of their protector and the key', () => {
    const parsed = parseStartupKey(file);
    expect(parsed.protectorId).toBe(made.ids.startupKey);
    expect([...parsed.key]).toEqual(Array.from({ length: 32 }, (_, i) => i));
  });

  test('are refused when cut short, empty, or something else', () => {
    for (const bytes of [
      file.subarray(0, 100),
      file.subarray(0, 155),
      new Uint8Array(0),
      new Uint8Array(156),
      new Uint8Array(1 << 20),
    ]) {
      expect(errorOf(() => parseStartupKey(bytes)).code).toBe('STARTUP_KEY_MALFORMED');
    }
  });

  test('survive entry sizes of 0, 7 and 0xFFFF', () => {
    for (const size of [0, 7, 0xffff]) {
      for (const at of [48, 80, 112]) {
        const damaged = file.slice();
        new DataView(damaged.buffer).setUint16(at, size, true);
        // Damage before the key makes it unusable; none may crash.
        if (at !== 112 || size !== 0)
          expect(errorOf(() => parseStartupKey(damaged)).code).toBe('STARTUP_KEY_MALFORMED');
      }
    }
  });
});

describe('key files', () => {
  const octets = 'EA1D316487452940924ABA299647998E';
  const base64 = Buffer.from(octets, 'hex').toString('base64');
  const forms: Record<string, string> = {
    'plain form without heading': `${id},${good}\n11111111-2222-3333-4444-555555555555,${other}\n`,
    'plain form with heading': `keyId,recoveryPassword\r\n{${id.toLowerCase()}},${good}\r\n`,
    'semicolons and quotes': `"keyId";"recoveryPassword"\n"${id}";"${good}"\n`,
    'Active Directory with GUID in the name': `#TYPE Selected\n"Name","msFVE-RecoveryPassword"\n"2019-07-04T07:01:55-00:00{${id}}","${good}"\n`,
    'Active Directory, octet string as text': `DN,msFVE-RecoveryGuid,msFVE-RecoveryPassword\n"CN=x,DC=y",X'${octets}',${good}\n`,
    'Active Directory, octet string in base64': `msFVE-RecoveryPassword,msFVE-RecoveryGuid\n${good},${base64}\n`,
    'Active Directory, octets not written out': `DistinguishedName,msFVE-RecoveryGuid,msFVE-RecoveryPassword\n"CN=2019-07-04T07:01:55-00:00\\{${id}},CN=PC",System.Byte[],${good}\n`,
    'Entra portal': `Device name,Device ID,Recovery key ID,Recovery key,Drive type\nPC,99999999-2222-3333-4444-555555555555,${id},${good},Operating system drive\n`,
    MBAM: `Id,RecoveryKeyId,RecoveryKey,LastUpdateTime\n17,${id},${good},2024-01-01\n`,
    'Graph JSON': JSON.stringify({
      value: [{ id, createdDateTime: '2024', deviceId: '99999999-2222-3333-4444-555555555555', key: good }],
    }),
    'JSON list': JSON.stringify([{ keyId: id, recoveryPassword: good }]),
    'JSON object': JSON.stringify({ [id]: good }),
    'first eight digits only': `64311DEA,${good}\n`,
  };
  const protectors = [
    { id, type: 'recovery-password' },
    { id: '11111111-0000-0000-0000-000000000000', type: 'password' },
  ] as KeyProtectorInfo[];
  for (const [name, text] of Object.entries(forms)) {
    test(`${name}: the password is found by its id`, () => {
      const keys = keyFileProvider(parseKeyFile(text, 'keys.csv')).keysFor({ protectors });
      expect(keys).toMatchObject([{ kind: 'recovery-password', text: good, protectorId: id }]);
      expect(keys[0 as never]).toHaveProperty('label', expect.stringMatching(/^keys\.csv line \d+$/));
    });
  }

  test('PowerShell’s UTF-16 is read, too', () => {
    const bytes = new Uint8Array([0xff, 0xfe, ...utf16Bytes(forms['MBAM'])]);
    expect(parseKeyFile(bytes).entries.get(id)).toEqual([{ line: 2, password: good }]);
  });

  test('picks one of thousands, and offers nothing for a volume that is not in it', () => {
    const lines = Array.from(
      { length: 5000 },
      (_, i) => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000,${other}`,
    );
    const file = parseKeyFile([...lines, `${id},${good}`].join('\n'));
    expect(file.count).toBe(5001);
    expect(keyFileProvider(file).keysFor({ protectors })).toHaveLength(1);
    expect(keyFileProvider(file).keysFor({ protectors: protectors.slice(1) })).toEqual([]);
  });

  test('counts unusable lines without repeating them', () => {
    const file = parseKeyFile(`keyId,recoveryPassword\n${id},${good}\nnot-an-id,${other}\n${id},secret words\n`);
    expect(file.skipped).toEqual([
      { line: 3, reason: 'no-id' },
      { line: 4, reason: 'no-password' },
    ]);
    for (const text of ['', 'nothing here', '{"a"', `[${good}`, '[]', '{}']) {
      const error = errorOf(() => parseKeyFile(text));
      expect(error.code).toBe('KEY_FILE_MALFORMED');
      expect(error.message).not.toContain('235818');
    }
  });
});
