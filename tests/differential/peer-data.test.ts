import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteSource, type Bytes } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openImage } from '@deadbox/image';
import { HOLE, NtfsVolume } from '@deadbox/ntfs';
import { readSystemEvents } from '@deadbox/windows';
import { parseChunkHead, parseEventChunk } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { memoryTree } from '../support/memory-tree.js';

/*
 * Volumes, logs and images that other projects test themselves with, and the answers that they expect.
 * DEADBOX_PEER_DATA names a folder with checkouts of Velocidex/go-ntfs, williballenthin/python-evtx,
 * omerbenamram/evtx and log2timeline/dfvfs, each by its own name; none of it is part of this project.
 */

const folder = process.env.DEADBOX_PEER_DATA ?? '';
const goNtfs = join(folder, 'go-ntfs/tests');
const pythonEvtx = join(folder, 'python-evtx/tests/data');
const evtxSamples = join(folder, 'evtx/samples');
const dfvfs = join(folder, 'dfvfs/test_data');

/** The name of a suite, which says why it is skipped. */
const titled = (title: string, place: string): string =>
  existsSync(place) ? title : `${title} (skipped: DEADBOX_PEER_DATA names no checkout)`;

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

describe.skipIf(!existsSync(goNtfs))(titled('volumes that go-ntfs recorded', goNtfs), () => {
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
});

describe.skipIf(!existsSync(pythonEvtx))(titled('event logs that python-evtx reads', pythonEvtx), () => {
  const logs = existsSync(pythonEvtx)
    ? readdirSync(pythonEvtx).filter((name) => name.endsWith('.evtx') && !name.includes('malformed'))
    : [];
  test.each(logs)('no record of %s is damaged', async (name) => {
    const bytes = new Uint8Array(readFileSync(join(pythonEvtx, name)));
    const tree = memoryTree({ '/Windows/System32/winevt/Logs/System.evtx': bytes });
    const log = await readSystemEvents(tree, '/Windows', { maxChunks: Number.MAX_SAFE_INTEGER });
    expect(log).toMatchObject({ damagedRecords: 0 });
  });
});

/** Records that tests/test_full_samples.rs reads of each log, and those that it cannot. */
const EVTX_COUNTS: readonly (readonly [name: string, read: number, failed: number])[] = [
  ['sample-with-irregular-bool-values', 3028, 0],
  ['2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational', 1910, 4],
  ['2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational', 1774, 2],
  ['2-vss_7-System', 1160, 0],
  ['sample_with_a_bad_chunk_magic', 270, 2],
  ['Microsoft-Windows-HelloForBusiness%4Operational', 6, 0],
  ['Microsoft-Windows-LanguagePackSetup%4Operational', 17, 0],
  ['E_Windows_system32_winevt_logs_Microsoft-Windows-Shell-Core%4Operational', 1146, 0],
  ['E_Windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational', 340, 0],
  ['E_ShadowCopy6_windows_system32_winevt_logs_Microsoft-Windows-CAPI2%4Operational', 459, 0],
  ['Application_no_crc32', 17, 0],
  ['post-Security', 126, 0],
];

describe.skipIf(!existsSync(evtxSamples))(titled('event logs that the evtx crate reads', evtxSamples), () => {
  test.each(EVTX_COUNTS)('%s has %d records, and %d that cannot be read', (name, read, failed) => {
    const file = new Uint8Array(readFileSync(join(evtxSamples, `${name}.evtx`)));
    let [events, damaged] = [0, 0];
    for (let at = 4096; at + 65_536 <= file.length; at += 65_536) {
      const chunk = file.slice(at, at + 65_536);
      if (parseChunkHead(chunk, 0) === undefined) {
        // Nothing was written there, or the crate tells of the chunk as an error.
        if (chunk.some((byte) => byte !== 0)) damaged += 1;
        continue;
      }
      const found = parseEventChunk(chunk);
      events += found.events.length;
      damaged += found.damaged;
    }
    // How many errors a damaged place makes is each parser's own count; what the crate cannot read we may.
    expect(events).toBeGreaterThanOrEqual(read);
    expect(events).toBeLessThanOrEqual(read + failed);
    expect(damaged > 0).toBe(failed > 0);
  });
});

/** The bytes of an image, taken from its folder. */
async function contentOf(path: string): Promise<Bytes> {
  const image = await openImage(await openFile(path), { name: path, siblings: fileSiblings(path) });
  const bytes = await image.read(0, image.size);
  await image.close?.();
  return bytes;
}

describe.skipIf(!existsSync(dfvfs))(titled('images that dfVFS tests itself with', dfvfs), () => {
  test.each(['ext2.qcow2', 'ext2.E01', 'ext2.split.E01', 'ext2.splitraw.000', 'ext2.vhd', 'ext2.vmdk'])(
    '%s holds the one file system that all of them hold',
    async (name) => {
      const parts = ['000', '001'].map((part) => readFileSync(join(dfvfs, `ext2.splitraw.${part}`)));
      const wanted = Buffer.concat(parts);
      const found = await contentOf(join(dfvfs, name));
      expect(Buffer.compare(found.subarray(0, wanted.length), wanted)).toBe(0);
      expect(found.subarray(wanted.length).every((byte) => byte === 0)).toBe(true);
    },
  );
});
