import { type Bytes, isDeadboxError, MemorySource, toHex } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { describe, expect, test } from 'vitest';
import { fileOf, headerWrites, type ImageFile } from '../../../packages/repair/src/storage/container-headers.js';
import type { StoredWrite } from '../../../packages/repair/src/storage/sector-write.js';
import { writeVdi } from '../../support/image/vdi-writer.js';
import { sealed, vhdxHeader, writeVhdx } from '../../support/image/vhdx-writer.js';
import { vmdkDescriptor, writeHostedSparse } from '../../support/image/vmdk-writer.js';

/*
 * What a container is told before its disk changes, byte for byte, as its format's description has it.
 */

const RANDOM = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
const GUID = '11111111-2222-3333-4444-555555555555';
const hex = (bytes: Uint8Array): string => toHex(bytes);
const ABC = Uint8Array.from([0x0a, 0xbc, 0xde, 0xf1]);
const bytesOf = (text: string): Bytes => Uint8Array.from(Buffer.from(text, 'latin1'));

function writesFor(format: string, file: Bytes, random: Bytes = RANDOM): Promise<StoredWrite[]> {
  const inMemory = fileOf(new MemorySource(file), `disk.${format}`);
  return headerWrites({ image: { format } } as Disk, inMemory, inMemory, random);
}

/** A file after some writes; each must find what it says it replaces. */
function written(file: Bytes, writes: readonly StoredWrite[]): Bytes {
  const copy = file.slice();
  for (const { offset, before, after } of writes) {
    expect(hex(copy.subarray(offset, offset + before.length))).toBe(hex(before));
    expect(after.length).toBe(before.length);
    copy.set(after, offset);
  }
  return copy;
}

async function refused(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'written',
    (error: unknown) => {
      if (!isDeadboxError(error)) throw error;
      return { code: error.code, data: error.data };
    },
  );
}

/** CRC-32C, bit by bit (RFC 3720 B.4: reflected polynomial 82F63B78). */
function crcOf(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const value of bytes) {
    crc ^= value;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) * 0x82f6_3b78);
  }
  return ~crc >>> 0;
}

describe('VHDX: both headers get a new identifier of the writing session, the older one first', () => {
  const HEADERS = [0x1_0000, 0x2_0000] as const;

  /** A VHDX with these headers. */
  function vhdx(...headers: readonly [Bytes, Bytes]): Bytes {
    const file = writeVhdx({ size: 1 << 20, blocks: [], dataWriteGuid: GUID }).slice(0, 0x3_0000);
    for (const [i, header] of headers.entries()) file.set(header, HEADERS[i]);
    return file;
  }
  const header = (sequence: bigint, logGuid?: string): Bytes =>
    vhdxHeader({ dataWriteGuid: GUID, ...(logGuid === undefined ? {} : { logGuid }) }, sequence);

  /** [MS-VHDX] 2.2.2: what the header says afterwards; nothing but these fields may change. */
  function expectHeader(file: Bytes, at: number, sequence: bigint, like: Bytes): void {
    const bytes = file.slice(at, at + 4096);
    const view = new DataView(bytes.buffer);
    expect(view.getBigUint64(8, true)).toBe(sequence);
    expect(hex(bytes.slice(16, 48))).toBe(hex(RANDOM) + hex(RANDOM));
    const crc = view.getUint32(4, true);
    view.setUint32(4, 0, true);
    expect(crc).toBe(crcOf(bytes));
    bytes.set(like.subarray(4, 48), 4);
    expect(hex(bytes)).toBe(hex(like));
  }

  const damaged = (bytes: Bytes): Bytes => {
    const copy = bytes.slice();
    copy[300] ^= 1;
    return copy;
  };
  const nameless = (bytes: Bytes): Bytes => {
    const copy = bytes.slice();
    copy[0] = 0x48;
    return sealed(copy);
  };

  // Which one is current, whatever the other one is.
  test.each<[string, readonly [Bytes, Bytes], 0 | 1, bigint]>([
    ['the second is current', [header(7n), header(8n)], 1, 8n],
    ['the first is current', [header(9n), header(8n)], 0, 9n],
    ['the first is damaged', [damaged(header(9n)), header(8n)], 1, 8n],
    ['the second is damaged', [header(3n), damaged(header(8n))], 0, 3n],
    ['the first is none', [nameless(header(9n)), header(8n)], 1, 8n],
    ['the second is none', [header(3n), nameless(header(8n))], 0, 3n],
    // QEMU (block/vhdx.c) takes the first of two that are the same.
    ['both say the same', [header(4n), header(4n)], 0, 4n],
    ['numbers of more than 32 bits', [header(0x1_0000_0001n), header(2n)], 0, 0x1_0000_0001n],
    ['the first number of all', [header(0n), damaged(header(1n))], 0, 0n],
  ])('%s', async (_, headers, current, sequence) => {
    const file = vhdx(...headers);
    const writes = await writesFor('vhdx', file);
    expect(writes.map(({ file: name, offset }) => [name, offset])).toEqual([
      ['disk.vhdx', HEADERS[1 - current]],
      ['disk.vhdx', HEADERS[current]],
    ]);
    const after = written(file, writes);
    expectHeader(after, HEADERS[1 - current], sequence + 1n, headers[current]);
    expectHeader(after, HEADERS[current], sequence + 2n, headers[current]);
    // The log does not belong to the session, and the rest of the file stays.
    for (const at of HEADERS) after.set(file.subarray(at, at + 4096), at);
    expect(hex(after)).toBe(hex(file));
  });

  test('unless neither is whole', async () => {
    const both = vhdx(damaged(header(1n)), nameless(header(2n)));
    expect(await refused(writesFor('vhdx', both))).toEqual({ code: 'REPAIR_NOT_STORED', data: {} });
  });

  test('unless the current one names a log that would be replayed over the change', async () => {
    for (const guid of ['01000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000001']) {
      const answer = await refused(writesFor('vhdx', vhdx(header(1n), header(2n, guid))));
      expect(answer).toEqual({ code: 'REPAIR_NOT_STORED', data: { log: true } });
      expect(await writesFor('vhdx', vhdx(header(1n, guid), header(2n)))).toHaveLength(2);
    }
  });
});

describe('VMDK: the descriptor gets another content identifier', () => {
  const NONE = { code: 'REPAIR_NOT_STORED', data: {} };

  /** What changes in a descriptor: the place, the digits there, and the new ones. */
  async function change(text: string, random: Bytes = ABC): Promise<[number, string, string]> {
    const [{ offset, before, after }, ...more] = await writesFor('vmdk', bytesOf(text), random);
    expect(more).toEqual([]);
    return [offset, Buffer.from(before).toString('latin1'), Buffer.from(after).toString('latin1')];
  }

  test.each([
    ['CID=0123abcd', '0123abcd'],
    ['  \t CID \t = \t 0123abcd \t ', '0123abcd'],
    ['cid=0123ABCD', '0123ABCD'],
    ['CID=7', '7'],
    ['CID=1234567', '1234567'],
    ['CID=0123abcd\r', '0123abcd'],
  ])('of the line %j', async (line, digits) => {
    const lead = '# Disk DescriptorFile\nversion=1\nparentCID=99999999\nxCID=5\nCID=123456789\nCID=12x\nCID=\n';
    const text = `${lead}${line}\nencoding="UTF-8"\nCID=11111111\n`;
    const expected = '0abcdef1'.slice(-digits.length);
    expect(await change(text)).toEqual([lead.length + line.indexOf(digits), digits, expected]);
  });

  test.each(['version=1\n', 'parentCID=99999999\n', 'CID=123456789\n', 'CID=\n', 'CID=xyz\n', 'CID 12\n'])(
    'which %j does not have',
    async (text) => {
      expect(await refused(writesFor('vmdk', bytesOf(text)))).toEqual(NONE);
    },
  );

  test.each([
    ['0abcdef1', '\x0a\xbc\xde\xf1'],
    ['0ABCDEF1', '\x0a\xbc\xde\xf1'],
    ['0123abcd', '\xff\xff\xff\xff'],
    ['0123abcd', '\xff\xff\xff\xfe'],
    // What the next one would be is forbidden as well.
    ['12', '\x00\x00\x00\xff'],
    ['1', '\x00\x00\x00\x01'],
    ['1', '\x00\x00\x00\x0f'],
    ['abc', '\x00\x00\x0f\xfe'],
  ])('and neither the present one, %s, nor one that means no parent, where chance gives it', async (digits, random) => {
    const [, before, after] = await change(`CID=${digits}\n`, bytesOf(random));
    expect(before).toBe(digits);
    expect(after).toMatch(/^[0-9a-f]+$/);
    expect(after).toHaveLength(digits.length);
    expect(after).not.toBe(digits.toLowerCase());
    expect(after).not.toMatch(/^f+[ef]?$/);
  });

  test.each(['\x0f\xff\xff\xff', '\xff\xff\xff\xf0', '\xff\xff\xff\xfd', '\x00\x00\x00\x0f'])(
    'which chance may make almost that (%j)',
    async (random) => {
      const [, , after] = await change('CID=0123abcd\n', bytesOf(random));
      expect(after).toBe(hex(bytesOf(random)));
    },
  );

  const descriptor = vmdkDescriptor({ type: 'monolithicSparse', extents: [], cid: '0123abcd' });
  const sparse = (): Bytes =>
    writeHostedSparse({ capacity: 128, grains: new Map([[0, new Uint8Array(8192).fill(0x41)]]), descriptor });

  test('where the header of a sparse extent says that it lies', async () => {
    const file = sparse();
    const [write, ...more] = await writesFor('vmdk', file, ABC);
    expect(more).toEqual([]);
    expect(write.offset).toBe(512 + Buffer.from(descriptor).indexOf('0123abcd'));
    expect(
      Buffer.from(written(file, [write]))
        .subarray(512, 512 + descriptor.length)
        .toString('latin1'),
    ).toBe(Buffer.from(descriptor).toString('latin1').replace('0123abcd', '0abcdef1'));
  });

  test.each<[string, bigint, bigint]>([
    ['without a descriptor', 0n, 0n],
    ['whose descriptor would be the header', 0n, 2n],
    ['whose descriptor is too long', 1n, 2049n],
    ['whose descriptor ends behind the file', 1n, 30n],
  ])('but not of an extent %s', async (_, offset, sectors) => {
    const file = new Uint8Array(sectors === 2049n ? 2 << 20 : 30 * 512);
    file.set(bytesOf('KDMV'));
    file.set(bytesOf('\nCID=0123abcd\n'), 600);
    const view = new DataView(file.buffer);
    view.setBigUint64(28, offset, true);
    view.setBigUint64(36, sectors, true);
    expect(await writesFor('vmdk', file, ABC)).toEqual([]);
  });
});

test('the file that was opened has the descriptor, the one that stores sectors the headers', async () => {
  const other: ImageFile = {
    path: 'other',
    size: 0,
    read: () => {
      throw new Error('the wrong file');
    },
  };
  const text = fileOf(new MemorySource(bytesOf('CID=0123abcd\n')), 'top');
  const disk = (format: string) => ({ image: { format } }) as Disk;
  expect((await headerWrites(disk('vmdk'), text, other, RANDOM)).map(({ file }) => file)).toEqual(['top']);
  const vdi = fileOf(new MemorySource(new Uint8Array(512)), 'stored');
  expect((await headerWrites(disk('vdi'), other, vdi, RANDOM)).map(({ file }) => file)).toEqual(['stored']);
  expect([vdi.path, vdi.size]).toEqual(['stored', 512]);
  expect(await headerWrites(disk('raw'), other, other, RANDOM)).toEqual([]);
});

test('VDI: the modification UUID is another one, and nothing else', async () => {
  const file = writeVdi({ type: 1, size: 1 << 20, blocks: ['free'], uuid: GUID, modifyUuid: GUID });
  const after = written(file, await writesFor('vdi', file));
  // VDICore.h: uuidModify behind uuidCreate, which lies at 188 (hex).
  expect(hex(after.slice(0x198, 0x1a8))).toBe(hex(RANDOM));
  after.set(file.subarray(0x198, 0x1a8), 0x198);
  expect(hex(after)).toBe(hex(file));
});

describe('QCOW2: bitmaps are no longer said to be consistent', () => {
  function header(version: number, autoClear: bigint): Bytes {
    const file = new Uint8Array(112);
    const view = new DataView(file.buffer);
    file.set(bytesOf('QFI\xfb'));
    view.setUint32(4, version);
    view.setBigUint64(88, autoClear);
    return file;
  }

  test('by clearing bit 0 of the auto-clear features, and no other', async () => {
    const features = 0xf000_0000_0000_0005n;
    const file = header(3, features);
    const after = written(file, await writesFor('qcow2', file));
    expect(hex(after)).toBe(hex(header(3, 0xf000_0000_0000_0004n)));
  });

  test('where they are, and where the header has such a field', async () => {
    expect(await writesFor('qcow2', header(3, 0xf000_0000_0000_0004n))).toEqual([]);
    expect(await writesFor('qcow2', header(2, 1n))).toEqual([]);
    expect(await writesFor('qcow2', header(4, 1n))).toHaveLength(1);
  });
});

describe('VMDK: a descriptor as long as one may be', () => {
  test('is read to its end, which is that of the file', async () => {
    const file = new Uint8Array(512 + (1 << 20));
    file.set(bytesOf('KDMV'));
    const view = new DataView(file.buffer);
    view.setBigUint64(28, 1n, true);
    view.setBigUint64(36, 2048n, true);
    file.set(bytesOf('\nCID=0123abcd'), file.length - 13);
    const [{ offset, before }] = await writesFor('vmdk', file, ABC);
    expect([offset, Buffer.from(before).toString('latin1')]).toEqual([file.length - 8, '0123abcd']);
  });

  test('and of a text no more is read', async () => {
    const asked: [number, number][] = [];
    const far: ImageFile = {
      path: 'disk.vmdk',
      size: 3 << 20,
      read: (offset, length) => {
        asked.push([offset, length]);
        const bytes = new Uint8Array(length).fill(0x0a);
        if (length > 100) bytes.set(bytesOf('CID=0123abcd'), 7);
        return bytes;
      },
    };
    const disk = { image: { format: 'vmdk' } } as Disk;
    expect((await headerWrites(disk, far, far, ABC)).map(({ offset }) => offset)).toEqual([11]);
    expect(asked[0]).toEqual([0, 44]);
    expect(asked[1]).toEqual([0, 1 << 20]);
  });
});
