import { type Bytes, utf16Bytes } from '@deadbox/core';
import {
  checkRecoveryPassword,
  type KeyProtectorInfo,
  keyFileProvider,
  parseKeyFile,
  passwordsIn,
  recoveryKeysIn,
  recoveryPasswordIn,
  type UnlockKey,
} from '@deadbox/encryption';
import { describe, expect, test } from 'vitest';

const id = '64311DEA-4587-4029-924A-BA299647998E';
const key = '235818-357951-253979-013365-241120-245575-342914-591910';
const otherId = '0FBC0063-195C-4146-E33C-C45DB8D83F6F';
const otherKey = '529573-278784-259347-197835-171457-264044-610280-313269';
const protectors = [{ id, type: 'recovery-password' }] as KeyProtectorInfo[];

/** What Windows saves; the words are those of Windows 10 in each language. */
const saved: Record<string, string> = {
  English: `BitLocker Drive Encryption recovery key \r\n\r\nTo verify that this is the correct recovery key, compare the start of the following identifier with the identifier value displayed on your PC.\r\n\r\nIdentifier:\r\n\r\n\t${id}\r\n\r\nIf the above identifier matches the one displayed by your PC, then use the following key to unlock your drive.\r\n\r\nRecovery Key:\r\n\r\n\t${key}\r\n\r\nIf the above identifier doesn't match the one displayed by your PC, then this isn't the right key to unlock your drive.\r\n`,
  German: `BitLocker-Laufwerkverschlüsselung: Wiederherstellungsschlüssel \r\n\r\nBezeichner:\r\n\r\n\t${id}\r\n\r\nWiederherstellungsschlüssel:\r\n\r\n\t${key}\r\n\r\n`,
  Japanese: `BitLocker ドライブ暗号化の回復キー \r\n\r\nこれが正しい回復キーであるか確認するには、次の ID の先頭と PC に表示される ID 値を比較してください。\r\n\r\nID:\r\n\r\n\t${id}\r\n\r\n回復キー:\r\n\r\n\t${key}\r\n\r\n`,
  Arabic: `\u200fمفتاح استرداد تشفير محرك BitLocker\r\n\r\nالمعرف:\r\n\r\n\t\u202a${id}\u202c\r\n\r\nمفتاح الاسترداد:\r\n\r\n\t\u202a${key}\u202c\r\n`,
};

const forms: Record<string, string> = {
  ...saved,
  'several saved texts in one file': `${saved.English}\r\n${saved.German.replace(id, otherId).replace(key, otherKey)}`,
  'Graph, a single object': JSON.stringify({
    '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#informationProtection/bitlocker/recoveryKeys/$entity',
    id: id.toLowerCase(),
    createdDateTime: '2024-01-02T03:04:05Z',
    volumeType: '1',
    deviceId: '1ab40ab2-32a8-4b00-b6b5-ba724e407de9',
    key,
  }),
  'Graph, objects a line': `${JSON.stringify({ id: otherId, key: otherKey })}\n${JSON.stringify({ id, key })}\n`,
  'ConvertTo-Json of Get-BitLockerVolume': JSON.stringify({
    ComputerName: 'SRV07',
    MountPoint: 'C:',
    KeyProtector: [
      { KeyProtectorId: `{${otherId}}`, KeyProtectorType: 1, RecoveryPassword: '' },
      { KeyProtectorId: `{${id}}`, KeyProtectorType: 3, RecoveryPassword: key },
    ],
  }),
  'Get-BitLockerVolume | Format-List': `\r\nKeyProtectorId      : {${otherId}}\r\nAutoUnlockProtector : \r\nKeyProtectorType    : Tpm\r\nKeyFileName         : \r\nRecoveryPassword    : \r\n\r\nKeyProtectorId      : {${id}}\r\nAutoUnlockProtector : \r\nKeyProtectorType    : RecoveryPassword\r\nKeyFileName         : \r\nRecoveryPassword    : ${key}\r\n\r\n`,
  'Format-Table': `\r\nKeyProtectorId                         RecoveryPassword\r\n--------------                         ----------------\r\n{${otherId}}\r\n{${id}} ${key}\r\n`,
  'Format-Table that wraps': `KeyProtectorId         RecoveryPassword\n--------------         ----------------\n{${id}}\n  235818-357951-253979-\n  013365-241120-245575-\n  342914-591910\n`,
  'Get-ADObject | Format-List, broken at the window’s width': `\r\nDistinguishedName      : CN=2024-01-02T03:04:05-00:00{64311DEA-4587-4029-924A-BA29\r\n                         9647998E},CN=SRV07,OU=Server,DC=example,DC=net\r\nmsFVE-RecoveryPassword : 235818-357951-253979-013365-241120-245575-342914-591\r\n                         910\r\nObjectClass            : msFVE-RecoveryInformation\r\nObjectGUID             : ${otherId.toLowerCase()}\r\n`,
  'manage-bde -protectors -get': `BitLocker Drive Encryption: Configuration Tool version 10.0.19041\r\nCopyright (C) 2013 Microsoft Corporation. All rights reserved.\r\n\r\nVolume C: [OSDisk]\r\nAll Key Protectors\r\n\r\n    TPM:\r\n      ID: {${otherId}}\r\n      PCR Validation Profile:\r\n        0, 2, 4, 11\r\n\r\n    Numerical Password:\r\n      ID: {${id}}\r\n      Password:\r\n        ${key}\r\n\r\n`,
  'manage-bde in Japanese': `BitLocker ドライブ暗号化: 構成ツール バージョン 10.0.19041\r\n\r\nボリューム C: [OS]\r\nすべてのキーの保護機能\r\n\r\n    数字パスワード:\r\n      ID: {${id}}\r\n      パスワード:\r\n        ${key}\r\n\r\n    TPM:\r\n      ID: {${otherId}}\r\n`,
  'manage-bde in German with two passwords': `Volume "C:" [System]\nAlle Schlüsselschutzvorrichtungen\n\n    Numerisches Kennwort:\n      ID: {${otherId}}\n      Kennwort:\n        ${otherKey}\n\n    Numerisches Kennwort:\n      ID: {${id}}\n      Kennwort:\n        ${key}\n`,
  'LDIF, folded, with the id in base64': `version: 1\ndn: CN=2024-01-02T03:04:05-00:00{${otherId}},CN=SRV07,OU=Serv\n ers,DC=example,DC=net\nchangetype: add\nmsFVE-RecoveryGuid:: ${Buffer.from('EA1D316487452940924ABA299647998E', 'hex').toString('base64')}\nmsFVE-RecoveryPassword: 235818-357951-253979-013365-241120-245575-342914-5919\n 10\nmsFVE-VolumeGuid:: AAAAAAAAAAAAAAAAAAAAAA==\n\n`,
  'LDIF with the id only in a base64 name': `dn:: ${Buffer.from(`CN=2024-01-02T03:04:05-00:00{${id}},CN=Büro-PC,DC=example,DC=net`).toString('base64')}\r\nobjectGUID:: ${Buffer.alloc(16, 7).toString('base64')}\r\nmsFVE-RecoveryPassword: ${key}\r\n`,
  'LDIF of several records': `dn: CN=a{${otherId}},DC=x\nmsFVE-RecoveryPassword: ${otherKey}\n\ndn: CN=b{${id}},DC=x\nmsFVE-RecoveryPassword: ${key}\n`,
  'CSV with headings in German': `Computer;Kennwort-ID;Wiederherstellungskennwort\r\nSRV07;${id};${key}\r\n`,
  'CSV that names its separator': `sep=;\r\nkeyId;recoveryPassword\r\n${id};${key}\r\n`,
  'CSV with another id in front': `Gerät;Geräte-ID;Schlüssel-ID;Schlüssel\nPC;${otherId};${id};${key}\n`,
  'CSV with quotes and blanks for hyphens': `"keyId","recoveryPassword"\n"{${id}}","${key.replaceAll('-', ' ')}"\n`,
  'XML of Export-Clixml': `<Objs Version="1.1.0.1">\n<Obj RefId="0"><Props>\n<S N="KeyProtectorId">{${id}}</S>\n<S N="RecoveryPassword">${key}</S>\n</Props></Obj></Objs>`,
  'password before its id': `Recovery password: ${otherKey}\nfor ${otherId}\n\nRecovery password: ${key}\n\nfor ${id}\n`,
  'hyphens of a word processor': `${id} ${key.replaceAll('-', '‑')}`,
  dashes: `${id.replaceAll('-', '–')}\t${key.replaceAll('-', '—')}`,
  'digits and vowel marks of a Japanese keyboard': `${id}　${key.replaceAll('-', 'ー').replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))}`,
  'Arabic-Indic digits': `${id} ${key.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))}`,
  'the password alone': `${key}\r\n`,
};

const encodings: Record<string, (text: string) => Bytes> = {
  'UTF-8': (text) => new TextEncoder().encode(text),
  'UTF-8 with mark': (text) => new TextEncoder().encode(`\ufeff${text}`),
  'UTF-16LE with mark': (text) => utf16Bytes(`\ufeff${text}`),
  'UTF-16LE': (text) => utf16Bytes(text),
  'UTF-16BE with mark': (text) => swapped(utf16Bytes(`\ufeff${text}`)),
  'UTF-16BE': (text) => swapped(utf16Bytes(text)),
  'UTF-32LE with mark': (text) => utf32(`\ufeff${text}`, true),
  'UTF-32BE with mark': (text) => utf32(`\ufeff${text}`, false),
};

/** One number of 32 bits a character (Unicode 15, section 3.10, D99 to D101). */
function utf32(text: string, littleEndian: boolean): Bytes {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const view = new DataView(new ArrayBuffer(points.length * 4));
  for (const [i, point] of points.entries()) view.setUint32(i * 4, point, littleEndian);
  return new Uint8Array(view.buffer);
}

function swapped(bytes: Bytes): Bytes {
  return bytes.map((_, i) => bytes[i ^ 1]);
}

describe('a recovery password is found by its id', () => {
  for (const [name, text] of Object.entries(forms)) {
    test(`in ${name}, whatever the encoding and the line ends`, () => {
      for (const encode of Object.values(encodings)) {
        for (const lines of [text, text.replaceAll('\r\n', '\n'), text.replaceAll(/\r?\n/g, '\r\n')]) {
          const bytes = encode(lines);
          const before = bytes.slice();
          const keys = keyFileProvider(parseKeyFile(bytes, 'keys')).keysFor({ protectors });
          expect(keys).toMatchObject([{ kind: 'recovery-password', text: key }]);
          expect(bytes).toEqual(before);
        }
      }
    });
  }

  test('in Shift-JIS, with full-width digits', () => {
    // "回復キー " and the digits of the password as 82 4F … 82 58, with 81 7C for the hyphens.
    const digits = key.split('').flatMap((c) => (c === '-' ? [0x81, 0x7c] : [0x82, 0x4f + Number(c)]));
    const bytes = new Uint8Array([0x89, 0xf1, 0x95, 0x9c, 0x20, ...new TextEncoder().encode(`${id} `), ...digits]);
    expect(keyFileProvider(parseKeyFile(bytes)).keysFor({ protectors })).toMatchObject([{ text: key }]);
  });
});

describe('a key file', () => {
  test('with passwords and no ids is refused: which to stretch is not known', () => {
    expect(() => parseKeyFile(`${key}\n${otherKey}\n`)).toThrow(
      expect.objectContaining({ code: 'KEY_FILE_MALFORMED' }),
    );
  });

  test('offers the same password once, and of different ones for one id no more than 16 and the name of the next', () => {
    const other = (i: number): string => key.replace('013365', String(11 * (i + 1)).padStart(6, '0'));
    const lines = Array.from({ length: 100 }, (_, i) => `${id},${other(i)}`);
    expect(keyFileProvider(parseKeyFile(`${id},${key}\n${id};${key}\n`)).keysFor({ protectors })).toHaveLength(1);
    const offered = keyFileProvider(parseKeyFile(lines.join('\n'), 'keys')).keysFor({ protectors }) as UnlockKey[];
    expect(offered.filter((one) => !('overLimit' in one))).toHaveLength(16);
    expect(offered.slice(16)).toMatchObject([{ label: 'keys line 17', overLimit: true }]);
  });

  test('above its size is refused before it is read', () => {
    expect(() => parseKeyFile(new Uint8Array((64 << 20) + 1))).toThrow(
      expect.objectContaining({ code: 'KEY_FILE_MALFORMED' }),
    );
  });
});

describe('a file for one recovery password', () => {
  test('may be what Windows saves, in any language and encoding', () => {
    for (const text of Object.values(saved))
      for (const encode of Object.values(encodings)) expect(recoveryPasswordIn(encode(text))).toBe(key);
  });

  test('gives its first line where it holds none or several', () => {
    expect(recoveryPasswordIn(`${key.slice(7)}\nmore\n`)).toBe(key.slice(7));
    expect(recoveryPasswordIn(`two keys\n${key}\n${otherKey}\n`)).toBe('two keys');
  });

  test('or what is typed may hold the hyphens and digits of any keyboard', () => {
    for (const typed of ['235818ー357951', '235818‐357951', '235818−357951', '２３５８１８－３５７９５１'])
      expect(() => checkRecoveryPassword(key.replace('235818-357951', typed))).not.toThrow();
  });
});

describe('a file given as a recovery key', () => {
  const keysOf = (input: string | Bytes, locked = protectors): UnlockKey[] =>
    recoveryKeysIn(input, '--recovery-key #1').keysFor({ protectors: locked }) as UnlockKey[];
  const other = (i: number): string => key.replace('013365', String(11 * (i + 1)).padStart(6, '0'));

  test('with one password offers it to any volume, whatever the file calls it', () => {
    for (const text of [`${key}\r\n`, saved.Japanese, `${otherId},${key}`, JSON.stringify({ id: otherId, key })])
      expect(keysOf(text)).toEqual([{ kind: 'recovery-password', label: '--recovery-key #1', text: key }]);
  });

  test('with several offers each volume the one with its id', () => {
    const graph = [
      { id: otherId, key: otherKey },
      { id, key },
    ];
    for (const text of [
      `${otherId},${otherKey}\n${id},${key}\n`,
      JSON.stringify(graph),
      forms['LDIF of several records'],
    ])
      for (const encode of Object.values(encodings))
        expect(keysOf(encode(text))).toMatchObject([{ text: key, protectorId: id }]);
    const label = '--recovery-key #1 line 2';
    expect(keysOf(`${otherId},${otherKey}\n${id},${key}\n`)).toMatchObject([{ label }]);
  });

  test('with several and no id offers all of them, up to 16, and names the next', () => {
    expect(keysOf(`${otherKey}\n${key}\n${otherKey}\n`)).toMatchObject([{ text: otherKey }, { text: key }]);
    const many = keysOf(Array.from({ length: 40 }, (_, i) => other(i)).join('\n'));
    expect(many.filter((one) => !('overLimit' in one))).toHaveLength(16);
    expect(many.slice(16)).toMatchObject([{ label: '--recovery-key #1 line 17', overLimit: true }]);
  });

  test('without any offers its first line, of which can be said what is mistyped', () => {
    for (const text of [`${key.slice(1)}\nmore\n`, '{ not json'])
      expect(keysOf(text)).toMatchObject([{ label: '--recovery-key #1', text: text.split('\n')[0] }]);
  });
});

describe('a file given as a password', () => {
  test('holds one a line, whose blanks count', () => {
    for (const encode of Object.values(encodings))
      expect(passwordsIn(encode('pass word \r\n\r\nパスワード\r\npass word \r\n'), 'p')).toEqual([
        { kind: 'password', label: 'p', text: 'pass word ' },
        { kind: 'password', label: 'p line 3', text: 'パスワード' },
      ]);
  });

  test('may be empty, and of many lines 16 are tried and the next one named', () => {
    expect(passwordsIn('', 'p')).toEqual([{ kind: 'password', label: 'p', text: '' }]);
    const many = passwordsIn(Array.from({ length: 5000 }, (_, i) => `word${i}`).join('\n'), 'p');
    expect(many.slice(15)).toEqual([
      { kind: 'password', label: 'p line 16', text: 'word15' },
      { kind: 'password', label: 'p line 17', text: 'word16', overLimit: true },
    ]);
  });
});
