import { type Bytes, isDeadboxError, MemorySource } from '@deadbox/core';
import { bodyFileLines, checkVolume, MftTable, NtfsVolume, pathLines, readDirectorySlack } from '@deadbox/ntfs';
import { parseFileRecord, parseIndexBlock } from '@deadbox/ntfs/internals';
import { type Arbitrary, assert, asyncProperty, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { windowsVolume } from '../support/ntfs/volume-bytes.js';

/** `work` on a `Buffer`, whose `slice` shares memory, must leave every byte as it was. */
async function unchanged(bytes: Uint8Array, work: (bytes: Bytes) => unknown): Promise<void> {
  const given = Buffer.from(bytes);
  try {
    await work(given);
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
  }
  expect(Buffer.compare(given, bytes)).toBe(0);
}

/** A file record or index block with a good signature and fixups that could be put right, and anything else in it. */
const block = (signature: string): Arbitrary<Uint8Array> =>
  uint8Array({ minLength: 1024, maxLength: 1024 }).map((bytes) => {
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 4; i += 1) bytes[i] = signature.charCodeAt(i);
    view.setUint16(4, 0x30, true);
    view.setUint16(6, 3, true);
    for (const tail of [510, 1022]) view.setUint16(tail, view.getUint16(0x30, true), true);
    return bytes;
  });

test('parsers of records and index blocks put fixups right in a copy', async () => {
  await assert(
    asyncProperty(block('FILE'), (bytes) =>
      unchanged(bytes, (given) => parseFileRecord(given, { number: 7, place: { offset: 0 } })),
    ),
  );
  await assert(
    asyncProperty(block('INDX'), (bytes) => {
      const vcn = Number(new DataView(bytes.buffer).getBigUint64(0x10, true));
      return unchanged(bytes, (given) => parseIndexBlock(given, vcn, true, { offset: 0 }));
    }),
  );
});

test('reading everything of a volume in a Buffer changes none of its bytes', async () => {
  await unchanged(windowsVolume(), async (given) => {
    const volume = await NtfsVolume.open(new MemorySource(given));
    await checkVolume(volume);
    const table = await volume.mft({ deleted: true });
    for (const lines of [pathLines(table), bodyFileLines(table)])
      for (const chunk of lines) expect(chunk.length).toBeGreaterThan(0);
    const folder = await volume.lookup('/Windows/System32/drivers');
    if (folder === undefined) throw new Error('no such folder');
    for await (const node of readDirectorySlack(volume, folder)) expect(node.entries.length).toBeGreaterThan(0);
    await volume.outsideIndex(folder, '');
    await volume.state();
  });
});

test('scanning a dumped $MFT in a Buffer changes none of its bytes', async () => {
  const bytes = windowsVolume();
  const volume = await NtfsVolume.open(new MemorySource(bytes));
  const mft = await volume.records.stream();
  await unchanged(await mft.read(0, mft.size), async (given) => {
    await MftTable.fromFile(new MemorySource(given), { deleted: true });
  });
});
