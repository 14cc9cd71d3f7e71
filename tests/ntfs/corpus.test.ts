import { join } from 'node:path';
import { type ByteSource, formatFileTime, hashSource, isDeadboxError, WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { type NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import { afterAll, expect, test } from 'vitest';
import {
  type CorpusEntry,
  corpusFile,
  corpusFolder,
  corpusManifest,
  describeWithCorpus,
  readListing,
} from '../support/corpus.js';

interface Row {
  record: number;
  size: number;
  path: string;
  sha256: string;
  type: string;
  modified: string;
}

/** Walks the tree through the directory indexes: every name, every named stream. */
async function listAll(volume: NtfsVolume): Promise<Row[]> {
  const rows: Row[] = [];
  const walk = async (directory: NtfsFile): Promise<void> => {
    const listing = directory.entries();
    for await (const batch of listing) {
      for (const entry of batch) {
        const file = await entry.open();
        await add(file, rows);
        if (file.type === 'directory') await walk(file);
      }
    }
    expect(listing.complete, directory.path).toBe(true);
  };
  const root = await volume.root();
  await add(root, rows);
  await walk(root);
  return rows;
}

async function add(file: NtfsFile, rows: Row[]): Promise<void> {
  const row = { record: file.record, path: file.path, modified: formatFileTime(file.modified ?? 0n) ?? '' };
  rows.push({
    ...row,
    size: file.size,
    sha256: file.type === 'file' ? await hash(file, '') : file.type === 'other' ? EMPTY_HASH : '-',
    type: file.type,
  });
  for (const { name, size } of file.streams())
    rows.push({ ...row, path: `${file.path}:${name}`, size, sha256: await hash(file, name), type: 's' });
}

async function hash(file: NtfsFile, name: string): Promise<string> {
  try {
    const stream: ByteSource = await file.stream(name);
    return stream.size > 256 << 20 ? '-' : await hashSource(stream);
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

/**
 * What The Sleuth Kit makes of a FILETIME of 0 ("not set", as old mkntfs left record 0): seconds before 1970, wrapped
 * at 64 and then 32 bits.
 */
const UNSET_IN_SLEUTH_KIT = '2076-11-29T08:54:34.0000000Z';

/** The oracle's time in our terms; an empty one means that the oracle has none. */
function oracleTime(row: Row, found: string): string {
  return row.modified === '' ? found : row.modified === UNSET_IN_SLEUTH_KIT ? '' : row.modified;
}

/** ntfs-3g, the oracle of the volume with 2 MiB clusters, shows a record without unnamed `$DATA` as an empty file. */
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const TYPES: Record<string, string[]> = {
  f: ['file', 'other'],
  d: ['directory'],
  s: ['s'],
  x: ['other'],
  r: ['symlink', 'junction', 'reparse'],
  l: ['symlink', 'junction', 'reparse'],
};

describeWithCorpus('NTFS volumes of the corpus', () => {
  const sources: ByteSource[] = [];
  afterAll(() => {
    for (const source of sources) void source.close?.();
  });
  const entries = corpusManifest().filter((entry) => entry.file.startsWith('ntfs/') && entry.file.endsWith('.raw.gz'));

  async function openVolume(entry: CorpusEntry): Promise<NtfsVolume> {
    const source = await openFile(corpusFile(entry));
    sources.push(source);
    const offset = entry.expected.volume_offset as number | undefined;
    const from = offset ?? (entry.expected.partition_table === undefined ? 0 : 65536);
    return NtfsVolume.open(new WindowSource(source, from, source.size - from));
  }

  test.each(entries.map((entry) => [entry.id, entry] as const))(
    '%s lists every name, stream, size, hash and time as its oracle does',
    async (_, entry) => {
      const volume = await openVolume(entry);
      const expected = readListing(join(corpusFolder(), entry.expected.listing as string));
      const found = await listAll(volume);
      const byPath = new Map(found.map((row) => [`${row.path}|${row.type === 's' ? 's' : ''}`, row]));
      for (const row of expected) {
        const got = byPath.get(`${row.path}|${row.type === 's' ? 's' : ''}`);
        expect(got, row.path).toBeDefined();
        if (got === undefined) continue;
        expect(TYPES[row.type], `${row.path} is ${got.type}`).toContain(got.type);
        const checked = {
          record: got.record,
          modified: got.modified,
          ...('fs'.includes(row.type) ? { size: got.size } : {}),
        };
        expect(checked, row.path).toEqual({
          record: row.record,
          modified: oracleTime(row, got.modified),
          ...('fs'.includes(row.type) ? { size: row.size } : {}),
        });
        if ('fs'.includes(row.type) && row.sha256 !== '-' && !row.sha256.startsWith('!'))
          expect(got.sha256, row.path).toBe(row.sha256);
      }
      const oracle = new Set(expected.map((row) => `${row.path}|${row.type === 's' ? 's' : ''}`));
      // ntfs-3g, the oracle of the volume with 2 MiB clusters, hides $MFT.
      const extra = [...byPath.keys()].filter(
        (key) => !oracle.has(key) && !(entry.expected.fsstat === undefined && key === '/$MFT|'),
      );
      expect(extra).toEqual([]);
      expect(volume.issues.issues).toEqual([]);
    },
  );

  test.each(entries.map((entry) => [entry.id, entry] as const))(
    '%s states its geometry as fsntfsinfo and fsstat do',
    async (_, entry) => {
      const { geometry } = await openVolume(entry);
      const { fsntfsinfo, fsstat } = entry.expected;
      expect(geometry.serialNumber.toString(16)).toBe(fsntfsinfo.serial.toLowerCase());
      expect(geometry.recordSize).toBe(Number(fsntfsinfo.mft_record_size));
      expect(geometry.clusterSize).toBe(Number(fsntfsinfo.cluster));
      if (fsstat === undefined) return;
      expect({ mft: geometry.mftLcn, mirror: geometry.mftMirrorLcn, sector: geometry.bytesPerSector }).toEqual({
        mft: fsstat.mft_cluster,
        mirror: fsstat.mftmirr_cluster,
        sector: fsstat.sector_size,
      });
    },
  );

  test.each(entries.map((entry) => [entry.id, entry] as const))(
    '%s has the label and version that the oracles read',
    async (_, entry) => {
      const state = await (await openVolume(entry)).state();
      expect(state.version).toBe(entry.expected.fsntfsinfo.version);
      if (entry.expected.fsstat !== undefined) expect(state.label).toBe(entry.expected.fsstat.label ?? '');
      expect(state.log).not.toBe('unreadable');
      expect(state.hibernation).toBe('none');
    },
  );
});
