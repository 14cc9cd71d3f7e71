import { DeadboxError, type Extent, MIB, transportFailed } from '@deadbox/core';
import { type VirtualDisk, verifyImage } from '@deadbox/image';
import { expect, test } from 'vitest';
import { errorOf } from '../../support/image/memory-files.js';

/** A disk of which only what the check asks for is there. */
function diskOf(facts: {
  size: number;
  read: (offset: number, length: number) => void;
  extents?: () => AsyncGenerator<readonly Extent[]>;
}): VirtualDisk {
  const read = (offset: number, length: number): Uint8Array<ArrayBuffer> => {
    facts.read(offset, length);
    return new Uint8Array(length);
  };
  const disk = { format: 'raw', variant: 'flat', parents: [], issues: [], details: {}, size: facts.size, read };
  const readInto = (offset: number, target: Uint8Array): void => void read(offset, target.length);
  return { ...disk, readInto, ...(facts.extents && { extents: facts.extents }) } as unknown as VirtualDisk;
}
const damage = (offset: number): Error =>
  new DeadboxError('READ_FAILED', `no data at ${offset}`, { at: { layer: 'disk', offset } });
const placesOf = async (disk: VirtualDisk) =>
  (await verifyImage(disk)).unreadable.map(({ offset, length }) => [offset, length]);

test('a table that ends in damage leaves the rest to be read, behind what it said', async () => {
  const table = (said: readonly Extent[]) =>
    async function* (): AsyncGenerator<readonly Extent[]> {
      yield said;
      throw damage(0);
    };
  const asked: number[] = [];
  const read = (offset: number): void => void asked.push(offset);
  const data: Extent[] = [
    { offset: 0, length: MIB, kind: 'data' },
    { offset: MIB, length: MIB, kind: 'zero' },
  ];
  expect((await verifyImage(diskOf({ size: 4 * MIB, read, extents: table(data) }))).unreadable).toEqual([]);
  expect(asked).toEqual([0, 2 * MIB, 3 * MIB]);
  asked.length = 0;
  await verifyImage(diskOf({ size: 2 * MIB, read, extents: table([]) }));
  expect(asked).toEqual([0, MIB]);
});

test('a server that fails is no damage, neither in a table nor in what it leads to', async () => {
  const failed = transportFailed('network', 'http://server', { offset: 0, length: 1 }, 'HTTP 503');
  const table = (): AsyncGenerator<readonly Extent[]> => {
    throw failed;
  };
  const throwing = (): void => {
    throw failed;
  };
  for (const facts of [{ read: () => undefined, extents: table }, { read: throwing }])
    expect(await errorOf(verifyImage(diskOf({ size: MIB, ...facts })))).toMatchObject({ code: 'READ_FAILED' });
});

test('more than a thousand damaged places become one with the last', async () => {
  const size = 2100 * 8192;
  const read = (offset: number, length: number): void => {
    // Every second 4 KiB cannot be read.
    const bad = Math.ceil((offset - 4095) / 8192) * 8192;
    if (bad < offset + length && bad + 4096 > offset) throw damage(bad);
  };
  const places = await placesOf(diskOf({ size, read }));
  expect(places).toHaveLength(1000);
  expect(places[998]).toEqual([998 * 8192, 4096]);
  expect(places[999]).toEqual([999 * 8192, size - 4096 - 999 * 8192]);
});
