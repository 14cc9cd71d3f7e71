import { fileTimeText, MemorySource } from '@deadbox/core';
import { MftTable, readUsnJournal } from '@deadbox/ntfs';
import { judgeLog } from '@deadbox/ntfs/internals';
import { expect, test } from 'vitest';
import { artifactBytes, describeWithArtifacts } from '../support/artifacts.js';

/** A record as dfir_ntfs lists it; its times have six digits. */
interface Listed {
  readonly record: number;
  readonly inUse: boolean;
  readonly paths: readonly string[];
  readonly modified: string;
  readonly created: string;
  readonly changed: string;
  readonly accessed: string;
  readonly streams?: readonly (readonly [name: string, size: number])[];
}

/** A time of ISO 8601, in microseconds since 1970. */
function microseconds(time: string): bigint {
  const [seconds = '', fraction = ''] = time.replace('Z', '').split('.');
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

describeWithArtifacts('real file tables', 'mft', (artifacts) => {
  test.each(artifacts)('$id: every record has the names, times and streams that dfir_ntfs gives', async (artifact) => {
    const table = await MftTable.fromFile(new MemorySource(artifactBytes(artifact)), { deleted: true });
    for (const listed of artifact.expected.records as Listed[]) {
      const record = table.record(listed.record);
      const paths = table.namesOf(listed.record).map((row) => table.path(row));
      expect(record, `record ${listed.record}`).toMatchObject({ inUse: listed.inUse });
      expect(paths, `record ${listed.record}`).toEqual(expect.arrayContaining([...listed.paths]));
      const { times, streams = [], size } = record ?? {};
      for (const kind of ['modified', 'created', 'changed', 'accessed'] as const) {
        const ours = microseconds(fileTimeText(times?.[kind] ?? 0n) ?? '');
        // It counts in floating point, which may be off by one.
        expect(Math.abs(Number(ours - microseconds(listed[kind]))), `${kind} of record ${listed.record}`).toBeLessThan(
          2,
        );
      }
      for (const [name, length] of listed.streams ?? [])
        expect(name === '' ? size : streams.find((stream) => stream.name === name)?.size, listed.paths[0]).toBe(length);
    }
  });
});

describeWithArtifacts('real change journals', 'usn', (artifacts) => {
  test.each(artifacts)('$id has as many records as dfir_ntfs reads', async (artifact) => {
    let records = 0;
    for await (const batch of readUsnJournal(new MemorySource(artifactBytes(artifact)))) records += batch.length;
    expect(records).toBe(artifact.expected.records);
  });
});

describeWithArtifacts('real $LogFiles', 'logfile', (artifacts) => {
  test.each(artifacts)('$id has the version and the state that dfir_ntfs reads', (artifact) => {
    const bytes = artifactBytes(artifact);
    const { log, logVersion, page } = judgeLog([bytes.subarray(0, 4096), bytes.subarray(4096, 8192)]);
    const { version, log: state, currentLsn } = artifact.expected;
    expect([logVersion, log, page?.currentLsn]).toEqual([version, state, BigInt(currentLsn)]);
  });
});
