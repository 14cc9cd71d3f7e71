import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { type Bytes, IssueLog, parseGuid, toHex, utf16Bytes } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { NtfsVolume, type ObjectIdEntry, parseExtendedAttributes, parseObjectId } from '@deadbox/ntfs';
import { parseEfs, parseExtendedAttributeInformation, readObjectIds, wslMetadata } from '@deadbox/ntfs/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeVolume, whileMounted } from '../../support/ntfs/ntfs3g-volume.js';
import { join } from '../../support/ntfs/sample-data.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';

const EA = 0xe0;
const EA_INFORMATION = 0xd0;
const OBJECT_ID = 0x40;

describeWithTools(
  canMount ? ['mkntfs', 'ntfs-3g', 'getfattr', 'setfattr'] : ['root with /dev/fuse'],
  'a volume that ntfs-3g wrote',
  () => {
    const image = joinPath(temporaryFolder(), 'volume.img');
    const ids = [
      '11223344-5566-7788-99AA-BBCCDDEEFF00',
      '01020304-0506-0708-090A-0B0C0D0E0F10',
      'FFEEDDCC-BBAA-9988-7766-554433221100',
      '00000000-0000-0000-0000-000000000000',
    ];
    let shown = '';
    makeVolume(image, 16 << 20);
    whileMounted(image, 'special_files=wsl', (root) => {
      execFileSync('mknod', [`${root}/device`, 'b', '8', '17']);
      shown =
        /=0x([0-9a-f]+)/.exec(run('getfattr', ['-h', '-e', 'hex', '-n', 'system.ntfs_ea', `${root}/device`]))?.[1] ??
        '';
      for (const [name, count] of [
        ['whole', 4],
        ['short', 1],
      ] as const) {
        writeFileSync(`${root}/${name}`, 'x');
        const value = join(
          ...ids.slice(0, count).map((id, i) => parseGuid(i === 0 ? id.replace('11', count === 1 ? '77' : '11') : id)),
        );
        run('setfattr', ['-n', 'system.ntfs_object_id', '-v', `0x${toHex(value)}`, `${root}/${name}`]);
      }
    });
    const attribute = async (path: string, type: number): Promise<Bytes> => {
      const volume = await NtfsVolume.open(await openFile(image));
      const source = await (await volume.lookup(path))?.attribute(type);
      return source === undefined ? new Uint8Array(0) : await source.read(0, source.size);
    };

    test('has the numbers of a device in its extended attributes', async () => {
      const bytes = await attribute('/device', EA);
      expect(toHex(bytes)).toBe(shown);
      const { entries, damagedAt } = parseExtendedAttributes(bytes);
      expect(damagedAt).toBeUndefined();
      expect(wslMetadata(entries)).toMatchObject({ deviceMajor: 8, deviceMinor: 17 });
      const information = parseExtendedAttributeInformation(await attribute('/device', EA_INFORMATION));
      expect(information).toMatchObject({ needed: 0, unpackedSize: bytes.length });
    });

    test('has the object ids that were set, in the file and in the index', async () => {
      // ntfs-3g keeps the birth ids in the index only.
      expect(parseObjectId(await attribute('/whole', OBJECT_ID))).toEqual({ id: ids[0] });
      const short = parseObjectId(await attribute('/short', OBJECT_ID));
      expect(short.id).toBe('77223344-5566-7788-99AA-BBCCDDEEFF00');
      const volume = await NtfsVolume.open(await openFile(image));
      const index = await volume.lookup('/$Extend/$ObjId');
      const found: ObjectIdEntry[] = [];
      for await (const batch of readObjectIds(
        (index as NonNullable<typeof index>).attributeSet,
        volume.geometry.clusterSize,
        new IssueLog(),
      ))
        found.push(...batch);
      const records = await Promise.all(['/whole', '/short'].map(async (path) => (await volume.lookup(path))?.record));
      const whole = found.find((entry) => entry.id === ids[0]);
      expect([whole?.id, whole?.birthVolumeId, whole?.birthObjectId, whole?.domainId]).toEqual(ids);
      expect(found.map((entry) => [entry.id, entry.file.record]).sort()).toEqual([
        [ids[0], records[0]],
        ['77223344-5566-7788-99AA-BBCCDDEEFF00', records[1]],
      ]);
    });
  },
);

describe('an object id', () => {
  test('has up to three birth ids, as many as there are bytes for', () => {
    const guids = [
      '11223344-5566-7788-99AA-BBCCDDEEFF00',
      '01020304-0506-0708-090A-0B0C0D0E0F10',
      'FFEEDDCC-BBAA-9988-7766-554433221100',
    ] as const;
    const value = join(...guids.map(parseGuid));
    expect(parseObjectId(value)).toEqual({ id: guids[0], birthVolumeId: guids[1], birthObjectId: guids[2] });
    expect(() => parseObjectId(value.slice(0, 15))).toThrow(expect.objectContaining({ code: 'NTFS_VALUE_INVALID' }));
  });
});

describe('extended attributes', () => {
  const entry = (name: string, value: Uint8Array, last: boolean, flags = 0): Uint8Array => {
    const length = Math.ceil((8 + name.length + 1 + value.length) / 4) * 4;
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, last ? 0 : length, true);
    view.setUint8(4, flags);
    view.setUint8(5, name.length);
    view.setUint16(6, value.length, true);
    bytes.set(new TextEncoder().encode(name), 8);
    bytes.set(value, 8 + name.length + 1);
    return bytes;
  };
  const number = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

  test('give names, flags and values', () => {
    const bytes = join(entry('$LXUID', number(1000), false), entry('$KERNEL.PURGE.X', number(1, 2), true, 0x80));
    expect(parseExtendedAttributes(bytes).entries).toEqual([
      { name: '$LXUID', flags: 0, value: number(1000) },
      { name: '$KERNEL.PURGE.X', flags: 0x80, value: number(1, 2) },
    ]);
  });

  test('give what both versions of WSL keep', () => {
    const of = (...parts: Uint8Array[]): unknown => wslMetadata(parseExtendedAttributes(join(...parts)).entries);
    expect(
      of(
        entry('$LXUID', number(1000), false),
        entry('$LXGID', number(100), false),
        entry('$LXMOD', number(0o100_644), true),
      ),
    ).toEqual({ uid: 1000, gid: 100, mode: 0o100_644 });
    expect(of(entry('LXATTRB', number(0x1_0000, 0o40_755, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), true))).toEqual({
      mode: 0o40_755,
      uid: 7,
      gid: 8,
    });
    expect(of(entry('OTHER', number(1), true))).toBeUndefined();
  });

  test('that go on behind the value, or back, keep those before them', () => {
    const bytes = join(entry('FIRST', number(1), false), entry('SECOND', number(2), true));
    const second = entry('FIRST', number(1), false).length;
    const long = bytes.slice();
    long[second + 6] = 0xff;
    expect(parseExtendedAttributes(long)).toMatchObject({ entries: [{ name: 'FIRST' }], damagedAt: second });
    const loop = bytes.slice();
    loop[0] = 4;
    expect(parseExtendedAttributes(loop)).toEqual({ entries: [], damagedAt: 0 });
  });
});

describe('$EFS', () => {
  const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
  /** A list with one holder, as ntfs-3g's layout.h describes it. */
  const list = (sid: Uint8Array, thumbprint: Uint8Array, user: string): Uint8Array => {
    const name = utf16Bytes(`${user}\0`);
    const head = join(u32(0x14, thumbprint.length, 0, 0, 0x14 + thumbprint.length), thumbprint, name);
    const credential = join(u32(0, 0x1c, 3, head.length, 0x1c + sid.length, 0, 0), sid, head);
    new DataView(credential.buffer).setUint32(0, credential.length, true);
    const key = new Uint8Array(256);
    const entry = join(u32(0, 0x14, key.length, 0x14 + credential.length, 0), credential, key);
    new DataView(entry.buffer).setUint32(0, entry.length, true);
    return join(u32(1), entry);
  };
  const sid = Uint8Array.from([1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]);
  const build = (): Bytes => {
    const users = list(sid, new Uint8Array(20).fill(0xab), 'alice(alice@EXAMPLE)');
    const agents = list(sid, new Uint8Array(20).fill(0xcd), 'Administrator');
    const bytes = join(new Uint8Array(0x54), users, agents);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length, true);
    view.setUint32(8, 2, true);
    view.setUint32(0x40, 0x54, true);
    view.setUint32(0x44, 0x54 + users.length, true);
    return bytes;
  };

  test('names who can decrypt the file', () => {
    expect(parseEfs(build())).toEqual({
      version: 2,
      users: [{ sid: 'S-1-5-18', thumbprint: 'AB'.repeat(20), userName: 'alice(alice@EXAMPLE)' }],
      recoveryAgents: [{ sid: 'S-1-5-18', thumbprint: 'CD'.repeat(20), userName: 'Administrator' }],
    });
  });

  test('that is too short, or claims more than there is, is refused', () => {
    expect(() => parseEfs(build().slice(0, 80))).toThrow(expect.objectContaining({ code: 'NTFS_VALUE_INVALID' }));
    const long = build();
    long[2] = 4;
    expect(() => parseEfs(long)).toThrow(expect.objectContaining({ code: 'NTFS_VALUE_INVALID' }));
  });

  test('gives an answer or its error, whatever its bytes', () => {
    const length = build().length;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = build();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          expect(parseEfs(bytes).users.length).toBeLessThan(100);
        } catch (error) {
          expect(error).toMatchObject({ code: 'NTFS_VALUE_INVALID' });
        }
      }),
    );
  });
});
