import { type Bytes, IssueLog, MemorySource } from '@deadbox/core';
import { detectEncryption } from '@deadbox/encryption';
import { describe, expect, test } from 'vitest';
import { parseLuks2Metadata, parseLuksHeader } from '../../../packages/encryption/src/detect/luks.js';

describe('a CoreStorage header of FileVault 2', () => {
  /** libfvde, "Core Storage physical volume header". */
  const header = (edit: (view: DataView) => void = () => undefined): Bytes => {
    const bytes = new Uint8Array(1 << 20);
    const view = new DataView(bytes.buffer);
    view.setUint16(8, 1, true);
    view.setUint16(10, 0x10, true);
    bytes.set([0x43, 0x53], 88);
    view.setUint32(168, 16, true);
    view.setUint32(172, 2, true);
    edit(view);
    return bytes;
  };
  const found = async (bytes: Bytes): Promise<string> =>
    (await detectEncryption(new MemorySource(bytes))).product ?? 'none';

  /** CRC-32C bit by bit from the seed that is stored, not inverted: libfvde, "weak CRC-32". */
  const checksum = (bytes: Uint8Array, seed: number): number => {
    let crc = seed;
    for (const value of bytes) {
      crc ^= value;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
    }
    return crc >>> 0;
  };

  test('whose checksum fits is proven', async () => {
    // The check value of CRC-32C, which is inverted at the end.
    expect(~checksum(Buffer.from('123456789'), 0xffff_ffff) >>> 0).toBe(0xe306_9283);
    for (const seed of [0xffff_ffff, 0x1234_5678]) {
      const bytes = header((view) => view.setUint32(4, seed, true));
      new DataView(bytes.buffer).setUint32(0, checksum(bytes.subarray(8, 512), seed), true);
      expect(await detectEncryption(new MemorySource(bytes))).toMatchObject({
        product: 'FileVault 2 (CoreStorage)',
        confidence: 'verified',
        flags: [],
      });
    }
  });

  test('whose checksum does not fit is still one, and damaged', async () => {
    expect(await detectEncryption(new MemorySource(header((view) => view.setUint32(0, 1, true))))).toMatchObject({
      product: 'FileVault 2 (CoreStorage)',
      confidence: 'corroborated',
      flags: ['metadata-damaged'],
    });
  });

  test.each<[string, (view: DataView) => void]>([
    ['version', (view) => view.setUint16(8, 2, true)],
    ['block type', (view) => view.setUint16(10, 0x11, true)],
    ['key size', (view) => view.setUint32(168, 32, true)],
    ['cipher', (view) => view.setUint32(172, 1, true)],
  ])('of another %s is none', async (_, edit) => {
    expect(await found(header(edit))).not.toContain('FileVault');
  });
});

test.each([1024, 5000, 131_072])('an APFS container with blocks of %i bytes cannot be told more of', async (size) => {
  const bytes = new Uint8Array(1 << 20);
  bytes.set(Buffer.from('NXSB'), 32);
  new DataView(bytes.buffer).setUint32(36, size, true);
  expect(await detectEncryption(new MemorySource(bytes))).toMatchObject({ product: 'APFS', confidence: 'heuristic' });
});

describe('a LUKS header', () => {
  const HEADER = 16_384;
  const head = (version: number, edit: (view: DataView) => void = () => undefined): Bytes => {
    const bytes = new Uint8Array(HEADER);
    bytes.set([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe]);
    const view = new DataView(bytes.buffer);
    view.setUint16(6, version);
    view.setBigUint64(8, BigInt(HEADER));
    edit(view);
    return bytes;
  };

  test('of an unknown version, of another place, or of an impossible size is none', () => {
    expect(parseLuksHeader(head(3), 0)).toBeUndefined();
    expect(parseLuksHeader(head(2), 512)).toBeUndefined();
    expect(
      parseLuksHeader(
        head(2, (view) => view.setBigUint64(8, 4096n)),
        0,
      ),
    ).toBeUndefined();
    expect(
      parseLuksHeader(
        head(2, (view) => view.setBigUint64(8, 2n ** 40n)),
        0,
      ),
    ).toBeUndefined();
  });

  const metadata = (
    json: unknown,
    edit?: (view: DataView) => void,
  ): { issues: string[]; read: ReturnType<typeof parseLuks2Metadata> } => {
    const bytes = head(2, edit);
    bytes.set(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)), 4096);
    const header = parseLuksHeader(bytes, 0);
    if (header === undefined) throw new Error('no header');
    const log = new IssueLog();
    const read = parseLuks2Metadata(header, bytes, log);
    return { read, issues: log.issues.map(({ code }) => code) };
  };

  test('says which key slots hardware guards, and which a token that nobody knows', () => {
    const { read, issues } = metadata({
      segments: { 0: { encryption: 'aes-xts-plain64' } },
      keyslots: { 0: {}, 1: {}, 2: {}, 3: null },
      tokens: { 0: { type: 'systemd-tpm2', keyslots: ['1'] }, 1: { type: 'own', keyslots: ['2'] }, 2: { type: 'own' } },
    });
    expect(read).toEqual({
      method: 'aes-xts-plain64',
      keySlots: [
        { id: 'keyslot-0', type: 'password', offline: true },
        { id: 'keyslot-1', type: 'tpm', offline: false },
        { id: 'keyslot-2', type: 'unknown', offline: false },
      ],
    });
    expect(issues).toEqual([]);
  });

  test('with metadata that is no JSON, no object, or does not fit its checksum says so, or nothing', () => {
    expect(metadata('{').issues).toEqual(['luks.metadata']);
    expect(metadata('7')).toEqual({ read: { keySlots: [] }, issues: [] });
    expect(metadata('null').read).toEqual({ keySlots: [] });
    expect(metadata({ keyslots: 5 }).read).toEqual({ keySlots: [] });
    // JSON that fills its area to the end has no NUL behind it.
    const filled = JSON.stringify({ keyslots: { 0: {} } }).padEnd(HEADER - 4096);
    expect(metadata(filled)).toMatchObject({ read: { keySlots: [{ id: 'keyslot-0' }] }, issues: [] });
    const sha = (view: DataView): void => {
      for (const [i, letter] of [0x73, 0x68, 0x61, 0x32, 0x35, 0x36].entries()) view.setUint8(72 + i, letter);
    };
    expect(metadata('{}', sha).issues).toEqual(['luks.header-checksum']);
  });
});
