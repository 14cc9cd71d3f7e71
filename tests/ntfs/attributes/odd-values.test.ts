import { type Bytes, crc32, utf16Bytes } from '@deadbox/core';
import { formatSddl, parseExtendedAttributes, parseReparsePoint } from '@deadbox/ntfs';
import {
  parseCloudFile,
  parseEfs,
  parseSecurityDescriptor,
  parseVolumeInformation,
  wslMetadata,
} from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { join } from '../../support/ntfs/sample-data.js';

function hex(text: string): Bytes {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

function u32(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

describe('data of a cloud file', () => {
  /** Reparse data with a block of `elements`; `crc` leaves its flag away where it is undefined. */
  const data = (signature: string, crc: boolean, count = 0, size = 16): Bytes => {
    const block = join(new TextEncoder().encode(signature), u32(0, size), Uint8Array.of(crc ? 2 : 0, 0, count, 0));
    new DataView(block.buffer).setUint32(4, crc32(block.subarray(8)), true);
    return join(Uint8Array.of(1, 0, 20, 0), block);
  };

  test('may have no checksum, and then none is judged', () => {
    expect(parseCloudFile(data('FeRp', true))).toEqual({ compressed: false, crcValid: true, elements: [] });
    expect(parseCloudFile(data('FeRp', false)).crcValid).toBeUndefined();
  });

  test('that is too short, has another signature, or more elements than bytes is refused at its byte', () => {
    const short = data('FeRp', true);
    short[2] = 19;
    for (const [bytes, offset] of [
      [short, 2],
      [data('RbRp', true), 4],
      [data('FeRp', true, 1), 12],
      [data('FeRp', true, 0, 17), 12],
    ] as const)
      expect(() => parseCloudFile(bytes)).toThrow(
        expect.objectContaining({ code: 'NTFS_REPARSE_POINT_INVALID', at: expect.objectContaining({ offset }) }),
      );
  });
});

describe('$EFS', () => {
  const head = (users: number, rest: Uint8Array): Bytes => {
    const bytes = join(new Uint8Array(0x54), rest);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length, true);
    view.setUint32(0x40, users, true);
    return bytes;
  };

  test('of fewer bytes than its length field is refused', () => {
    expect(() => parseEfs(new Uint8Array(3))).toThrow(
      expect.objectContaining({ code: 'NTFS_VALUE_INVALID', message: expect.stringContaining('claims 3 of 3 bytes') }),
    );
  });

  test('without a list, or with one that would lie behind it, names nobody', () => {
    expect(parseEfs(head(0, new Uint8Array(0))).users).toEqual([]);
    expect(parseEfs(head(0x54, new Uint8Array(3))).users).toEqual([]);
  });

  test('names a holder without a security identifier by his key container', () => {
    const credential = join(u32(0x30, 0, 1, 0x14, 0x24), utf16Bytes('key-1\0\0\0'), utf16Bytes('CSP\0'));
    const entry = join(u32(0x14 + credential.length, 0x14, 0, 0, 0), credential);
    expect(parseEfs(head(0x54, join(u32(1), entry))).users).toEqual([{ container: 'key-1', provider: 'CSP' }]);
  });

  test('says nothing of a holder whose credential lies in its head or behind it, or whose texts are empty', () => {
    const before = u32(0x14, 0x10, 0, 0, 0);
    const behind = u32(0x14, 0x14, 0, 0, 0);
    const credential = join(u32(0x18, 0, 1, 0x14, 0x14), utf16Bytes('\0\0'));
    const nameless = join(u32(0x14 + credential.length, 0x14, 0, 0, 0), credential);
    expect(parseEfs(head(0x54, join(u32(3), before, behind, nameless))).users).toEqual([{}, {}, {}]);
  });
});

describe('extended attributes', () => {
  const entry = (next: number, name: string, value: Uint8Array): Bytes =>
    join(u32(next), Uint8Array.of(0, name.length, value.length, 0), new TextEncoder().encode(`${name}\0`), value);

  test('end where the bytes are zero up to the end of the value', () => {
    expect(parseExtendedAttributes(new Uint8Array(16))).toEqual({ entries: [] });
    const used = entry(0x10, 'NAMES', Uint8Array.of(1, 2));
    expect(parseExtendedAttributes(join(used, new Uint8Array(8))).entries).toHaveLength(1);
  });

  test('with fewer bytes left than a head has are damaged there', () => {
    const first = entry(0x10, 'NAMES', Uint8Array.of(1, 2));
    expect(parseExtendedAttributes(join(first, new Uint8Array(7)))).toMatchObject({
      entries: [{ name: 'NAMES' }],
      damagedAt: 0x10,
    });
    const nameless = join(u32(0), Uint8Array.of(0, 0, 1, 0), new Uint8Array(8));
    expect(parseExtendedAttributes(nameless)).toEqual({ entries: [], damagedAt: 0 });
  });

  test('of WSL that are shorter than their number say nothing', () => {
    const { entries } = parseExtendedAttributes(entry(0, '$LXUID', Uint8Array.of(1, 2, 3)));
    expect(entries).toHaveLength(1);
    expect(wslMetadata(entries)).toBeUndefined();
  });
});

describe('a security descriptor', () => {
  const system = hex('01 01 00 00 00 00 00 05 12000000');
  /** A descriptor with one list, as `sacl` or `dacl`, that has one entry. */
  const withEntry = (control: number, type: number, mask: number, rest: Uint8Array): Bytes => {
    const entry = join(Uint8Array.of(type, 0, 8 + rest.length, 0), u32(mask), rest);
    const list = join(Uint8Array.of(2, 0, 8 + entry.length, 0, 1, 0, 0, 0), entry);
    const isSacl = (control & 0x10) !== 0;
    return join(Uint8Array.of(1, 0, control & 0xff, control >> 8), u32(0, 0, isSacl ? 20 : 0, isSacl ? 0 : 20), list);
  };

  test('with a mandatory label only has no list of rights, and its rights have names of their own', () => {
    const high = hex('01 01 00 00 00 00 00 10 00300000');
    const descriptor = parseSecurityDescriptor(withEntry(0x8810, 0x11, 3, high));
    expect(descriptor.dacl).toBeUndefined();
    // [MS-DTYP] 2.5.1.1: S:AI(ML;;NWNR;;;HI).
    expect(formatSddl(descriptor)).toBe('S:AI(ML;;NWNR;;;HI)');
  });

  test('shows what follows the identifier of an entry, as a condition does, in hexadecimal', () => {
    const descriptor = parseSecurityDescriptor(withEntry(0x8004, 9, 0x1f01ff, join(system, hex('61727478'))));
    expect(descriptor.dacl?.entries[0]?.data).toEqual(hex('61727478'));
    expect(formatSddl(descriptor)).toBe('D:(XA;;FA;;;SY;<61727478>)');
  });

  test('says what its lists inherit', () => {
    // [MS-DTYP] 2.4.6: DC and DI, SC and SI.
    const flags = (control: number): string => formatSddl(parseSecurityDescriptor(withEntry(control, 0, 0x10, system)));
    expect(flags(0x8504)).toBe('D:ARAI(A;;RP;;;SY)');
    expect(flags(0x8a10)).toBe('S:ARAI(A;;RP;;;SY)');
  });

  test('reads an entry for objects whose types are not there', () => {
    const plain = parseSecurityDescriptor(withEntry(0x8004, 5, 0x10, join(u32(0), system)));
    expect(plain.dacl?.entries).toEqual([{ type: 5, flags: 0, mask: 0x10, sid: 'S-1-5-18' }]);
    expect(formatSddl(plain)).toBe('D:(OA;;RP;;;SY)');
  });
});

test('a symbolic link of WSL is a symbolic link, and so is one of Windows', async () => {
  const wsl = join(u32(0xa000_001d), Uint8Array.of(6, 0, 0, 0), u32(2), new TextEncoder().encode('up'));
  expect(parseReparsePoint(wsl).content).toEqual({ kind: 'wsl-symlink', target: 'up' });
});

test('$VOLUME_INFORMATION of fewer than 12 bytes says nothing', () => {
  expect(parseVolumeInformation(new Uint8Array(11))).toBeUndefined();
  expect(parseVolumeInformation(hex('0000000000000000 03 01 0100'))).toEqual({ version: '3.1', flags: 1, dirty: true });
});
