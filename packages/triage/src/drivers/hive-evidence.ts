import { type Evidence, isDamage, type ReadOptions } from '@deadbox/core';
import { NtfsFile } from '@deadbox/ntfs';
import { MAX_SHOWN_VALUES } from '../limits.js';
import { volumeEvidence } from '../obstacles/obstacle-evidence.js';
import type { HiveName, InstallationSubject } from '../subject/installation-subject.js';

/** Where a value's data stands in its hive. */
export interface ValuePlace {
  readonly name: string;
  /** Byte offset in the hive file. */
  readonly fileOffset: number;
}

/** How many more values may be shown. */
const valuesLeft = (): Promise<{ count: number }> => Promise.resolve({ count: MAX_SHOWN_VALUES });

/** Whether {@link valueEvidence} still shows any: looking for the value in a key of thousands has its price too. */
export async function showsValues(subject: InstallationSubject, options: ReadOptions): Promise<boolean> {
  return (await subject.fact(valuesLeft, options)).count > 0;
}

/**
 * The stored bytes of a registry value on the volume; none where the hive's bytes do not lie there verbatim, or cannot
 * be read. A log that would be replayed may hold others. Behind {@link MAX_SHOWN_VALUES} none: a hostile list makes a
 * finding of each of its entries.
 * @param length - bytes of the data; 4 for a DWORD
 */
export async function valueEvidence(
  subject: InstallationSubject,
  hive: HiveName,
  { name, fileOffset }: ValuePlace,
  options: ReadOptions,
  length = 4,
): Promise<Evidence[]> {
  const { volume } = subject;
  const left = await subject.fact(valuesLeft, options);
  if (volume === undefined || left.count <= 0) return [];
  left.count -= 1;
  try {
    const { file } = await subject.files.check(`${subject.root}/System32/config/${hive}`, 'presence', options);
    const offset = file instanceof NtfsFile ? await volumeOffset(file, fileOffset, options) : undefined;
    if (offset === undefined) return [];
    return await volumeEvidence(volume, `registry value ${name}`, offset, length, options);
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
    return [];
  }
}

/** Where byte `at` of a file lies on its volume. */
async function volumeOffset(file: NtfsFile, at: number, options: ReadOptions): Promise<number | undefined> {
  let before = 0;
  for (const run of await file.dataRuns('', options)) {
    if (at < before + run.bytes) return run.offset === undefined ? undefined : run.offset + at - before;
    before += run.bytes;
  }
  return undefined;
}
