import {
  type KeyProtectorInfo,
  keyFileProvider,
  parseKeyFile,
  recoveryKeysIn,
  recoveryPasswordIn,
} from '@deadbox/encryption';
import { describe, expect, test } from 'vitest';

const id = '64311DEA-4587-4029-924A-BA299647998E';
const key = '235818-357951-253979-013365-241120-245575-342914-591910';
const otherId = '0FBC0063-195C-4146-E33C-C45DB8D83F6F';
const otherKey = '529573-278784-259347-197835-171457-264044-610280-313269';

const malformed = expect.objectContaining({ code: 'KEY_FILE_MALFORMED' });

/** The line or item of the password for `id`, and what was left out. */
function found(text: string): { line: number | undefined; skipped: unknown } {
  const { entries, skipped } = parseKeyFile(text);
  const [entry, more] = entries.get(id) ?? [];
  expect(entry?.password).toBe(key);
  expect(more).toBeUndefined();
  return { line: entry?.line, skipped };
}

describe('JSON of key files', () => {
  test('counts its items as they stand in the list, whatever each is', () => {
    expect(found(JSON.stringify(['text', 7, null, { keyId: id, recoveryPassword: key }]))).toEqual({
      line: 4,
      skipped: [1, 2, 3].map((line) => ({ line, reason: 'no-password' })),
    });
  });

  test('takes an empty member beside the list for no item', () => {
    expect(found(JSON.stringify({ '@odata.nextLink': null, count: 1, value: [{ id, key }] }))).toEqual({
      line: 1,
      skipped: [],
    });
  });

  test('tells of the objects that Graph lists without their key, which it gives only when it is asked for', () => {
    const listed = { id: otherId, createdDateTime: '2024-01-02T03:04:05Z', volumeType: '1' };
    expect(found(JSON.stringify({ value: [listed, { ...listed, id, key }] }))).toEqual({
      line: 2,
      skipped: [{ line: 1, reason: 'no-password' }],
    });
    expect(() => parseKeyFile(JSON.stringify({ value: [listed] }))).toThrow(malformed);
  });

  test('may give the row of a database a number for its own id, and an id of its own to what holds the keys', () => {
    expect(found(JSON.stringify([{ Id: 17, RecoveryKeyId: id, RecoveryKey: key }])).line).toBe(1);
    const volume = { id: otherId, KeyProtector: [{ KeyProtectorId: id, RecoveryPassword: key }] };
    expect(found(JSON.stringify(volume))).toEqual({ line: 1, skipped: [] });
  });

  test('may be an object a line with blank lines between', () => {
    const lines = [
      { id: otherId, key: otherKey },
      { id, key },
    ].map((item) => JSON.stringify(item));
    expect(found(`${lines.join('\n\n \n')}\n\n`).line).toBe(2);
  });

  test('is refused when it is nested deeper than any program writes', () => {
    const object = JSON.stringify({ id, key });
    expect(found(`${'['.repeat(9)}${object}${']'.repeat(9)}`).line).toBe(1);
    expect(() => parseKeyFile(`${'['.repeat(300)}${object}${']'.repeat(300)}`)).toThrow(malformed);
  });
});

describe('tables of keys', () => {
  test('may end without a line feed', () => {
    expect(found(`dn: CN=a{${id}},DC=x\nmsFVE-RecoveryPassword: ${key}`).line).toBe(1);
    expect(found(`keyId,recoveryPassword\n${id},${key}`).line).toBe(2);
  });

  test('may have rows and headings that are longer than anybody reads', () => {
    expect(found(`keyId,recoveryPassword,${'note '.repeat(100)}\n${id},${key}${',more'.repeat(2000)}\n`).line).toBe(2);
    // A text that only ends as a heading does is none.
    expect(found(`${' '.repeat(300)}id,keyId,recoveryPassword\n${otherId},${id},${key}\n`).line).toBe(2);
  });

  test('list a hundred of the lines that were not used, and no more', () => {
    const { skipped } = parseKeyFile(`keyId,recoveryPassword\n${id},${key}\n${'none,none\n'.repeat(150)}`);
    expect(skipped).toHaveLength(100);
    expect(skipped.at(-1)).toEqual({ line: 102, reason: 'no-password' });
  });
});

describe('files in free text', () => {
  const padded = (i: number): string => String(i).padStart(8, '0');

  test('may be what Windows saved of a whole fleet, one after the other', () => {
    const saved = Array.from(
      { length: 5001 },
      (_, i) => `Identifier:\r\n\r\n\t${padded(i)}${id.slice(8)}\r\n\r\nRecovery Key:\r\n\r\n\t${key}\r\n\r\n`,
    );
    const file = parseKeyFile(saved.join(''));
    expect(file.count).toBe(5001);
    expect(file.entries.get(`${padded(5000)}${id.slice(8)}`)).toMatchObject([{ password: key }]);
  });

  test('are read to an end, however many lines with numbers they have', () => {
    const file = parseKeyFile(`${key}\n\n${id}\n\n${'100001\n'.repeat(50_010)}\n${'100001\n'.repeat(50_010)}`);
    expect(file.entries.get(id)).toMatchObject([{ line: 1, password: key }]);
  });
});

describe('a password without an id', () => {
  test('is offered to no volume that has no recovery password', () => {
    const provider = keyFileProvider(parseKeyFile(`${key}\n`));
    const keysOf = (type: KeyProtectorInfo['type']): unknown => provider.keysFor({ protectors: [{ id, type }] });
    expect(keysOf('recovery-password')).toMatchObject([{ text: key }]);
    expect(keysOf('tpm')).toEqual([]);
  });

  test('is not looked for in a file that is no file of keys by its size', () => {
    expect(() => recoveryPasswordIn(new Uint8Array((64 << 20) + 1))).toThrow(malformed);
  });
});

describe('a file that somebody says to hold the key', () => {
  const offered = (text: string | Uint8Array<ArrayBuffer>, ...types: KeyProtectorInfo['type'][]): unknown =>
    recoveryKeysIn(text, 'file').keysFor({ protectors: types.map((type) => ({ id, type })) });

  test('of several keys with ids offers none of them to a volume of other protectors', () => {
    const text = `${id},${key}\n${otherId},${otherKey}\n`;
    expect(offered(text, 'recovery-password')).toMatchObject([{ text: key, protectorId: id }]);
    expect(offered(text, 'password', 'tpm')).toEqual([]);
  });

  test('may begin as JSON does and be prose', () => {
    const text = `[from the ticket] ${id}: ${key}\n[another] ${otherId}: ${otherKey}\n`;
    expect(offered(text, 'recovery-password')).toMatchObject([{ text: key, protectorId: id }]);
  });

  test('may be UTF-32 with units that are no characters', () => {
    const units = [0xfeff, ...Array.from(`${id} ${key}\n`, (c) => c.charCodeAt(0)), 0x11_0000, 0xffff_ffff];
    const bytes = new Uint8Array(units.length * 4);
    for (const [i, unit] of units.entries()) new DataView(bytes.buffer).setUint32(i * 4, unit, true);
    expect(offered(bytes, 'recovery-password')).toMatchObject([{ text: key }]);
  });
});
