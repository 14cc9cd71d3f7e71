import { type Bytes, MemorySource } from '@deadbox/core';
import { type LdmMember, type LdmPart, type LdmVolume, openLdmVolume } from '@deadbox/partitions';
import { describe, expect, test } from 'vitest';

const STRIPE = 64;
const LENGTH = 256;

/** A disk of 1 KiB whose every byte names it and its place. */
function disk(number: number): Bytes {
  return Uint8Array.from({ length: 1024 }, (_, at) => (number * 67 + at * 7) & 0xff);
}

const part = (number: number, change: Partial<LdmPart> = {}): LdmPart => ({
  diskId: `DISK-${number}`,
  diskName: `Disk${number}`,
  offset: 512,
  length: LENGTH,
  volumeOffset: 0,
  column: number,
  copy: 0,
  ...change,
});

function volumeOf(layout: LdmVolume['layout'], length: number, parts: readonly LdmPart[], stripe = STRIPE): LdmVolume {
  return {
    name: 'Volume1',
    id: 'VOLUME',
    length,
    layout,
    partitionType: 7,
    driveLetter: '',
    stripeLength: stripe,
    parts,
    otherDisks: [],
    recordOffset: 0,
  };
}

/** The disks of a group; each knows the offsets of its own parts only, as on real disks. */
function group(volume: LdmVolume, numbers: readonly number[], size = 1024): LdmMember[] {
  return numbers.map((number) => ({
    disk: new MemorySource(disk(number).slice(0, size)),
    database: {
      diskId: `DISK-${number}`,
      groupId: 'GROUP',
      groupName: 'Group',
      volumes: [
        {
          ...volume,
          parts: volume.parts.map((one) => (one.diskId === `DISK-${number}` ? one : { ...one, offset: undefined })),
        },
      ],
    },
  }));
}

const opened = (volume: LdmVolume, numbers: readonly number[], size?: number) =>
  openLdmVolume(volume, group(volume, numbers, size), 'volume');

/** Bytes of a disk's part. */
const piece = (number: number, at: number, length: number): number[] => [
  ...disk(number).subarray(512 + at, 512 + at + length),
];

describe('a volume over several disks', () => {
  const spanned = volumeOf('spanned', 2 * LENGTH, [
    part(0, { column: 0 }),
    part(1, { column: 0, volumeOffset: LENGTH }),
  ]);
  const striped = volumeOf('striped', 2 * LENGTH, [part(0), part(1)]);
  const raid5 = volumeOf('raid5', 2 * LENGTH, [part(0), part(1), part(2)]);

  test('that spans them is one part behind the other', async () => {
    const source = opened(spanned, [0, 1]);
    expect([...((await source?.read(LENGTH - 8, 16)) ?? [])]).toEqual([...piece(0, LENGTH - 8, 8), ...piece(1, 0, 8)]);
    const places = [];
    for await (const batch of source?.extents?.(LENGTH - 8, LENGTH + 8) ?? []) places.push(...batch);
    expect(places.map(({ offset, length }) => [offset, length])).toEqual([
      [LENGTH - 8, 8],
      [LENGTH, 8],
    ]);
  });

  test('that is striped takes a stripe of each in turn', async () => {
    const bytes = [...((await opened(striped, [0, 1])?.read(0, 4 * STRIPE)) ?? [])];
    expect(bytes).toEqual([
      ...piece(0, 0, STRIPE),
      ...piece(1, 0, STRIPE),
      ...piece(0, STRIPE, STRIPE),
      ...piece(1, STRIPE, STRIPE),
    ]);
  });

  test('of RAID-5 makes up what a missing disk holds, and says that it lies nowhere', async () => {
    const source = opened(raid5, [0, 1]);
    // Row 0 has its parity on the last disk, and data on disks 0 and 1; row 1 has it on disk 1, and data on 2 and 0.
    const bytes = [...((await source?.read(2 * STRIPE, 2 * STRIPE)) ?? [])];
    const [first, second] = [piece(0, STRIPE, STRIPE), piece(1, STRIPE, STRIPE)];
    expect(bytes.slice(0, STRIPE)).toEqual(first.map((value, i) => value ^ second[i]));
    expect(bytes.slice(STRIPE)).toEqual(first);
    const kinds = [];
    for await (const batch of source?.extents?.(2 * STRIPE, 4 * STRIPE) ?? []) kinds.push(...batch);
    expect(kinds.map(({ offset, length, kind }) => [offset, length, kind])).toEqual([
      [2 * STRIPE, STRIPE, 'data'],
      [3 * STRIPE, STRIPE, 'data'],
    ]);
  });

  test.each<[string, LdmVolume, readonly number[], number?]>([
    ['a disk of a spanned one is missing', spanned, [0]],
    ['a disk of a striped one is missing', striped, [1]],
    ['two disks of a RAID-5 are missing', raid5, [2]],
    [
      'its parts leave a gap',
      volumeOf('spanned', 2 * LENGTH, [part(0), part(1, { volumeOffset: LENGTH + 8 })]),
      [0, 1],
    ],
    ['its parts end before it does', volumeOf('spanned', 3 * LENGTH, spanned.parts), [0, 1]],
    ['its stripes have no length', volumeOf('striped', 2 * LENGTH, striped.parts, 0), [0, 1]],
    ['it has only a parity', volumeOf('raid5', LENGTH, [part(0)]), [0]],
    ['a column has two parts', volumeOf('striped', 2 * LENGTH, [part(0), part(1, { column: 0 })]), [0, 1]],
    ['a part is shorter than its stripes', volumeOf('striped', 2 * LENGTH + 8 * STRIPE, striped.parts), [0, 1]],
    ['a part reaches beyond its disk', striped, [0, 1], 700],
    ['a part names no disk', volumeOf('simple', LENGTH, [part(0, { diskId: undefined })]), [0]],
  ])('is not opened where %s', (_, volume, numbers, size) => {
    expect(opened(volume, numbers, size)).toBeUndefined();
  });

  test('is not opened by a disk whose own database has another span for the part', () => {
    const members = group(striped, [0, 1]);
    for (const change of [{ length: 8 }, { volumeOffset: 8 }, { copy: 1 }, { column: 3 }]) {
      const other = { ...striped, parts: [{ ...striped.parts[0], ...change }, striped.parts[1]] };
      expect(openLdmVolume(other, members, 'volume'), JSON.stringify(change)).toBeUndefined();
    }
    expect(openLdmVolume({ ...striped, id: 'ANOTHER' }, members, 'volume')).toBeUndefined();
  });

  test('of two copies opens by the second where the first lies on a disk that is missing', async () => {
    const mirrored = volumeOf('mirrored', LENGTH, [part(0, { column: 0 }), part(1, { column: 0, copy: 1 })]);
    expect([...((await opened(mirrored, [1])?.read(0, 8)) ?? [])]).toEqual(piece(1, 0, 8));
  });
});
