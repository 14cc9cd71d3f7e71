import { MemorySource, MIB, parseGuid } from '@deadbox/core';
import { openImage, type VirtualDisk } from '@deadbox/image';
import { VHDX_METADATA_TABLE, VHDX_REGION_TABLE } from '@deadbox/image/internals';
import { describe, expect, test } from 'vitest';
import { errorOf, MemoryFiles } from '../../support/image/memory-files.js';
import { logEntry, sealed, VHDX_LAYOUT, vhdxHeader, writeVhdx } from '../../support/image/vhdx-writer.js';

const GUID = 'AAAAAAAA-1111-2222-3333-444444444444';
const LOG_GUID = 'BBBBBBBB-1111-2222-3333-444444444444';
const OTHER = 'CCCCCCCC-1111-2222-3333-444444444444';
/** Places of [MS-VHDX] 2.2. */
const HEADERS = [1 << 16, 2 << 16] as const;
const REGIONS = [3 << 16, 4 << 16] as const;
/** First entry of a region table. */
const ENTRY = 16;
/** Bytes of an entry of the metadata table, and of its head. */
const METADATA_ENTRY = 32;

type Change = (view: DataView<ArrayBuffer>) => void;
const data = new Uint8Array(MIB).fill(0x41);
const plain = writeVhdx({ size: MIB, blocks: [{ state: 6, data }], dataWriteGuid: GUID });

/** The image with `length` bytes at each of `places` changed, and their checksums right again. */
function changed(places: readonly number[], length: number, change: Change, base = plain): Uint8Array<ArrayBuffer> {
  const bytes = base.slice();
  for (const at of places) {
    const part = bytes.slice(at, at + length);
    change(new DataView(part.buffer));
    bytes.set(sealed(part), at);
  }
  return bytes;
}
/** The image with its metadata region changed, which has no checksum. */
function withMetadata(change: Change, base = plain): Uint8Array<ArrayBuffer> {
  const bytes = base.slice();
  change(new DataView(bytes.buffer, VHDX_LAYOUT.metadata));
  return bytes;
}
const open = (bytes: Uint8Array<ArrayBuffer>): Promise<VirtualDisk> =>
  openImage(new MemorySource(bytes), { name: 'x.vhdx' });
const guidInto = (view: DataView<ArrayBuffer>, at: number, guid: string): void =>
  new Uint8Array(view.buffer, view.byteOffset).set(parseGuid(guid), at);

describe('the headers of a VHDX', () => {
  test.each<[string, string, number, Change]>([
    ['of version 2', 'IMAGE_UNSUPPORTED', 66, (view) => view.setUint16(66, 2, true)],
    [
      'with a log of version 1',
      'IMAGE_UNSUPPORTED',
      68,
      (view) => {
        guidInto(view, 48, LOG_GUID);
        view.setUint16(64, 1, true);
      },
    ],
    [
      'with a log of 65 MiB',
      'IMAGE_LIMIT',
      68,
      (view) => {
        guidInto(view, 48, LOG_GUID);
        view.setUint32(68, 65 * MIB, true);
      },
    ],
  ])('%s are refused where they say so', async (_, code, offset, change) => {
    const error = await errorOf(open(changed(HEADERS, 4096, change)));
    expect(error).toMatchObject({ code, at: { layer: 'x.vhdx' } });
    expect([HEADERS[0] + offset, HEADERS[1] + offset]).toContain(
      (error as unknown as { at: { offset: number } }).at.offset,
    );
  });

  test('of one sequence number that differ are told', async () => {
    const bytes = plain.slice();
    bytes.set(vhdxHeader({ dataWriteGuid: OTHER }, 2n), HEADERS[0]);
    expect((await open(bytes)).issues).toMatchObject([
      { code: 'image.header-damaged', severity: 'warning', data: { reason: 'same sequence number' } },
    ]);
    bytes.set(vhdxHeader({ dataWriteGuid: GUID }, 2n), HEADERS[0]);
    expect((await open(bytes)).issues).toEqual([]);
  });
});

describe('the region table', () => {
  test.each<[string, string, number, Change]>([
    [
      'of 2048 entries',
      'IMAGE_DAMAGED',
      VHDX_REGION_TABLE.fields.entryCount.offset,
      (view) => view.setUint32(8, 2048, true),
    ],
    ['that needs a region that nobody knows', 'IMAGE_UNSUPPORTED', ENTRY, (view) => guidInto(view, ENTRY, OTHER)],
    ['without a metadata region', 'IMAGE_DAMAGED', 0, (view) => view.setUint32(8, 1, true)],
    ['without a region at all', 'IMAGE_DAMAGED', 0, (view) => view.setUint32(8, 0, true)],
    [
      'whose regions lie in one another',
      'IMAGE_DAMAGED',
      0,
      (view) => view.setBigUint64(ENTRY + 16, BigInt(VHDX_LAYOUT.metadata), true),
    ],
  ])('%s is refused where it says so', async (_, code, offset, change) => {
    expect(await errorOf(open(changed(REGIONS, 1 << 16, change)))).toMatchObject({
      code,
      at: { layer: 'x.vhdx', offset: REGIONS[0] + offset },
    });
  });

  test('may have regions that nobody needs', async () => {
    const bytes = changed(REGIONS, 1 << 16, (view) => {
      view.setUint32(8, 3, true);
      guidInto(view, ENTRY + 2 * 32, OTHER);
    });
    expect((await open(bytes)).size).toBe(MIB);
  });

  test('with a block allocation table that is too short for the disk is damaged', async () => {
    const bytes = withMetadata((view) => view.setBigUint64((1 << 16) + 8, 2n ** 40n, true));
    expect(await errorOf(open(bytes))).toMatchObject({ code: 'IMAGE_DAMAGED', at: { offset: VHDX_LAYOUT.bat } });
  });
});

describe('the metadata', () => {
  const COUNT = VHDX_METADATA_TABLE.fields.entryCount.offset;

  test('of 2048 entries is refused, of 200 that nobody needs is not', async () => {
    expect(await errorOf(open(withMetadata((view) => view.setUint16(COUNT, 2048, true))))).toMatchObject({
      code: 'IMAGE_DAMAGED',
      at: { offset: VHDX_LAYOUT.metadata + COUNT },
    });
    expect((await open(withMetadata((view) => view.setUint16(COUNT, 200, true)))).size).toBe(MIB);
  });

  test('whose items lie far apart is read in pieces', async () => {
    const bytes = withMetadata((view) => {
      const entry = 2 * METADATA_ENTRY;
      const from = view.getUint32(entry + 16, true);
      const size = view.getBigUint64(from, true);
      view.setUint32(entry + 16, 500_000, true);
      view.setBigUint64(500_000, size, true);
    });
    expect((await open(bytes)).size).toBe(MIB);
  });

  test('of a disk of 2^60 bytes is beyond what is opened', async () => {
    expect(
      await errorOf(open(withMetadata((view) => view.setBigUint64((1 << 16) + 8, 2n ** 60n, true)))),
    ).toMatchObject({
      code: 'IMAGE_LIMIT',
      at: { offset: VHDX_LAYOUT.metadata + (1 << 16) + 8 },
    });
  });
});

describe('a differencing VHDX', () => {
  const child = writeVhdx({
    size: MIB,
    blocks: [{ state: 7, data, has: (sector) => sector === 0 }],
    dataWriteGuid: OTHER,
    parent: { parent_linkage: `{${GUID}}`, relative_path: '.\\base.vhdx' },
  });
  const openChild = (bytes: Uint8Array<ArrayBuffer>): Promise<VirtualDisk> =>
    new MemoryFiles({ 'child.vhdx': bytes, 'base.vhdx': plain }).image('child.vhdx');
  /** Where the parent locator lies in the metadata region: the sixth entry. */
  const locator = (view: DataView): number => view.getUint32(6 * METADATA_ENTRY + 16, true);

  test('reads its own sectors, and those of its parent', async () => {
    await using disk = await openChild(child);
    expect([await disk.read(0, 4), disk.parents.length]).toEqual([Uint8Array.of(0x41, 0x41, 0x41, 0x41), 1]);
  });

  test.each<[string, string, Change]>([
    ['with a locator of another type', 'IMAGE_UNSUPPORTED', (view) => guidInto(view, locator(view), OTHER)],
    ['with a locator of 65 entries', 'IMAGE_DAMAGED', (view) => view.setUint16(locator(view) + 18, 65, true)],
    ['with a locator of no entry', 'IMAGE_DAMAGED', (view) => view.setUint16(locator(view) + 18, 0, true)],
    ['without a locator', 'IMAGE_DAMAGED', (view) => view.setUint16(10, 5, true)],
  ])('%s is refused', async (_, code, change) => {
    expect(await errorOf(openChild(withMetadata(change, child)))).toMatchObject({ code, at: { layer: 'child.vhdx' } });
  });

  test('whose block is partly there needs its sector bitmap', async () => {
    const bytes = child.slice();
    // The bitmap's entry follows the payload entries of a chunk: 2^23 sectors of 512 bytes in blocks of 1 MiB.
    const entry = VHDX_LAYOUT.bat + 4096 * 8;
    new DataView(bytes.buffer).setBigUint64(entry, 0n, true);
    await using disk = await openChild(bytes);
    expect(await errorOf((async () => disk.read(0, 512))())).toMatchObject({
      code: 'IMAGE_DAMAGED',
      at: { offset: entry },
    });
  });
});

describe('the log of a VHDX', () => {
  /** An image whose log holds these entries, one behind the other. */
  function logged(entries: readonly Partial<Parameters<typeof logEntry>[0]>[], change?: (log: Uint8Array) => void) {
    const log = new Uint8Array(MIB);
    let at = 0;
    for (const entry of entries) {
      const bytes = logEntry({
        logGuid: LOG_GUID,
        sequence: 5n,
        tail: at,
        changes: [{ offset: VHDX_LAYOUT.data, page: new Uint8Array(4096).fill(0x42) }],
        flushedFileOffset: plain.length,
        lastFileOffset: plain.length,
        ...entry,
      });
      log.set(bytes, at);
      at += bytes.length;
    }
    change?.(log);
    return open(writeVhdx({ size: MIB, blocks: [{ state: 6, data }], dataWriteGuid: GUID, logGuid: LOG_GUID, log }));
  }
  const codes = ({ issues }: VirtualDisk): string[] => issues.map(({ code }) => code);

  test('of two sequences counts by the newer one', async () => {
    const older = { changes: [{ offset: VHDX_LAYOUT.data, page: new Uint8Array(4096).fill(0x43) }] };
    for (const entries of [
      [{ sequence: 9n }, { sequence: 3n, ...older }],
      [{ sequence: 3n, ...older }, { sequence: 9n }],
    ]) {
      const disk = await logged(entries);
      expect([codes(disk), await disk.read(0, 1)]).toEqual([['image.log-replayed'], Uint8Array.of(0x42)]);
    }
  });

  test('with an entry that another begins in is not replayed', async () => {
    const disk = await logged([{}], (log) => log.set(Buffer.from('loge', 'latin1'), 4096));
    expect([codes(disk), await disk.read(0, 1)]).toEqual([['image.log-entry-ignored'], Uint8Array.of(0x41)]);
  });

  test('of a file of 2^60 bytes is beyond what is opened', async () => {
    expect(await errorOf(logged([{ lastFileOffset: 2 ** 60 }]))).toMatchObject({ code: 'IMAGE_LIMIT' });
  });
});
