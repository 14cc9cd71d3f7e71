import { type Bytes, toHex } from '@deadbox/core';
import { describe, expect, test } from 'vitest';
import { createAes as createWebAes } from '../../../packages/encryption/src/aes.js';
import { createAes as createNodeAes } from '../../../packages/encryption/src/aes.node.js';
import { decryptCcm } from '../../../packages/encryption/src/bitlocker/keys/ccm.js';
import { recoveryPasswordBytes } from '../../../packages/encryption/src/bitlocker/keys/recovery-password.js';
import { compress, INITIAL, schedule } from '../../../packages/encryption/src/bitlocker/keys/sha256-words.js';
import { stretchKey } from '../../../packages/encryption/src/bitlocker/keys/stretch.js';
import { createStretch as createWebStretch } from '../../../packages/encryption/src/bitlocker/keys/stretch-rounds.js';
import { createStretch as createNodeStretch } from '../../../packages/encryption/src/bitlocker/keys/stretch-rounds.node.js';
import { type BitLockerMethod, methodById } from '../../../packages/encryption/src/bitlocker/metadata/method.js';
import { createSectorCipher } from '../../../packages/encryption/src/bitlocker/sectors/sector-cipher.js';

const hex = (text: string): Bytes => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('SHA-256 on words', () => {
  test('gives the digest of "abc" in FIPS 180-4', () => {
    const words = new Int32Array(64);
    words.set([0x61626380, ...Array<number>(14).fill(0), 24]);
    const state = INITIAL.slice();
    schedule(words);
    compress(state, words);
    const text = Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
    expect(text).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('key stretching (published values of three volumes)', () => {
  const initial = hex('fdd303817e456f7a4b64a7063ae00be752a46841e57da98caf8522f136cb3411');
  const salt = hex('2ba080989af9b50c203aaebd0b40d498');
  for (const [rounds, expected] of [
    [1, '6882fbdeb43b35f551e871a19eef17a993650f802d5ce87ed78d990c5b8af9f8'],
    [2, 'b1b3c9bd2f17c076ce92fe5c1082505c5c93415c9fa7d0cc0d00770dd8e29733'],
    [1000, '84201ac4cb6ccf14c4e5dc2b5fec8708dfadd5a8f5653897e5c3937ca8eaf0be'],
    [1_048_576, '1a39f926dab83e947fa85125b91e556e9ecc2bc5968924e03de234878d1fd4bd'],
  ] as const) {
    test(`${rounds} rounds of a recovery password`, async () =>
      expect(toHex(await stretchKey(initial, salt, { rounds }))).toBe(expected));
  }

  for (const [side, createStretch] of [
    ['plain JavaScript', createWebStretch],
    ["the system's OpenSSL", createNodeStretch],
  ] as const) {
    test(`1,000 rounds in ${side}, in two goes`, () => {
      const stretch = createStretch(initial, salt);
      stretch.run(0, 300);
      stretch.run(300, 1000);
      expect(toHex(stretch.result())).toBe('84201ac4cb6ccf14c4e5dc2b5fec8708dfadd5a8f5653897e5c3937ca8eaf0be');
      stretch.wipe();
      expect(stretch.result().every((byte) => byte === 0)).toBe(true);
    });
  }

  test('1,000 rounds of the second volume', async () => {
    const other = hex('213ae28ee59ee0836c8942d106f156251f9ba3acdb00c83ad0538e51b3c410f1');
    const stretched = await stretchKey(other, hex('acb87bebfdb31cc1716087eda2508c8c'), { rounds: 1000 });
    expect(toHex(stretched)).toBe('44ae95693b593c0895906c28cf5ef371ad07d0dc81dcf084f1b2592bfd08c221');
  });

  test('reports progress and stops at once when told to', async () => {
    const seen: number[] = [];
    const controller = new AbortController();
    const running = stretchKey(initial, salt, {
      signal: controller.signal,
      onProgress: (fraction) => {
        seen.push(fraction);
        if (seen.length === 3) controller.abort(new Error('stopped'));
      },
    });
    await expect(running).rejects.toThrow('stopped');
    expect(seen).toHaveLength(3);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe('recovery passwords become the published 16 bytes', () => {
  for (const [text, expected] of [
    ['235818-357951-253979-013365-241120-245575-342914-591910', 'be531d7f315abf04a0553557c67932d2'],
    ['529573-278784-259347-197835-171457-264044-610280-313269', '0fbc0063195c4146e33cc45db8d83f6f'],
  ] as const) {
    test(text.slice(0, 6), () => expect(toHex(recoveryPasswordBytes(text))).toBe(expected));
  }
});

describe('AES-CCM (published values)', () => {
  const stretched = hex('1a39f926dab83e947fa85125b91e556e9ecc2bc5968924e03de234878d1fd4bd');
  const nonce = hex('c049ba6f3632d50106000000');
  const tag = hex('0cf85869dd1a2a024c48d0f6aa00b997');
  const cipher = hex('005e2014c039b7de88e6906efdbe83055dcb5c097dbe3fe86860ef7bae367a13178587cd8cd11af5713d0bb7');
  const masterKey = 'e5862465920b1190605ae29547623fb9c0dbafab073c85634bfb0f8a4b8cf46b';

  test('the stretched recovery password opens the volume master key', () => {
    expect(toHex(decryptCcm(stretched, nonce, tag, cipher) as Bytes)).toBe(
      `2c000000010000000320000 0${masterKey}`.replace(' ', ''),
    );
  });

  test('the volume master key opens the volume key and the hash of the metadata', () => {
    const fvek = decryptCcm(
      hex(masterKey),
      hex('c049ba6f3632d50108000000'),
      hex('c83ef7a71e23b0b146ffd20691856484'),
      hex('bf886e2f056985d40b004f3b46d5929a1f1a09b20d2778fa3ca2d803f29ea3395c6b4723dd601b34997ae75e'),
    );
    expect(toHex(fvek as Bytes).slice(24)).toBe('cc493ad40376cf719d3725073d5c1a6ca5759fc4ad179c95572f16c01a260d66');
    const hash = decryptCcm(
      hex(masterKey),
      hex('592e837d3632d58109000000'),
      hex('8c4122d6fa4868e534b9166d9c8b0a3e'),
      hex('4bad541f1957d024eeac170384db2725a00393b357f7ed82598d5c3eaa9434edd8854082ea8f70be89f5b93a'),
    );
    expect(toHex(hash as Bytes).slice(24)).toBe('650451a7c3b43919f3fdae49ae17c72a51a1f6bd77b64cb94152a4f722135d16');
  });

  test('a clear key opens its volume master key', () => {
    const opened = decryptCcm(
      hex('b54c90d8ae44e66ae508257889617dfe0b5d6c94423312a39c274d902d68979a'),
      hex('105825e706c9d70102000000'),
      hex('b6c2570ec24d76d5d65049e52aaf8966'),
      hex('f8cc1ae36cd15d17399f63194993065c28b57862cb0a09efb7750270b725b02fe93e371a8de46405943489cb'),
    );
    expect(toHex(opened as Bytes).slice(24)).toBe('3b7f6cf8cda9d5b1d29f042a39a3e24153b3d3b803c0b281fb586b5e6261e1fc');
  });

  test('refuses a wrong key, a changed tag and a changed ciphertext', () => {
    const flipped = (bytes: Bytes): Bytes => bytes.map((value, i) => (i === 3 ? value ^ 1 : value));
    expect(decryptCcm(flipped(stretched), nonce, tag, cipher)).toBeUndefined();
    expect(decryptCcm(stretched, nonce, flipped(tag), cipher)).toBeUndefined();
    expect(decryptCcm(stretched, nonce, tag, flipped(cipher))).toBeUndefined();
  });
});

describe('sectors (published beginnings of real volumes)', () => {
  const cases = [
    {
      name: 'XTS-AES-128',
      method: 0x8004,
      key: 'cc493ad40376cf719d3725073d5c1a6ca5759fc4ad179c95572f16c01a260d66',
      offset: 0x21a5000,
      cipher: 'e90bf7ec3a2eb1f74533d6b88d7ab8fa35b5355b2211283989beb8467c648305',
      plain: 'eb52904e5446532020202000020800000000000000f800003f00ff0000480600',
    },
    {
      name: 'XTS-AES-128 of a volume with a clear key',
      method: 0x8004,
      key: 'c2b5d4b14b9be293f0931c7c0b431576cab97851a89f58eff67b8af81250abdb',
      offset: 0x2200000,
      cipher: '5d27f75b0024b24da87071643377818e',
      plain: 'eb52904e544653202020200002080000',
    },
  ];
  for (const { name, method, key, offset, cipher, plain } of cases) {
    test(name, async () => {
      const sector = new Uint8Array(512);
      sector.set(hex(cipher));
      await createSectorCipher(methodById(method) as BitLockerMethod, hex(key), 512).decrypt(sector, offset);
      expect(toHex(sector.subarray(0, cipher.length / 2))).toBe(plain);
    });
  }
});

describe('both sides of #aes agree with each other and with FIPS 197', () => {
  test('encrypts and decrypts the block of appendix C', async () => {
    const plain = hex('00112233445566778899aabbccddeeff');
    for (const [length, expected] of [
      [16, '69c4e0d86a7b0430d8cdb78070b4c55a'],
      [32, '8ea2b7ca516745bfeafc49904b496089'],
    ] as const) {
      const key = Uint8Array.from({ length }, (_, i) => i);
      for (const aes of [createNodeAes(key), createWebAes(key)]) {
        expect(toHex(aes.encryptBlocks(plain))).toBe(expected);
        expect(toHex(await aes.decryptBlocks(hex(expected)))).toBe(toHex(plain));
      }
    }
  });

  for (const size of [16, 512, 2032, 2048, 4096, 65536]) {
    test(`decrypts ${size} bytes alike`, async () => {
      const key = Uint8Array.from({ length: 32 }, (_, i) => i * 5 + 1);
      const data = Uint8Array.from({ length: size }, (_, i) => (i * 31) ^ (i >> 7));
      expect(toHex(await createWebAes(key).decryptBlocks(data.slice()))).toBe(
        toHex(await createNodeAes(key).decryptBlocks(data.slice())),
      );
    });
  }
});

describe('sector ciphers', () => {
  for (const method of [0x8000, 0x8001, 0x8002, 0x8003, 0x8004, 0x8005]) {
    for (const sectorSize of [512, 4096]) {
      test(`0x${method.toString(16)} with sectors of ${sectorSize}: what is encrypted one by one decrypts in batches, far into a volume`, async () => {
        const description = methodById(method) as BitLockerMethod;
        const key = Uint8Array.from({ length: description.storedLength }, (_, i) => i * 11 + 3);
        const cipher = createSectorCipher(description, key, sectorSize);
        const offset = 5 * 2 ** 40 + sectorSize * 7;
        const plain = Uint8Array.from(
          { length: 300 * 1024 - ((300 * 1024) % sectorSize) },
          (_, i) => (i * 7) ^ (i >> 9),
        );
        const sealed = plain.slice();
        for (let at = 0; at < sealed.length; at += sectorSize)
          cipher.encrypt(sealed.subarray(at, at + sectorSize), offset + at);
        expect(toHex(sealed.subarray(0, 64))).not.toBe(toHex(plain.subarray(0, 64)));
        await cipher.decrypt(sealed, offset);
        expect(Buffer.compare(sealed, plain)).toBe(0);
        cipher.wipe();
        expect(() => cipher.encrypt(sealed.subarray(0, sectorSize), 0)).toThrow(/wiped/);
      });
    }
  }
});
