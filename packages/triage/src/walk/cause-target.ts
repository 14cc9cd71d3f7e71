import { isDamage, type Json, type ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { CauseReport } from '../report/cause-report.js';
import type { ImageReport } from '../report/report-types.js';
import type { WalkTarget } from './walk-types.js';

/**
 * What a cause can be walked to: the file, key or record that it names, else the bytes that prove it; `undefined` where
 * it has neither.
 */
export async function targetOfCause(
  disk: Disk,
  report: ImageReport,
  id: string,
  options: ReadOptions = {},
): Promise<WalkTarget | undefined> {
  const named = report.causes.filter((cause) => cause.id === id);
  const cause = named.find(({ evidence }) => evidence.length > 0) ?? named[0];
  if (cause === undefined) return undefined;
  const { data } = cause;
  if (typeof data.log === 'string' && /bootstat/i.test(data.log)) return { kind: 'boot-log' };
  return (
    (await existingFile(disk, cause, options)) ??
    registryTarget(report, cause) ??
    placeTarget(cause) ??
    fileTarget(cause, filesNamed(data)[0])
  );
}

/** The value `key` of the installation's SYSTEM hive, or of the hive that the cause names. */
function registryTarget(report: ImageReport, cause: CauseReport): WalkTarget | undefined {
  const { key, name } = cause.data;
  if (typeof key !== 'string' || key === '') return undefined;
  const root = cause.installation ?? report.installations[0]?.root;
  if (root === undefined) return undefined;
  const hive = /^\\(Microsoft|Classes|Policies|WOW6432Node)\b/i.test(key) ? 'SOFTWARE' : 'SYSTEM';
  return {
    kind: 'registry',
    ...(cause.volume === null ? {} : { volume: cause.volume }),
    hive: `${root}/System32/config/${hive}`,
    key,
    ...(typeof name === 'string' && !name.includes(' ') ? { value: name } : {}),
  };
}

function placeTarget({ evidence }: CauseReport): WalkTarget | undefined {
  const [first] = evidence;
  return first && { kind: 'place', offset: first.offset, length: first.length, what: first.what };
}

/** The first file that the cause names and that is there. */
async function existingFile(disk: Disk, cause: CauseReport, options: ReadOptions): Promise<WalkTarget | undefined> {
  for (const path of filesNamed(cause.data)) {
    const target = fileTarget(cause, path);
    const volume = disk.volumes.find(({ number }) => number === (target?.volume ?? 0));
    try {
      const file = await (await volume?.fileTree(options))?.lookup(path, options);
      if (file !== undefined && file.type !== 'directory') return target;
    } catch (error) {
      if (!isDamage(error, options.signal)) throw error;
    }
  }
  return undefined;
}

function fileTarget({ volume }: CauseReport, path: string | undefined): WalkTarget | undefined {
  return path === undefined ? undefined : { kind: 'file', ...(volume === null ? {} : { volume }), path };
}

/** Paths on the volume among a cause's facts. */
function filesNamed({ path, file, files }: Readonly<Record<string, Json>>): string[] {
  const all = [path, file, ...(Array.isArray(files) ? files : [])];
  return all.filter((name): name is string => typeof name === 'string' && /^[\\/]/.test(name));
}
