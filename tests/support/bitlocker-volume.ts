import { createCipheriv, createHash, hash as hashOnce } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { STRETCHED_KEYS } from './encryption/stretched-keys.js';

/**
 * Makes a BitLocker volume from the bytes of a plain volume, with OpenSSL's ciphers only: no code of deadbox takes
 * part, so that the tests that open it prove something. Accepted by dislocker-file, by cryptsetup and (without a clear
 * key) by bdeinfo.
 */
export interface BitLockerRecipe {
  /** 0x8000 AES-CBC-128 + Elephant, 0x8002 / 0x8003 AES-CBC, 0x8004 / 0x8005 XTS-AES. Default 0x8004. */
  method?: 0x8000 | 0x8002 | 0x8003 | 0x8004 | 0x8005;
  /** 48 digits with dashes. */
  recoveryPassword?: string;
  password?: string;
  /** 32 bytes: a startup key; its file is in the result. */
  startupKey?: Uint8Array;
  clearKey?: boolean;
  /**
   * Where the three metadata copies go (64 KiB each; the moved header of 8 KiB and another 64 KiB follow the first):
   * places that are zero in `plain`.
   */
  metadataOffsets?: [number, number, number];
  /**
   * Volume offset from which the data stays plain, and the states to go with it (Windows 7 style). Default: all
   * encrypted.
   */
  boundary?: number;
  states?: [number, number];
  description?: string;
  /** Bytes a sector: 512 (default) or 4096; the format has room for those between, which Windows does not make. */
  sectorSize?: 512 | 1024 | 2048 | 4096;
}

/** A made volume and what its keys are. */
export interface MadeBitLockerVolume {
  bytes: Uint8Array<ArrayBuffer>;
  /** What the decrypted volume must read as. */
  expected: Uint8Array<ArrayBuffer>;
  ids: { recoveryPassword?: string; password?: string; startupKey?: string; clearKey?: string };
  startupKeyFile?: Uint8Array<ArrayBuffer>;
  masterKey: Uint8Array<ArrayBuffer>;
  volumeKey: Uint8Array<ArrayBuffer>;
  headerOffset: number;
  metadataOffsets: [number, number, number];
}

const METADATA = 65536;
const FILETIME = 0x01da_d992_0000_0000n; // July 2024
const STORED: Record<number, { cipher: string; length: number }> = {
  0x8000: { cipher: 'elephant', length: 64 },
  0x8002: { cipher: 'aes-128-cbc', length: 16 },
  0x8003: { cipher: 'aes-256-cbc', length: 32 },
  0x8004: { cipher: 'aes-128-xts', length: 32 },
  0x8005: { cipher: 'aes-256-xts', length: 64 },
};

/** The salts of the two kinds of typed secrets. */
export const SALTS: Readonly<Record<'password' | 'recovery', Buffer>> = {
  password: bytesOf('password salt', 16),
  recovery: bytesOf('recovery password salt', 16),
};

/** Reproducible bytes: the same recipe gives the same volume. */
function bytesOf(seed: string, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i * 32 < length; i += 1) parts.push(createHash('sha256').update(`${seed} ${i}`).digest());
  return Buffer.concat(parts).subarray(0, length);
}

export function makeBitLockerVolume(plain: Uint8Array, recipe: BitLockerRecipe): MadeBitLockerVolume {
  const method = recipe.method ?? 0x8004;
  const sectorSize = recipe.sectorSize ?? 512;
  const { cipher, length } = STORED[method];
  const masterKey = bytesOf('volume master key', 32);
  const volumeKey = bytesOf('full volume encryption key', length);
  const metadataOffsets = recipe.metadataOffsets ?? freePlaces(plain);
  const headerOffset = metadataOffsets[0] + METADATA;
  const headerLength = 8192;
  const boundary = recipe.boundary ?? plain.length;

  const bytes = Buffer.from(plain);
  const seal = (target: Buffer, at: number): void => {
    const done = encryptSector(cipher, volumeKey, target.subarray(0, sectorSize), at, sectorSize);
    done.copy(bytes, at);
  };
  for (let at = 0; at < boundary; at += sectorSize) seal(bytes.subarray(at, at + sectorSize), at);
  for (let at = 0; at < headerLength; at += sectorSize) {
    const sector = Buffer.from(plain.subarray(at, at + sectorSize));
    if (headerOffset + at < boundary) seal(sector, headerOffset + at);
    else sector.copy(bytes, headerOffset + at);
  }
  volumeHeader(metadataOffsets, sectorSize).copy(bytes, 0);

  const ids: MadeBitLockerVolume['ids'] = {};
  const { entries, startupKeyFile } = protectorEntries(recipe, masterKey, ids);
  const description = recipe.description ?? 'DEADBOX C: 7/19/2024';
  const data = Buffer.concat([
    datum(7, 2, utf16(`${description}\0`)),
    ...entries,
    ccmDatum(3, masterKey, keyEntry(method, volumeKey), 90),
    datum(0x0f, 0x0f, relocated(headerOffset, headerLength, sectorSize)),
  ]);
  const block = metadataBlock(
    data,
    method,
    metadataOffsets,
    headerOffset,
    headerLength / sectorSize,
    boundary,
    recipe.states ?? [4, 4],
  );
  const validation = Buffer.alloc(8);
  validation.writeUInt16LE(0x10000 - block.length, 0);
  validation.writeUInt16LE(2, 2);
  validation.writeUInt32LE(crc32(block), 4);
  const proof = ccmDatum(0, masterKey, keyEntry(0x2005, createHash('sha256').update(block).digest()), 91);
  for (const offset of metadataOffsets) {
    bytes.fill(0, offset, offset + METADATA);
    Buffer.concat([block, validation, proof]).copy(bytes, offset);
  }

  const expected = Buffer.from(plain);
  for (const offset of metadataOffsets) expected.fill(0, offset, offset + METADATA);
  expected.fill(0, headerOffset, headerOffset + headerLength);
  return {
    bytes: plainArray(bytes),
    expected: plainArray(expected),
    ids,
    ...(startupKeyFile === undefined ? {} : { startupKeyFile: plainArray(startupKeyFile) }),
    masterKey: plainArray(masterKey),
    volumeKey: plainArray(volumeKey),
    headerOffset,
    metadataOffsets,
  };
}

function plainArray(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(buffer);
}

/**
 * Three places of zeros with room for the metadata, the moved header and the file behind it, spread over the volume.
 */
function freePlaces(plain: Uint8Array): [number, number, number] {
  const room = METADATA * 3;
  const found: number[] = [];
  const view = Buffer.from(plain.buffer, plain.byteOffset, plain.length);
  const zeros = Buffer.alloc(room);
  const spread = Math.floor(plain.length / 4 / METADATA) * METADATA;
  for (let at = METADATA; at + room <= plain.length && found.length < 3; at += METADATA) {
    if (view.compare(zeros, 0, room, at, at + room) !== 0) continue;
    found.push(at);
    at = Math.max(at + room, found.length * spread) - METADATA;
  }
  if (found.length < 3) throw new Error('no three places of zeros in the plain volume');
  return found as [number, number, number];
}

function volumeHeader(offsets: readonly number[], sectorSize: number): Buffer {
  const sector = Buffer.alloc(512);
  Buffer.from([0xeb, 0x58, 0x90]).copy(sector, 0);
  sector.write('-FVE-FS-', 3, 'latin1');
  sector.writeUInt16LE(sectorSize, 11);
  sector[13] = 4096 / sectorSize;
  sector[21] = 0xf8;
  sector.writeUInt16LE(63, 24);
  sector.writeUInt16LE(255, 26);
  sector.writeUInt32LE(2048, 28);
  sector.writeUInt32LE(0x1fe0, 36);
  sector.writeUInt32LE(1, 48);
  sector.writeUInt16LE(6, 50);
  sector[64] = 0x80;
  sector[66] = 0x29;
  sector.write('NO NAME    FAT32   ', 71, 'latin1');
  guidBytes('4967D63B-2E29-4AD8-8399-F6A339E3D001').copy(sector, 0xa0);
  offsets.forEach((offset, i) => sector.writeBigUInt64LE(BigInt(offset), 0xb0 + i * 8));
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

function metadataBlock(
  data: Buffer,
  method: number,
  offsets: readonly number[],
  headerOffset: number,
  headerSectors: number,
  boundary: number,
  states: readonly [number, number],
): Buffer {
  const size = Math.ceil((64 + 48 + data.length) / 16) * 16;
  const block = Buffer.alloc(size);
  block.write('-FVE-FS-', 0, 'latin1');
  block.writeUInt16LE(size / 16, 8);
  block.writeUInt16LE(2, 10);
  block.writeUInt16LE(states[0], 12);
  block.writeUInt16LE(states[1], 14);
  block.writeBigUInt64LE(BigInt(boundary), 16);
  block.writeUInt32LE(headerSectors, 28);
  offsets.forEach((offset, i) => block.writeBigUInt64LE(BigInt(offset), 32 + i * 8));
  block.writeBigUInt64LE(BigInt(headerOffset), 56);
  block.writeUInt32LE(48 + data.length, 64);
  block.writeUInt32LE(1, 68);
  block.writeUInt32LE(48, 72);
  block.writeUInt32LE(48 + data.length, 76);
  bytesOf('volume id', 16).copy(block, 80);
  block.writeUInt32LE(100, 96);
  block.writeUInt16LE(method, 100);
  block.writeUInt16LE(method, 102);
  block.writeBigUInt64LE(FILETIME, 104);
  data.copy(block, 112);
  return block;
}

function protectorEntries(
  recipe: BitLockerRecipe,
  masterKey: Buffer,
  ids: MadeBitLockerVolume['ids'],
): { entries: Buffer[]; startupKeyFile?: Buffer } {
  const entries: Buffer[] = [];
  const wrapped = (key: Uint8Array, nonce: number): Buffer => ccmDatum(0, key, keyEntry(0x2003, masterKey), nonce);
  let startupKeyFile: Buffer | undefined;
  if (recipe.clearKey === true) {
    const key = bytesOf('clear key', 32);
    const id = bytesOf('clear key id', 16);
    ids.clearKey = guidText(id);
    entries.push(protector(id, 0x0000, [datum(0, 1, keyPayload(0x2000, key)), wrapped(key, 2)], 3));
  }
  if (recipe.password !== undefined) {
    const id = bytesOf('password id', 16);
    const salt = SALTS.password;
    const once = createHash('sha256').update(utf16(recipe.password)).digest();
    const key = stretched(createHash('sha256').update(once).digest(), salt);
    ids.password = guidText(id);
    entries.push(
      protector(id, 0x2000, [
        stretchDatum(0x1001, salt, ccmDatum(0, masterKey, keyEntry(0x2007, key), 5)),
        wrapped(key, 6),
      ]),
    );
  }
  if (recipe.recoveryPassword !== undefined) {
    const id = bytesOf('recovery password id', 16);
    const salt = SALTS.recovery;
    const secret = Buffer.alloc(16);
    recipe.recoveryPassword.split('-').forEach((group, i) => secret.writeUInt16LE(Number(group) / 11, i * 2));
    const key = stretched(createHash('sha256').update(secret).digest(), salt);
    ids.recoveryPassword = guidText(id);
    const nested = Buffer.concat([
      ccmDatum(0x12, masterKey, keyEntry(0x1000, secret), 7),
      ccmDatum(0x13, masterKey, keyEntry(0x2008, key), 8),
    ]);
    entries.push(protector(id, 0x0800, [stretchDatum(0x1000, salt, nested), wrapped(key, 9)]));
  }
  if (recipe.startupKey !== undefined) {
    const id = bytesOf('startup key id', 16);
    ids.startupKey = guidText(id);
    const name = datum(0, 2, utf16('ExternalKey\0'));
    const use = Buffer.concat([u16(0x2002), u16(0), ccmDatum(0, masterKey, keyEntry(0x2002, recipe.startupKey), 10)]);
    entries.push(protector(id, 0x0200, [name, datum(0, 4, use), wrapped(recipe.startupKey, 11)]));
    const external = datum(6, 9, Buffer.concat([id, time(), name, datum(0, 1, keyPayload(0x2002, recipe.startupKey))]));
    const size = u32(48 + external.length);
    startupKeyFile = Buffer.concat([size, u32(1), u32(48), size, id, u32(1), u32(0), time(), external]);
  }
  return startupKeyFile === undefined ? { entries } : { entries, startupKeyFile };
}

function protector(id: Buffer, type: number, children: readonly Buffer[], flags = 1): Buffer {
  return datum(2, 8, Buffer.concat([id, time(), u16(0), u16(type), ...children]), flags);
}

function stretchDatum(type: number, salt: Buffer, nested: Buffer): Buffer {
  return datum(0, 3, Buffer.concat([u16(type), u16(0), salt, nested]));
}

/** Stretched with OpenSSL: over a second, so the keys of the usual secrets are written down. */
function stretched(initial: Buffer, salt: Buffer): Buffer {
  const known = STRETCHED_KEYS.get(initial.toString('hex'));
  return known === undefined ? stretchedAnew(initial, salt) : Buffer.from(known, 'hex');
}

/** 1,048,576 rounds with OpenSSL. */
export function stretchedAnew(initial: Buffer, salt: Buffer): Buffer {
  const message = Buffer.alloc(88);
  initial.copy(message, 32);
  salt.copy(message, 64);
  for (let count = 0; count < 0x10_0000; count += 1) {
    message.writeUInt32LE(count, 80);
    message.set(hashOnce('sha256', message, 'buffer'));
  }
  return Buffer.from(message.subarray(0, 32));
}

function datum(entryType: number, valueType: number, payload: Uint8Array, flags = 1): Buffer {
  return Buffer.concat([u16(8 + payload.length), u16(entryType), u16(valueType), u16(flags), payload]);
}

function keyPayload(type: number, key: Uint8Array): Buffer {
  return Buffer.concat([u16(type), u16(0), key]);
}

/** A key in the form that AES-CCM entries hold. */
export function keyEntry(type: number, key: Uint8Array): Buffer {
  return datum(0, 1, keyPayload(type, key), 0);
}

/** An AES-CCM entry with `plain` under `key`. */
export function ccmDatum(entryType: number, key: Uint8Array, plain: Buffer, counter: number): Buffer {
  const nonce = Buffer.concat([time(), u32(counter)]);
  const cipher = createCipheriv('aes-256-ccm', key, nonce, { authTagLength: 16 });
  const sealed = cipher.update(plain);
  cipher.final();
  return datum(entryType, 5, Buffer.concat([nonce, cipher.getAuthTag(), sealed]));
}

function relocated(offset: number, length: number, sectorSize: number): Buffer {
  const payload = Buffer.alloc(16 + 76);
  payload.writeBigUInt64LE(BigInt(offset), 0);
  payload.writeBigUInt64LE(BigInt(length), 8);
  payload.writeUInt16LE(5, 16);
  payload.writeUInt16LE(0x4c, 18);
  payload.writeUInt32LE(sectorSize === 4096 ? 0x0b : 0x0a, 24);
  payload.writeUInt32LE(sectorSize, 44);
  payload.writeUInt32LE(sectorSize, 48);
  [10, 0, 20348].forEach((part, i) => payload.writeUInt32LE(part, 52 + i * 4));
  return payload;
}

function encryptSector(cipher: string, key: Buffer, sector: Buffer, at: number, sectorSize: number): Buffer {
  const number = Buffer.alloc(16);
  if (cipher.endsWith('xts')) {
    number.writeBigUInt64LE(BigInt(at / sectorSize));
    return createCipheriv(cipher, key, number).update(sector);
  }
  number.writeBigUInt64LE(BigInt(at));
  if (cipher !== 'elephant') return cbc(cipher, key, number, sector);
  return cbc('aes-128-cbc', key.subarray(0, 16), number, diffused(sector, key.subarray(32, 48), number));
}

function ecb(key: Buffer, block: Buffer): Buffer {
  return createCipheriv(`aes-${key.length * 8}-ecb`, key, null)
    .setAutoPadding(false)
    .update(block);
}

function cbc(cipher: string, key: Buffer, number: Buffer, sector: Buffer): Buffer {
  return createCipheriv(cipher, key, ecb(key, number)).setAutoPadding(false).update(sector);
}

/** Sector key, diffuser A, diffuser B, as N. Ferguson's paper writes them down. */
function diffused(sector: Buffer, tweakKey: Buffer, number: Buffer): Buffer {
  const second = Buffer.from(number);
  second[15] = 0x80;
  const sectorKey = Buffer.concat([ecb(tweakKey, number), ecb(tweakKey, second)]);
  const mixed = Buffer.from(sector.map((value, i) => value ^ sectorKey[i % 32]));
  const n = mixed.length / 4;
  const words = Array.from({ length: n }, (_, i) => mixed.readUInt32LE(i * 4));
  const rol = (value: number, bits: number): number =>
    ((value << bits) | (bits === 0 ? 0 : value >>> (32 - bits))) >>> 0;
  const rotateA = [9, 0, 13, 0];
  const rotateB = [0, 10, 0, 25];
  for (let cycle = 0; cycle < 5; cycle += 1) {
    for (let i = n - 1; i >= 0; i -= 1) {
      words[i] = (words[i] - (words[(i + n - 2) % n] ^ rol(words[(i + n - 5) % n], rotateA[i % 4]))) >>> 0;
    }
  }
  for (let cycle = 0; cycle < 3; cycle += 1) {
    for (let i = n - 1; i >= 0; i -= 1) {
      words[i] = (words[i] - (words[(i + 2) % n] ^ rol(words[(i + 5) % n], rotateB[i % 4]))) >>> 0;
    }
  }
  words.forEach((word, i) => mixed.writeUInt32LE(word >>> 0, i * 4));
  return mixed;
}

function guidBytes(text: string): Buffer {
  const hex = Buffer.from(text.replaceAll('-', ''), 'hex');
  return Buffer.concat([
    hex.subarray(0, 4).reverse(),
    hex.subarray(4, 6).reverse(),
    hex.subarray(6, 8).reverse(),
    hex.subarray(8),
  ]);
}

function guidText(bytes: Buffer): string {
  const part = (from: number, to: number, reversed: boolean): string => {
    const slice = Buffer.from(bytes.subarray(from, to));
    return (reversed ? slice.reverse() : slice).toString('hex').toUpperCase();
  };
  return [part(0, 4, true), part(4, 6, true), part(6, 8, true), part(8, 10, false), part(10, 16, false)].join('-');
}

function time(): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(FILETIME);
  return bytes;
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}
