import {
  type Evidence,
  type FileNode,
  type FileTime,
  type FileType,
  fileTimeText,
  type ReadOptions,
} from '@deadbox/core';
import { NameSpace, NtfsFile } from '@deadbox/ntfs';
import { readStatExtras, type StatExtras } from './stat-extras.js';
import type { Volume } from './volume.js';

/** Four times, ISO-8601 UTC with seven digits; `null` where not set. */
export interface FourTimes {
  readonly created: string | null;
  /** When the content was last written. */
  readonly modified: string | null;
  /** When the file record was last changed. */
  readonly changed: string | null;
  readonly accessed: string | null;
}

/** One `$FILE_NAME`. */
export interface StatName extends FourTimes {
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
  readonly type: FileType;
  /** Bytes of the unnamed stream. */
  readonly size: number;
  /** Only for files of NTFS volumes. */
  readonly ntfs?: NtfsStat;
}

/** What an NTFS volume knows of a file beyond any file system's facts. */
export interface NtfsStat {
  /** File record number. */
  readonly record: number;
  readonly sequence: number;
  /** `false` for a deleted file. */
  readonly inUse: boolean;
  readonly linkCount: number;
  /** File attribute bits (MS-FSCC 2.6). */
  readonly attributes: number;
  readonly securityId: number | null;
  /** Place of the last change in the journal, in decimal. */
  readonly usn: string | null;
  /** `0x` and eight hexadecimal digits. */
  readonly reparseTag: string | null;
  readonly names: readonly StatName[];
  readonly streams: readonly StatAttribute[];
  /** What the file says beside its record: reparse target, security descriptor, object id, extended attributes. */
  readonly extras: StatExtras;
  readonly evidence: readonly Evidence[];
}

/** Everything known of one file. */
export async function describeStat(volume: Volume, file: FileNode, options: ReadOptions = {}): Promise<StatReport> {
  return {
    schema: 'deadbox.stat/1',
    volume: volume.number,
    path: file.path,
    type: file.type,
    size: file.size,
    ...fourTimes(file),
    ...(file instanceof NtfsFile ? { ntfs: await describeNtfsFile(volume, file, options) } : {}),
  };
}

async function describeNtfsFile(volume: Volume, file: NtfsFile, options: ReadOptions): Promise<NtfsStat> {
  const { record, reparseTag, standardInformation: info } = file;
  const streams: StatAttribute[] = [];
  for (const attribute of file.attributes) streams.push(await describeAttribute(volume, file, attribute, options));
  return {
    record,
    sequence: file.sequence,
    inUse: file.inUse,
    linkCount: file.linkCount,
    attributes: info?.attributes ?? 0,
    securityId: info?.securityId ?? null,
    usn: info?.usn === undefined ? null : String(info.usn),
    reparseTag: reparseTag === undefined ? null : `0x${(reparseTag >>> 0).toString(16).toUpperCase().padStart(8, '0')}`,
    names: file.names.map((name) => ({
      name: name.name,
      nameSpace: NAME_SPACES[name.nameSpace] ?? 'unknown',
      parentRecord: name.parent.record,
      parentSequence: name.parent.sequence,
      ...fourTimes(name),
    })),
    streams,
    extras: await readStatExtras(volume, file, options),
    evidence: [await volume.evidence(`file record ${record}`, file.location.offset, 64, options)],
  };
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
    offset: volume.onDisk(attribute.offset),
    runs: runs.map((run) => ({
      lcn: run.offset === undefined ? null : run.lcn,
      clusters: run.length,
      offset: run.offset === undefined ? null : volume.onDisk(run.offset),
    })),
  };
}

function fourTimes(times: Partial<Record<keyof FourTimes, FileTime | undefined>>): FourTimes {
  return {
    created: fileTimeText(times.created),
    modified: fileTimeText(times.modified),
    changed: fileTimeText(times.changed),
    accessed: fileTimeText(times.accessed),
  };
}

/** Which rules a name follows. */
const NAME_SPACES: Readonly<Record<number, StatName['nameSpace']>> = {
  [NameSpace.posix]: 'posix',
  [NameSpace.win32]: 'win32',
  [NameSpace.dos]: 'dos',
  [NameSpace.win32AndDos]: 'win32+dos',
};
