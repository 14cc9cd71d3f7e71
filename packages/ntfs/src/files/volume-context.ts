import type { ByteSource, IssueLog, ReadOptions } from '@deadbox/core';
import type { Contradictions } from '../index/contradictions.js';
import type { UpCase } from '../index/up-case.js';
import { AttributeSet } from '../record/attribute-set.js';
import type { NtfsGeometry } from '../record/boot-sector.js';
import type { FileReference } from '../record/file-reference.js';
import type { MftReader } from '../record/mft-reader.js';
import type { KnownNames } from './known-names.js';
import type { NameByMft } from './named-reference.js';

/** What the parts of an open volume share. */
export interface VolumeContext {
  readonly source: ByteSource;
  readonly geometry: NtfsGeometry;
  /** Receives what is damaged. */
  readonly issues: IssueLog;
  /** Receives what contradicts the indexes that were read. */
  readonly contradictions: Contradictions;
  readonly reader: MftReader;
  /** What searches found where nothing was wrong. */
  readonly known: KnownNames;
  /** What compares `name` with stored names: reads `$UpCase` (128 KiB) only when `name` is not ASCII. */
  upCaseFor(name: string, options?: ReadOptions): Promise<UpCase>;
  /** Every name whose parent is `directory` and for which `wanted` gives 0, from all records in use. */
  namesByMft(directory: FileReference, wanted: (name: string) => number, options?: ReadOptions): Promise<NameByMft[]>;
}

/** The attributes of file record `record`. */
export async function attributesOf(
  { reader, issues }: Pick<VolumeContext, 'reader' | 'issues'>,
  record: number,
  options?: ReadOptions,
): Promise<AttributeSet> {
  return new AttributeSet(reader, await reader.read(record, options), issues);
}
