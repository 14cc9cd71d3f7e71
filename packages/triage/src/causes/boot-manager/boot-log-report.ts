import type { BootLogReport } from '../../report/cause-report.js';
import type { DiskSubject } from '../../subject/disk-subject.js';

/** What the boot manager's log beside the store says of the last starts. */
export function bootLogReport({ stores, boot }: DiskSubject): BootLogReport {
  const used = stores.bootLogs.find(({ volume }) => volume === boot?.store?.partition) ?? stores.bootLogs[0];
  const starts = used?.log?.starts ?? [];
  const last = starts.at(-1);
  const failure = last?.failures.at(-1);
  return {
    starts: starts.flatMap(({ at, launched }) =>
      launched.map(({ entry, path }) => ({ at: at ?? null, entry: `{${entry}}`, path, outcome: 'unknown' as const })),
    ),
    lastFailure:
      failure === undefined ? null : { at: last?.at ?? null, status: failure.status, path: failure.path ?? null },
  };
}
