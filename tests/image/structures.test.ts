import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, type DescribedField, describeStructure, type Structure } from '@deadbox/core';
import * as internals from '@deadbox/image/internals';
import {
  PARALLELS_HEADER,
  QCOW_HEADER,
  QCOW2_HEADER,
  VDI_HEADER,
  VHD_DYNAMIC_HEADER,
  VHD_FOOTER,
  VHDX_HEADER,
  VHDX_METADATA_TABLE,
  VHDX_REGION_ENTRY,
  VHDX_REGION_TABLE,
  VMDK_SPARSE_HEADER,
} from '@deadbox/image/internals';
import { describe, expect, test } from 'vitest';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

const tables: readonly Structure[] = Object.values<unknown>({ ...internals }).filter(
  (value): value is Structure => typeof value === 'object' && value !== null && 'fields' in value && 'kind' in value,
);

describe('the field tables of containers', () => {
  test('name every structure once, with a source', () => {
    expect(tables.length).toBeGreaterThan(15);
    expect(new Set(tables.map(({ kind }) => kind)).size).toBe(tables.length);
    expect(tables.filter(({ source }) => source === '')).toEqual([]);
  });

  test.each(tables.map((table) => [table.kind, table] as const))(
    'of %s have no fields on top of one another',
    (_, table) => {
      const spans = Object.values(table.fields)
        .map(({ offset, length }) => [offset, offset + length] as const)
        .sort((a, b) => a[0] - b[0]);
      for (const [index, [start]] of spans.entries()) expect(start).toBeGreaterThanOrEqual(spans[index - 1]?.[1] ?? 0);
    },
  );
});

describeWithTools(['qemu-img'], 'the fields of an image that qemu-img made', () => {
  const folder = temporaryFolder();
  const SIZE = 20 * 1024 * 1024;

  const made = (format: string, options = ''): Bytes => {
    const path = join(folder, `made.${format}`);
    run('qemu-img', ['create', '-q', '-f', format, ...(options === '' ? [] : ['-o', options]), path, String(SIZE)]);
    return new Uint8Array(readFileSync(path));
  };
  const values = (table: Structure, bytes: Bytes, base = 0): Record<string, DescribedField['value']> =>
    Object.fromEntries(describeStructure(table, bytes, base).map(({ name, value }) => [name, value]));

  test('are those of QCOW2', () => {
    const bytes = made('qcow2', 'compat=1.1,cluster_size=131072,lazy_refcounts=on');
    expect(values(QCOW2_HEADER, bytes)).toMatchObject({
      version: 3,
      clusterBits: 17,
      size: SIZE,
      compatible: '1',
      refcountOrder: 4,
      snapshotCount: 0,
      backingOffset: 0,
    });
  });

  test('are those of QCOW', () => {
    expect(values(QCOW_HEADER, made('qcow'))).toMatchObject({
      version: 1,
      size: SIZE,
      clusterBits: 12,
      l2Bits: 9,
      cryptMethod: 0,
    });
  });

  test('are those of VHD, in its footer and its dynamic header', () => {
    const bytes = made('vpc', 'subformat=dynamic,force_size=on');
    const footer = describeStructure(VHD_FOOTER, bytes, bytes.length - 512);
    expect(footer.find(({ name }) => name === 'cookie')?.value).toBe('conectix');
    expect(footer.find(({ name }) => name === 'type')).toMatchObject({ value: 3, text: 'dynamic' });
    expect(footer.find(({ name }) => name === 'currentSize')).toMatchObject({ offset: 48, length: 8, value: SIZE });
    expect(values(VHD_DYNAMIC_HEADER, bytes, 512)).toMatchObject({
      cookie: 'cxsparse',
      blockSize: 2 << 20,
      tableEntries: 10,
    });
  });

  test('are those of VHDX, in its headers, regions and metadata', () => {
    const bytes = made('vhdx', 'log_size=2097152');
    const headers = [0x1_0000, 0x2_0000].map((base) => values(VHDX_HEADER, bytes, base));
    for (const header of headers) expect(header).toMatchObject({ signature: 'head', version: 1, logLength: 2 << 20 });
    expect(values(VHDX_REGION_TABLE, bytes, 0x3_0000)).toMatchObject({ signature: 'regi', entryCount: 2 });
    const regions = [0, 1].map((index) => describeStructure(VHDX_REGION_ENTRY, bytes, 0x3_0010 + index * 32));
    expect(regions.map((region) => region[0]?.text)).toEqual(['block allocation table', 'metadata']);
    const metadata = regions[1]?.find(({ name }) => name === 'fileOffset')?.value as number;
    expect(values(VHDX_METADATA_TABLE, bytes, metadata)).toMatchObject({ signature: 'metadata', entryCount: 5 });
  });

  test('are those of a sparse VMDK', () => {
    expect(values(VMDK_SPARSE_HEADER, made('vmdk'))).toMatchObject({
      magic: 'KDMV',
      capacity: SIZE / 512,
      grainSize: 128,
      descriptorOffset: 1,
      tableEntries: 512,
    });
  });

  test('are those of VDI', () => {
    const type = describeStructure(VDI_HEADER, made('vdi')).find(({ name }) => name === 'type');
    expect(type).toMatchObject({ value: 1, text: 'dynamic' });
    expect(values(VDI_HEADER, made('vdi'))).toMatchObject({
      size: SIZE,
      blockSize: 1 << 20,
      blocks: 20,
      allocatedBlocks: 0,
    });
  });

  test('are those of Parallels', () => {
    const [magic] = describeStructure(PARALLELS_HEADER, made('parallels'));
    expect(magic?.text).toBe('extended');
    expect(values(PARALLELS_HEADER, made('parallels'))).toMatchObject({
      version: 2,
      sectors: SIZE / 512,
      clusterSectors: 2048,
    });
  });
});
