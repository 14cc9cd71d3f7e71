import { type ReadOptions, unlessDamaged } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { NtfsVolume } from '@deadbox/ntfs';
import type { HistoryEvent } from '../../report/report-types.js';
import type { FileReport } from '../../report/rule-result.js';
import { describeFile, FileContents } from './describe-file.js';

/** Files that free records or index slack still tell of: shown with what is left of them, never judged. */
export async function deletedFiles(
  volume: Volume,
  tree: NtfsVolume,
  folder: string,
  events: readonly HistoryEvent[],
  options: ReadOptions,
): Promise<FileReport[]> {
  const files: FileReport[] = [];
  const contents = new FileContents();
  for (const event of events) {
    if (event.source === 'journal') continue;
    const record = event.source === 'deleted-record' ? event.record : null;
    const described =
      record === null ? undefined : await describeRecord(volume, tree, record, { ...options, contents });
    files.push(described ?? traceOf(folder, event));
  }
  return files;
}

async function describeRecord(
  volume: Volume,
  tree: NtfsVolume,
  record: number,
  options: ReadOptions & { readonly contents: FileContents },
): Promise<FileReport | undefined> {
  const described = await unlessDamaged(
    async () => describeFile(volume, tree, await tree.file(record, options), 'mft', options),
    undefined,
    options,
  );
  return described && { ...described, class: 'deleted', deleted: true };
}

/** Only a name and times are left. */
function traceOf(folder: string, event: HistoryEvent): FileReport {
  return {
    path: `${folder}/${event.name}`,
    class: 'deleted',
    content: 'unreadable',
    notes: [],
    size: 0,
    initializedSize: 0,
    modified: event.modified,
    created: event.created,
    changed: null,
    accessed: null,
    nameModified: null,
    nameCreated: null,
    nameChanged: null,
    nameAccessed: null,
    record: event.record ?? 0,
    sequence: 0,
    sha256: null,
    foundBy: 'index-slack',
    deleted: true,
    runs: [],
    evidence: [],
  };
}
