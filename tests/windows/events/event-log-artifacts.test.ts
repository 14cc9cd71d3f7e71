import { readSystemEvents } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { type Artifact, artifactBytes, describeWithArtifacts } from '../../support/artifacts.js';
import { memoryTree } from '../../support/memory-tree.js';

/** What an oracle says of the state of a log; the manifest's `shape` says how each was left. */
const STATES: Readonly<Record<string, string>> = {
  'plaso-system': 'whole',
  'artemis-system': 'stale',
  'velociraptor-rdpauth-system': 'stale',
  '4renwald-system-exported': 'whole',
  'evtxrs-zero-data-size': 'damaged',
  'evtxrs-capi2': 'whole',
  'artemis-system-newest-chunk-lost': 'damaged',
  'evtxrs-system-stale-header': 'stale',
};

/** The oracle's times have nine decimals, a FILETIME seven. */
const sevenDecimals = (time: string): string => time.replace(/(\.\d{7})\d*/, '$1');

describeWithArtifacts('real event logs', 'evtx', (artifacts) => {
  const read = (artifact: Artifact, maxChunks: number) =>
    readSystemEvents(memoryTree({ '/Windows/System32/winevt/Logs/System.evtx': artifactBytes(artifact) }), '/Windows', {
      maxChunks,
    });

  test.each(artifacts)('$id gives the events that evtxexport gives', async (artifact) => {
    const log = await read(artifact, Number.MAX_SAFE_INTEGER);
    const kept = artifact.expected.kept as { record: string; kind: string; time: string }[];
    expect(log?.events.map(({ record, kind, time }) => ({ record, kind, time })).reverse()).toEqual(
      kept.map(({ record, kind, time }) => ({ record, kind, time: sevenDecimals(time) })),
    );
    expect(log?.source.state).toBe(STATES[artifact.id]);
    expect(log?.source.newest).not.toBeNull();
  });

  test('an event that is binary XML without a template is read: no record of the log is damaged', async () => {
    const artifact = artifacts.find(({ id }) => id === 'evtxrs-capi2') as Artifact;
    expect(await read(artifact, Number.MAX_SAFE_INTEGER)).toMatchObject({ damagedRecords: 0, chunksRead: 13 });
  });

  test('the newest chunk is found by its number where the header names an older one', async () => {
    const artifact = artifacts.find(({ id }) => id === 'evtxrs-system-stale-header') as Artifact;
    const log = await read(artifact, 1);
    expect(log).toMatchObject({ chunksRead: 1, damagedRecords: 0 });
    expect(log?.source.newest?.slice(0, 10)).toBe('2018-03-06');
  });
});
