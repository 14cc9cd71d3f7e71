import { type FileTime, formatFileTime } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { bodyFileLines, MftTable, type MftTimes, NtfsVolume } from '@deadbox/ntfs';
import { escapeCsv, escapeText } from '@deadbox/report/internals';
import { EXIT, usageError } from '../exit-code.js';
import { chooseTree } from '../input/choose-volume.node.js';
import { openTarget } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import { isUrl } from '../input/targets.node.js';
import type { CommonOptions } from '../options.js';
import { type Output, withOutput } from '../output/output.node.js';

/** Options of `deadbox timeline`. */
export interface TimelineOptions extends CommonOptions {
  format?: 'bodyfile' | 'csv' | 'ndjson';
}

/** Writes every name of every record with its times. */
export async function timelineVerb(image: string, options: TimelineOptions, session: Session): Promise<number> {
  const reading = { signal: session.signal };
  const dumped = await dumpedMft(image, session);
  if (dumped !== undefined) return write(dumped, options, session);
  const target = await openTarget(image, options, session);
  try {
    const { tree } = await chooseTree(target.disk, options.volume, reading);
    if (!(tree instanceof NtfsVolume)) throw usageError('timeline-needs-ntfs', {});
    return await write(await tree.mft({ ...reading, deleted: true, shortNames: false }), options, session);
  } finally {
    await target.close();
  }
}

/** The table of a file that is a dumped `$MFT`, not a disk. */
async function dumpedMft(path: string, session: Session): Promise<MftTable | undefined> {
  if (isUrl(path)) return undefined;
  session.inputs.add(path);
  const source = await openFile(path, { blockingReads: Number.MAX_SAFE_INTEGER });
  try {
    if (source.size < 1024 || String.fromCharCode(...(await source.read(0, 4))) !== 'FILE') return undefined;
    return await MftTable.fromFile(source, { signal: session.signal, deleted: true, shortNames: false });
  } finally {
    await source.close?.();
  }
}

async function write(table: MftTable, options: TimelineOptions, session: Session): Promise<number> {
  await withOutput(session.output(options, { endUnread: true }), async (output) => {
    if (options.format === 'csv') writeCsv(table, output);
    else if (options.format === 'ndjson') for (const row of rows(table)) output.writeJson(row, true);
    else await output.writeChunks(bodyFileLines(table, { escape: escapeText }), session.signal);
  });
  return EXIT.ok;
}

/** One line: a name of a record, or one of its named streams. */
interface TimelineRow {
  readonly record: number;
  readonly sequence: number;
  readonly path: string;
  readonly stream: string;
  readonly type: string;
  readonly size: number;
  readonly deleted: boolean;
  readonly modified: string | null;
  readonly accessed: string | null;
  readonly changed: string | null;
  readonly created: string | null;
  readonly nameModified: string | null;
  readonly nameAccessed: string | null;
  readonly nameChanged: string | null;
  readonly nameCreated: string | null;
}

const time = (value: FileTime | undefined): string | null =>
  value === undefined ? null : (formatFileTime(value) ?? null);

function* rows(table: MftTable): Generator<TimelineRow, void, undefined> {
  for (const row of table.rows({ metadata: true, deleted: 'include' })) {
    const name = table.name(row);
    const record = table.record(name.record);
    if (record === undefined) continue;
    const own: MftTimes | undefined = record.times;
    const line: TimelineRow = {
      record: record.record,
      sequence: record.sequence,
      path: table.path(row),
      stream: '',
      type: record.type,
      size: record.size,
      deleted: !record.inUse,
      modified: time(own?.modified),
      accessed: time(own?.accessed),
      changed: time(own?.changed),
      created: time(own?.created),
      nameModified: time(name.times?.modified),
      nameAccessed: time(name.times?.accessed),
      nameChanged: time(name.times?.changed),
      nameCreated: time(name.times?.created),
    };
    yield line;
    for (const stream of record.streams) yield { ...line, stream: stream.name, size: stream.size };
  }
}

const COLUMNS = [
  'record',
  'sequence',
  'path',
  'stream',
  'type',
  'size',
  'deleted',
  'modified',
  'accessed',
  'changed',
  'created',
  'nameModified',
  'nameAccessed',
  'nameChanged',
  'nameCreated',
] as const;

function writeCsv(table: MftTable, output: Output): void {
  output.write(`${COLUMNS.join(',')}\r\n`);
  for (const row of rows(table))
    output.write(`${COLUMNS.map((column) => escapeCsv(String(row[column] ?? ''))).join(',')}\r\n`);
}
