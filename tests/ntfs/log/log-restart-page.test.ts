import type { Bytes } from '@deadbox/core';
import { judgeLog } from '@deadbox/ntfs/internals';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../../support/ntfs/volume-bytes.js';

describe('judgeLog', () => {
  /** A restart page, with fixups, as ntfs-3g logfile.h lays it out. */
  const page = (options: { magic?: string; major?: number; inUse?: number; flags?: number; lsn?: bigint }): Bytes => {
    const bytes = new Uint8Array(4096);
    const view = viewOf(bytes);
    bytes.set(new TextEncoder().encode(options.magic ?? 'RSTR'));
    view.setUint16(4, 0x1e, true);
    view.setUint16(6, 9, true);
    view.setUint32(0x10, 4096, true);
    view.setUint32(0x14, 4096, true);
    view.setUint16(0x18, 0x30, true);
    view.setUint16(0x1a, options.major === 2 ? 0 : 1, true);
    view.setUint16(0x1c, options.major ?? 1, true);
    view.setBigUint64(0x30, options.lsn ?? 100n, true);
    view.setUint16(0x3c, options.inUse ?? 0, true);
    view.setUint16(0x3e, options.flags ?? 0, true);
    view.setUint16(0x1e, 0x55, true);
    for (let i = 1; i <= 8; i += 1) {
      view.setUint16(0x1e + i * 2, view.getUint16(i * 512 - 2, true), true);
      view.setUint16(i * 512 - 2, 0x55, true);
    }
    return bytes;
  };
  const empty = new Uint8Array(4096).fill(0xff);

  test.each([
    ['two pages of FF are an empty log', [empty, empty], { log: 'clean' }],
    ['a client in use and no clean flag: dirty', [page({}), page({ lsn: 90n })], { log: 'dirty', logVersion: '1.1' }],
    [
      'Windows 8 and later while mounted: 2.0',
      [page({ major: 2 }), page({ major: 2 })],
      { log: 'dirty', logVersion: '2.0' },
    ],
    ['the clean flag', [page({ flags: 2 }), empty], { log: 'clean', logVersion: '1.1' }],
    ['no client in use', [page({ inUse: 0xffff }), empty], { log: 'clean' }],
    ['written by chkdsk', [page({ magic: 'CHKD' }), empty], { log: 'clean' }],
    ['the newer page counts: dirty after clean', [page({ flags: 2, lsn: 5n }), page({ lsn: 6n })], { log: 'dirty' }],
    ['the newer page counts: clean after dirty', [page({ flags: 2, lsn: 7n }), page({ lsn: 6n })], { log: 'clean' }],
    ['only garbage', [new Uint8Array(4096), new Uint8Array(4096)], { log: 'unreadable' }],
  ])('%s', (_, pages, expected) => {
    expect(judgeLog(pages)).toMatchObject(expected);
  });

  test('a torn page does not count', () => {
    const torn = page({ lsn: 999n });
    torn[1023] ^= 1;
    expect(judgeLog([torn, page({ flags: 2 })])).toMatchObject({ log: 'clean' });
    expect(judgeLog([torn, torn])).toEqual({ log: 'unreadable' });
  });
});
