import { advance, andThen, type Bytes, type MaybePromise } from '@deadbox/core';
import { createAes } from '#aes';
import type { Aes } from '../../aes.js';
import type { BitLockerMethod } from '../metadata/method.js';
import { applyDiffusers, undoDiffusers } from './diffuser.js';

/** Encrypts and decrypts whole sectors of one volume; holds the volume's key until {@link SectorCipher.wipe}. */
export interface SectorCipher {
  /**
   * Decrypts in place.
   * @param sectors - whole sectors that follow one another; must begin at a multiple of 4 bytes in their buffer
   * @param offset - volume offset where this ciphertext is stored, in bytes
   */
  decrypt(sectors: Bytes, offset: number): MaybePromise<void>;
  /** Encrypts in place; the mirror of `decrypt`. For few sectors: it is not batched as decryption is. */
  encrypt(sectors: Bytes, offset: number): void;
  /** Overwrites the keys; any later call throws. */
  wipe(): void;
}

/**
 * The cipher of a volume.
 * @param key - full volume encryption key as stored, `method.storedLength` bytes; not kept, the caller wipes it
 * @param sectorSize - bytes: unit of encryption and, for XTS, divisor of the offset
 */
export function createSectorCipher(method: BitLockerMethod, key: Bytes, sectorSize: number): SectorCipher {
  // Views, not copies: the caller wipes the key, and nothing else holds it.
  const data = createAes(key.subarray(0, method.keyLength));
  const { tweakAt: at } = method;
  const tweak = at === undefined ? undefined : createAes(key.subarray(at, at + method.keyLength));
  const cipher =
    method.mode === 'xts' ? new XtsCipher(data, tweak as Aes, sectorSize) : new CbcCipher(data, tweak, sectorSize);
  return inBatches(cipher, data.batch);
}

/** Cuts long runs into batches of the size that the AES implementation is fastest with. */
function inBatches(cipher: SectorCipher, batch: number): SectorCipher {
  const decrypt = (sectors: Bytes, offset: number): MaybePromise<void> =>
    advance(sectors.length, (at) =>
      andThen(cipher.decrypt(sectors.subarray(at, at + batch), offset + at), () => batch),
    );
  return {
    decrypt: (sectors, offset) =>
      sectors.length <= batch ? cipher.decrypt(sectors, offset) : decrypt(sectors, offset),
    encrypt: (sectors, offset) => cipher.encrypt(sectors, offset),
    wipe: () => cipher.wipe(),
  };
}

/** Words of `bytes`, which begin at a multiple of 4 in their buffer: in a copy the work would be lost. */
function wordsOf(bytes: Bytes): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}

/** Writes `value` (up to 2^53) as a 16-byte little-endian number at word `at`. */
function putNumber(words: Int32Array, at: number, value: number): void {
  words[at] = value % 0x1_0000_0000;
  words[at + 1] = Math.floor(value / 0x1_0000_0000);
  words[at + 2] = 0;
  words[at + 3] = 0;
}

/** XTS-AES (IEEE 1619-2007): tweak = sector number, whole blocks only, so ciphertext stealing never occurs. */
class XtsCipher implements SectorCipher {
  readonly #data: Aes;
  readonly #tweak: Aes;
  readonly #sectorSize: number;

  constructor(data: Aes, tweak: Aes, sectorSize: number) {
    this.#data = data;
    this.#tweak = tweak;
    this.#sectorSize = sectorSize;
  }

  decrypt(sectors: Bytes, offset: number): MaybePromise<void> {
    const tweaks = this.#firstTweaks(sectors.length, offset);
    const words = wordsOf(sectors);
    maskBlocks(words, words, tweaks, this.#sectorSize >> 2);
    return andThen(this.#data.decryptBlocks(sectors), (plain) =>
      maskBlocks(words, wordsOf(plain), tweaks, this.#sectorSize >> 2),
    );
  }

  encrypt(sectors: Bytes, offset: number): void {
    const tweaks = this.#firstTweaks(sectors.length, offset);
    const words = wordsOf(sectors);
    maskBlocks(words, words, tweaks, this.#sectorSize >> 2);
    maskBlocks(words, wordsOf(this.#data.encryptBlocks(sectors)), tweaks, this.#sectorSize >> 2);
  }

  wipe(): void {
    this.#data.wipe();
    this.#tweak.wipe();
  }

  /** The tweak of each sector's first block, all encrypted in one call. */
  #firstTweaks(length: number, offset: number): Int32Array {
    const count = length / this.#sectorSize;
    const numbers = new Int32Array(count * 4);
    const firstSector = offset / this.#sectorSize;
    for (let i = 0; i < count; i += 1) putNumber(numbers, i * 4, firstSector + i);
    return wordsOf(this.#tweak.encryptBlocks(new Uint8Array(numbers.buffer)));
  }
}

/**
 * `target = source ^ tweaks`: each block's tweak is the one before times x in GF(2^128). Computed again in both passes:
 * that is cheaper than a table of all tweaks, which falls out of the processor's cache.
 * @param first - the tweak of each sector's first block, four words each
 */
function maskBlocks(target: Int32Array, source: Int32Array, first: Int32Array, perSector: number): void {
  for (let sector = 0, at = 0; at < target.length; sector += 4) {
    let a = first[sector];
    let b = first[sector + 1];
    let c = first[sector + 2];
    let d = first[sector + 3];
    for (const end = at + perSector; at < end; at += 4) {
      target[at] = source[at] ^ a;
      target[at + 1] = source[at + 1] ^ b;
      target[at + 2] = source[at + 2] ^ c;
      target[at + 3] = source[at + 3] ^ d;
      // x^128 = x^7 + x^2 + x + 1 (0x87)
      const carry = (d >> 31) & 0x87;
      d = (d << 1) | (c >>> 31);
      c = (c << 1) | (b >>> 31);
      b = (b << 1) | (a >>> 31);
      a = (a << 1) ^ carry;
    }
  }
}

/**
 * AES-CBC with IV = E(byte offset), with or without the Elephant diffuser. Source: libbde format document; Ferguson
 * 2006.
 */
class CbcCipher implements SectorCipher {
  readonly #data: Aes;
  readonly #tweak: Aes | undefined;
  readonly #sectorSize: number;

  constructor(data: Aes, tweak: Aes | undefined, sectorSize: number) {
    this.#data = data;
    this.#tweak = tweak;
    this.#sectorSize = sectorSize;
  }

  decrypt(sectors: Bytes, offset: number): MaybePromise<void> {
    return andThen(this.#data.decryptBlocks(sectors), (plain) => this.#finish(sectors, plain, offset));
  }

  /**
   * All blocks were decrypted on their own; now each is chained to the ciphertext before it, which still stands in
   * `sectors`.
   */
  #finish(sectors: Bytes, plain: Bytes, offset: number): void {
    const cipher = wordsOf(sectors);
    const words = wordsOf(plain);
    const ivs = this.#ivs(sectors.length, offset);
    const perSector = this.#sectorSize >> 2;
    for (let from = 0, iv = 0; from < words.length; from += perSector, iv += 4) {
      for (let i = from + perSector - 1; i >= from + 4; i -= 1) cipher[i] = words[i] ^ cipher[i - 4];
      for (let i = 0; i < 4; i += 1) cipher[from + i] = words[from + i] ^ ivs[iv + i];
    }
    if (this.#tweak === undefined) return;
    const keys = this.#sectorKeys(sectors.length, offset);
    for (let from = 0, key = 0; from < cipher.length; from += perSector, key += 8) {
      undoDiffusers(cipher, from, perSector);
      for (let i = 0; i < perSector; i += 1) cipher[from + i] ^= keys[key + (i & 7)];
    }
  }

  encrypt(sectors: Bytes, offset: number): void {
    const words = wordsOf(sectors);
    const ivs = this.#ivs(sectors.length, offset);
    const keys = this.#tweak === undefined ? undefined : this.#sectorKeys(sectors.length, offset);
    const perSector = this.#sectorSize >> 2;
    const block = new Int32Array(4);
    for (let from = 0, sector = 0; from < words.length; from += perSector, sector += 1) {
      if (keys !== undefined) {
        for (let i = 0; i < perSector; i += 1) words[from + i] ^= keys[sector * 8 + (i & 7)];
        applyDiffusers(words, from, perSector);
      }
      for (let at = from; at < from + perSector; at += 4) {
        for (let i = 0; i < 4; i += 1)
          block[i] = words[at + i] ^ (at === from ? ivs[sector * 4 + i] : words[at + i - 4]);
        words.set(wordsOf(this.#data.encryptBlocks(new Uint8Array(block.buffer))), at);
      }
    }
  }

  wipe(): void {
    this.#data.wipe();
    this.#tweak?.wipe();
  }

  #ivs(length: number, offset: number): Int32Array {
    const numbers = new Int32Array((length / this.#sectorSize) * 4);
    for (let i = 0; i < numbers.length; i += 4) putNumber(numbers, i, offset + (i >> 2) * this.#sectorSize);
    return wordsOf(this.#data.encryptBlocks(new Uint8Array(numbers.buffer)));
  }

  /** 32 bytes a sector: E(tweak key, e) || E(tweak key, e'), where e' differs from e in its last byte, 0x80. */
  #sectorKeys(length: number, offset: number): Int32Array {
    const numbers = new Int32Array((length / this.#sectorSize) * 8);
    for (let i = 0; i < numbers.length; i += 8) {
      putNumber(numbers, i, offset + (i >> 3) * this.#sectorSize);
      putNumber(numbers, i + 4, offset + (i >> 3) * this.#sectorSize);
      numbers[i + 7] = 0x8000_0000 | 0;
    }
    return wordsOf((this.#tweak as Aes).encryptBlocks(new Uint8Array(numbers.buffer)));
  }
}
