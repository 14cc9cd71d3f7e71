import { type Bytes, describeStructure } from '@deadbox/core';
import {
  ATTRIBUTE_HEADER,
  describeDataRuns,
  FILE_NAME,
  FILE_RECORD_HEADER,
  INDEX_BLOCK,
  INDEX_ENTRY,
  INDEX_NODE,
  INDEX_ROOT,
  NON_RESIDENT_HEADER,
  NTFS_BOOT_SECTOR,
  STANDARD_INFORMATION,
} from '@deadbox/ntfs';
import { expect, test } from 'vitest';
import { openBytes, windowsVolume } from '../../support/ntfs/volume-bytes.js';

const FOLDER = '/Windows/System32/drivers/CrowdStrike';
const FILE = `${FOLDER}/C-00000291-00000000-00000032.sys`;

/** Field, value and text of a described structure. */
function facts(fields: ReturnType<typeof describeStructure>): Record<string, unknown> {
  return Object.fromEntries(fields.map(({ name, value, text }) => [name, text === undefined ? value : [value, text]]));
}

async function fileBytes(): Promise<{ bytes: Bytes; record: Bytes; attributes: Map<number, number> }> {
  const bytes = windowsVolume();
  const file = await (await openBytes(bytes)).lookup(FILE);
  if (file === undefined) throw new Error('no such file');
  const { fileRecord } = file;
  return {
    bytes,
    record: fileRecord.bytes,
    attributes: new Map(fileRecord.attributes.map((one) => [one.type, one.offset])),
  };
}

test('a boot sector is listed with what mkntfs wrote', () => {
  const fields = describeStructure(NTFS_BOOT_SECTOR, windowsVolume());
  expect(facts(fields)).toMatchObject({
    signature: 'NTFS    ',
    bytesPerSector: 512,
    sectorsPerCluster: 8,
    mftLcn: 4,
    recordSize: -10,
  });
  expect(fields.find(({ name }) => name === 'bytesPerSector')).toMatchObject({ offset: 0x0b, length: 2, raw: '0002' });
});

test('a file record is listed down to its name and data runs', async () => {
  const { record, attributes } = await fileBytes();
  expect(facts(describeStructure(FILE_RECORD_HEADER, record))).toMatchObject({
    signature: 'FILE',
    flags: [1, 'in use'],
    usedSize: 472,
    baseRecord: 0,
  });
  const name = attributes.get(0x30) as number;
  expect(facts(describeStructure(ATTRIBUTE_HEADER, record, name))).toMatchObject({
    type: [0x30, '$FILE_NAME'],
    nonResident: [0, 'resident'],
  });
  const value = name + record[name + 0x14];
  expect(facts(describeStructure(FILE_NAME, record, value))).toMatchObject({
    parentSequence: 1,
    nameLength: 32,
    nameSpace: [0, 'POSIX'],
    name: 'C-00000291-00000000-00000032.sys',
  });
  const standard = attributes.get(0x10) as number;
  expect(facts(describeStructure(STANDARD_INFORMATION, record, standard + record[standard + 0x14]))).toMatchObject({
    modified: '2024-07-19T04:09:35.1234567Z',
    attributes: [0x20, 'archive'],
  });
  const data = attributes.get(0x80) as number;
  expect(facts(describeStructure(NON_RESIDENT_HEADER, record, data))).toMatchObject({
    firstVcn: 0,
    lastVcn: '1',
    size: 6321,
  });
  const runs = record.subarray(data + record[data + 0x20]);
  expect(describeDataRuns(runs)).toMatchObject([{ name: 'run 0', offset: 0, value: { vcn: 0, clusters: 2 } }]);
});

test('a directory is listed from its root to an entry', async () => {
  const volume = await openBytes(windowsVolume());
  const folder = await volume.lookup(FOLDER);
  const root = folder?.fileRecord.attributes.find(({ type }) => type === 0x90);
  if (root?.resident !== true) throw new Error('no root');
  expect(facts(describeStructure(INDEX_ROOT, root.value))).toMatchObject({
    indexedType: 0x30,
    collation: [1, 'file name'],
    blockSize: 4096,
  });
  const file = await volume.lookup(FILE);
  const place = file?.entry?.place;
  const block = await volume.source.read(place?.nodeOffset ?? 0, 4096);
  expect(facts(describeStructure(INDEX_BLOCK, block))).toMatchObject({ signature: 'INDX', vcn: 0 });
  expect(facts(describeStructure(INDEX_NODE, block, 0x18))).toMatchObject({ firstEntry: 0x28 });
  const entry = describeStructure(INDEX_ENTRY, block, place?.entryOffset ?? 0);
  expect(facts(entry)).toMatchObject({ record: file?.record, sequence: 1, keyLength: 0x42 + 64 });
  expect(entry.find(({ name }) => name === 'key')?.length).toBe(0x42 + 64);
});

test('mapping pairs are listed with holes and places behind one another', () => {
  // ntfs-3g's own documentation of mapping pairs: a run, a hole, a run before the first.
  const pairs = Uint8Array.of(0x21, 0x18, 0x34, 0x56, 0x01, 0x10, 0x11, 0x08, 0xf0, 0x00, 0x11);
  expect(describeDataRuns(pairs)).toMatchObject([
    { offset: 0, length: 4, raw: '21183456', value: { vcn: 0, lcn: 0x5634, clusters: 0x18 } },
    { offset: 4, length: 2, raw: '0110', value: { vcn: 0x18, lcn: null, clusters: 0x10 } },
    { offset: 6, length: 3, raw: '1108f0', value: { vcn: 0x28, lcn: 0x5624, clusters: 8 } },
  ]);
});
