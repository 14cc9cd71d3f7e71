import { type Evidence, type FileNode, formatFileTime, type ReadOptions, readEvidence } from '@deadbox/core';
import { NameSpace, NtfsFile } from '@deadbox/ntfs';
import { readStatExtras, type StatExtras } from './stat-extras.js';
import type { Volume } from './volume.js';

/** Four times, ISO-8601 UTC with seven digits; `null` where not set. */
export interface FourTimes {
  /** Created. */
  readonly created: string | null;
  /** Content last written. */
  readonly modified: string | null;
  /** Record last changed. */
  readonly changed: string | null;
  /** Last read. */
  readonly accessed: string | null;
}

/** One `$FILE_NAME`. */
export interface StatName extends FourTimes {
  /** The name as stored. */
  readonly name: string;
  /** Which rules the name follows. */
  readonly nameSpace: 'posix' | 'win32' | 'dos' | 'win32+dos' | 'unknown';
  /** Record of the folder. */
  readonly parentRecord: number;
  /** Sequence number of the folder that the name was given in. */
  readonly parentSequence: number;
}

/** One attribute with its runs. */
export interface StatAttribute {
  /** Type by name, e.g. `$DATA`. */
  readonly type: string;
  /** Name of the attribute; empty for the unnamed one. */
  readonly name: string;
  /** Identifier in its record. */
  readonly id: number;
  /** Record that holds it. */
  readonly record: number;
  /** Whether its value lies in the record. */
  readonly resident: boolean;
  /** Bytes of content. */
  readonly size: number;
  /** Bytes of the clusters; the size itself when resident. */
  readonly allocatedSize: number;
  /** Valid data length in bytes: what follows reads as zero. */
  readonly initializedSize: number;
  /** Whether its clusters are LZNT1-compressed. */
  readonly compressed: boolean;
  /** Whether its clusters are encrypted (EFS). */
  readonly encrypted: boolean;
  /** Whether it has holes by intent. */
  readonly sparse: boolean;
  /** Byte offset of the attribute on the virtual disk. */
  readonly offset: number;
  /** Clusters; `lcn` and `offset` (on the virtual disk) are `null` for a hole. */
  readonly runs: { lcn: number | null; clusters: number; offset: number | null }[];
}

/** What `deadbox stat` shows. */
export interface StatReport extends FourTimes {
  /** Name and version of this form. */
  readonly schema: 'deadbox.stat/1';
  /** 1-based volume number. */
  readonly volume: number;
  /** Path on the volume, names as stored. */
  readonly path: string;
  /** `file`, `directory`, `symlink`, `junction`, `reparse` or `other`. */
  readonly type: string;
  /** Bytes of the unnamed stream. */
  readonly size: number;
  /** Only for files of NTFS volumes. */
  ntfs?: {
    record: number;
    sequence: number;
    inUse: boolean;
    linkCount: number;
    /** File attribute bits. */
    attributes: number;
    securityId: number | null;
    usn: string | null;
    reparseTag: string | null;
    names: StatName[];
    streams: StatAttribute[];
    /** What the file says beside its record: reparse target, security descriptor, object id, extended attributes. */
    extras: StatExtras;
    evidence: Evidence[];
  };
}

/** Everything known of one file. */
export async function describeStat(volume: Volume, file: FileNode, options: ReadOptions = {}): Promise<StatReport> {
  const report: StatReport = {
    schema: 'deadbox.stat/1',
    volume: volume.number,
    path: file.path,
    type: file.type,
    size: file.size,
    ...fourTimes(file),
  };
  if (!(file instanceof NtfsFile)) return report;
  const info = file.standardInformation;
  const streams: StatAttribute[] = [];
  for (const attribute of file.attributes) streams.push(await describeAttribute(volume, file, attribute, options));
  const content = volume.content ?? volume.source;
  const evidence = await readEvidence(content, `file record ${file.record}`, file.location.offset, 64, options);
  report.ntfs = {
    record: file.record,
    sequence: file.sequence,
    inUse: file.inUse,
    linkCount: file.linkCount,
    attributes: info?.attributes ?? 0,
    securityId: info?.securityId ?? null,
    usn: info?.usn === undefined ? null : String(info.usn),
    reparseTag:
      file.reparseTag === undefined ? null : `0x${(file.reparseTag >>> 0).toString(16).toUpperCase().padStart(8, '0')}`,
    names: file.names.map((name) => ({
      name: name.name,
      nameSpace: nameSpaceWord(name.nameSpace),
      parentRecord: name.parent.record,
      parentSequence: name.parent.sequence,
      ...fourTimes(name),
    })),
    streams,
    extras: await readStatExtras(volume, file, options),
    evidence: [{ ...evidence, offset: volume.offset + evidence.offset }],
  };
  return report;
}

async function describeAttribute(
  volume: Volume,
  file: NtfsFile,
  attribute: NtfsFile['attributes'][number],
  options: ReadOptions,
): Promise<StatAttribute> {
  const runs = attribute.resident ? [] : await file.dataRuns(attribute.name, { ...options, type: attribute.type });
  return {
    type: attribute.typeName,
    name: attribute.name,
    id: attribute.id,
    record: attribute.record,
    resident: attribute.resident,
    size: attribute.size,
    allocatedSize: attribute.allocatedSize,
    initializedSize: attribute.initializedSize,
    compressed: attribute.compressed,
    encrypted: attribute.encrypted,
    sparse: attribute.sparse,
    offset: volume.offset + attribute.offset,
    runs: runs.map((run) => ({
      lcn: run.offset === undefined ? null : run.lcn,
      clusters: run.length,
      offset: run.offset === undefined ? null : volume.offset + run.offset,
    })),
  };
}

function fourTimes(times: {
  created?: bigint | undefined;
  modified?: bigint | undefined;
  changed?: bigint | undefined;
  accessed?: bigint | undefined;
}): FourTimes {
  const time = (value: bigint | undefined): string | null =>
    value === undefined ? null : (formatFileTime(value) ?? null);
  return {
    created: time(times.created),
    modified: time(times.modified),
    changed: time(times.changed),
    accessed: time(times.accessed),
  };
}

function nameSpaceWord(nameSpace: number): StatName['nameSpace'] {
  switch (nameSpace) {
    case NameSpace.posix:
      return 'posix';
    case NameSpace.win32:
      return 'win32';
    case NameSpace.dos:
      return 'dos';
    case NameSpace.win32AndDos:
      return 'win32+dos';
    default:
      return 'unknown';
  }
}
