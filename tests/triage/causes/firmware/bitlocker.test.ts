import { crc32 } from 'node:zlib';
import { MemorySource } from '@deadbox/core';
import { renderScanImage } from '@deadbox/report';
import { ja } from '@deadbox/report/ja';
import { describe, expect, test } from 'vitest';
import { type MadeBitLockerVolume, makeBitLockerVolume } from '../../../support/bitlocker-volume.js';
import { causeOf, reportOf } from '../../../support/triage/found-causes.js';

/** Types of key protectors, as they stand on disk. */
const TYPE = { clearKey: 0x0000, tpm: 0x0100, startupKey: 0x0200, recovery: 0x0800, password: 0x2000 } as const;
/** From the id of a key protector to its type. */
const TYPE_AT = 26;

let made: MadeBitLockerVolume | undefined;

/** The cause on a disk that is one locked volume whose only protector has that type. */
async function found(type: number): Promise<ReturnType<typeof causeOf>> {
  return causeOf(await reportOf(new MemorySource(lockedBy(type))), 'bitlocker-will-ask');
}

function lockedBy(type: number): Uint8Array<ArrayBuffer> {
  // Stretching a password takes long, and nobody opens the volume: what has a startup key is called something else.
  made ??= makeBitLockerVolume(new Uint8Array(2 << 20), { startupKey: new Uint8Array(32).fill(0x5a) });
  const bytes = made.bytes.slice();
  for (const offset of made.metadataOffsets) setType(Buffer.from(bytes.buffer, offset, 65_536), type);
  return bytes;
}

/** Gives the protector another type, and mends the checksum behind the block. */
function setType(metadata: Buffer, type: number): void {
  const size = metadata.readUInt16LE(8) * 16;
  let at = 112;
  // The entry of a protector has type 2 and value type 8; its id follows eight bytes later.
  while (metadata.readUInt16LE(at + 2) !== 2 || metadata.readUInt16LE(at + 4) !== 8) at += 2;
  expect(metadata.readUInt16LE(at + 8 + TYPE_AT)).toBe(TYPE.startupKey);
  metadata.writeUInt16LE(type, at + 8 + TYPE_AT);
  metadata.writeUInt32LE(crc32(metadata.subarray(0, size)), size + 4);
}

describe('BitLocker in another machine', () => {
  test.each([
    ['a TPM', TYPE.tpm, 'tpm'],
    ['another volume', TYPE.startupKey, 'startup-key'],
  ])('asks for the recovery key where %s holds the key', async (_, type, name) => {
    expect(await found(type)).toMatchObject({
      severity: 'review',
      confidence: 'strong',
      volume: 1,
      data: { protectors: [name], recovery: [] },
    });
  });

  test.each([
    ['a password, which is asked for at every start', TYPE.password],
    ['a recovery password alone', TYPE.recovery],
  ])('asks for nothing new where the key is held by %s', async (_, type) => {
    expect(await found(type)).toBeUndefined();
  });

  test('names the protector by its id, and the command that opens the disk with the recovery key', async () => {
    const report = await reportOf(new MemorySource(lockedBy(TYPE.recovery)));
    const id = report.volumes[0]?.encryption.keyProtectors[0]?.id;
    expect(id).toMatch(/^[0-9A-F]{8}-/);
    const text = renderScanImage(report, { width: 300 });
    expect(text.split('\n')[0]).toContain('BLOCKED');
    expect(text.split('\n')[0]).toContain(id);
    expect(text).toContain('deadbox scan server.raw --recovery-key -');
    expect(renderScanImage(report, { width: 300, language: ja })).toContain('deadbox scan server.raw --recovery-key -');
  });

  test('opens by itself where a clear key is there', async () => {
    const { bytes } = makeBitLockerVolume(new Uint8Array(2 << 20), {
      clearKey: true,
      startupKey: new Uint8Array(32).fill(0x5a),
    });
    expect(causeOf(await reportOf(new MemorySource(bytes)), 'bitlocker-will-ask')).toBeUndefined();
  });
});
