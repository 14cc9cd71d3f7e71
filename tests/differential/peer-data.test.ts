import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteSource, type Bytes } from '@deadbox/core';
import { HOLE, NtfsVolume } from '@deadbox/ntfs';
import { readSystemEvents } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { memoryTree } from '../support/memory-tree.js';

/*
 * Volumes and logs that other projects test themselves with, and the answers that they expect. DEADBOX_PEER_DATA names
 * a folder with checkouts of Velocidex/go-ntfs as `go-ntfs` and williballenthin/python-evtx as `python-evtx`; none of
 * it is part of this project.
 */

const folder = process.env.DEADBOX_PEER_DATA ?? '';
const goNtfs = join(folder, 'go-ntfs/tests');
const pythonEvtx = join(folder, 'python-evtx/tests/data');

/**
 * A volume of which go-ntfs recorded the sectors that it needs: each file is named by its offset. What was not recorded
 * reads as zeros.
 */
function recorded(name: string): ByteSource {
  const pieces = readdirSync(join(goNtfs, name))
    .filter((file) => /^0x[0-9a-f]+\.bin$/.test(file))
    .map((file) => ({
      offset: Number.parseInt(file, 16),
      bytes: readFileSync(join(goNtfs, name, file)),
    }));
  return {
    // Larger than every volume that was recorded.
    size: 2 ** 40,
    read: (offset, length) => {
      const bytes: Bytes = new Uint8Array(length);
      for (const piece of pieces) {
        const from = Math.max(offset, piece.offset);
        const to = Math.min(offset + length, piece.offset + piece.bytes.length);
        if (from < to) bytes.set(piece.bytes.subarray(from - piece.offset, to - piece.offset), from - offset);
      }
      return bytes;
    },
  };
}

interface GoldenRun {
  readonly offset: number;
  readonly lcn: number;
  readonly clusters: number;
}

/** The runs with clusters that go-ntfs lists, with their place in the stream in clusters. */
function goldenRuns(name: string): GoldenRun[] {
  const text = readFileSync(join(goNtfs, name, 'fixtures/runs.golden'), 'utf8');
  const line = /FileOffset (\d+) -> DiskOffset (\d+) \(Length (\d+), {2}Cluster 4096\)/g;
  return [...text.matchAll(line)].map(([, offset, lcn, clusters]) => ({
    offset: Number(offset),
    lcn: Number(lcn),
    clusters: Number(clusters),
  }));
}

async function ourRuns(name: string, record: number, stream: string): Promise<GoldenRun[]> {
  const volume = await NtfsVolume.open(recorded(name));
  const file = await volume.file(record);
  const runs = await file.dataRuns(stream);
  return runs.filter(({ lcn }) => lcn !== HOLE).map(({ vcn, lcn, length }) => ({ offset: vcn, lcn, clusters: length }));
}

describe.skipIf(!existsSync(goNtfs))(
  `volumes that go-ntfs recorded${existsSync(goNtfs) ? '' : ' (skipped: DEADBOX_PEER_DATA names no checkout)'}`,
  () => {
    test('a table in 172 pieces lies where go-ntfs finds it', async () => {
      const golden = goldenRuns('highly_fragmented_mft');
      expect(golden.length).toBeGreaterThan(100);
      expect(await ourRuns('highly_fragmented_mft', 0, '')).toEqual(golden);
    });

    test('a file that is sparse behind its first cluster has that cluster, and its whole size', async () => {
      const [first] = goldenRuns('large_file_small_init');
      const [ours] = await ourRuns('large_file_small_init', 46, '');
      expect([ours.offset, ours.lcn]).toEqual([first.offset, first.lcn]);
      const volume = await NtfsVolume.open(recorded('large_file_small_init'));
      expect((await volume.file(46)).size).toBe(1_048_576);
    });

    test('streams that share an attribute id are told by their names', async () => {
      const volume = await NtfsVolume.open(recorded('ads_with_same_ids'));
      const file = await volume.file(38);
      const text = async (name: string): Promise<string> => {
        const stream = await file.stream(name);
        return Buffer.from(await stream.read(0, stream.size)).toString('latin1');
      };
      expect(await text('111')).toContain('111');
      expect(await text('333')).toContain('333');
      expect(await text('')).toContain('999');
    });
  },
);

describe.skipIf(!existsSync(pythonEvtx))(
  `event logs that python-evtx reads${existsSync(pythonEvtx) ? '' : ' (skipped: DEADBOX_PEER_DATA names no checkout)'}`,
  () => {
    const logs = existsSync(pythonEvtx)
      ? readdirSync(pythonEvtx).filter((name) => name.endsWith('.evtx') && !name.includes('malformed'))
      : [];
    test.each(logs)('no record of %s is damaged', async (name) => {
      const bytes = new Uint8Array(readFileSync(join(pythonEvtx, name)));
      const tree = memoryTree({ '/Windows/System32/winevt/Logs/System.evtx': bytes });
      const log = await readSystemEvents(tree, '/Windows', { maxChunks: Number.MAX_SAFE_INTEGER });
      expect(log).toMatchObject({ damagedRecords: 0 });
    });
  },
);
