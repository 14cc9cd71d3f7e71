import type { ImageFormatId } from '../image-format.js';
import { isJsonObject } from '../opening/json-object.js';

/** QEMU driver names of formats that this package reads. */
const FORMAT_OF_DRIVER: Readonly<Record<string, ImageFormatId>> = {
  raw: 'raw',
  file: 'raw',
  host_device: 'raw',
  qcow: 'qcow',
  qcow2: 'qcow2',
  vmdk: 'vmdk',
  vdi: 'vdi',
  vpc: 'vhd',
  vhdx: 'vhdx',
  parallels: 'parallels',
};
const MAX_DEPTH = 8;

/** A backing file as a QCOW image records it. */
export interface QcowBacking {
  /** Path of the file, without protocol. */
  readonly name: string;
  /** Its format; absent when the image leaves it to probing, or names a driver that says nothing about the format. */
  format?: ImageFormatId;
}

/**
 * Reads a recorded backing file name: a path, `driver:path`, or QEMU's `json:{…}` block device description.
 * @param driver - the format that the image records beside the name
 */
export function parseQcowBacking(recorded: string, driver?: string): QcowBacking {
  if (!recorded.startsWith('json:')) return withFormat(recorded.replace(/^(file|nbd|https?|raw):(\/\/)?/, ''), driver);
  try {
    const described: unknown = JSON.parse(recorded.slice(5));
    const found = fileNameIn(described, 0);
    const named = isJsonObject(described) && typeof described.driver === 'string' ? described.driver : undefined;
    return withFormat(found ?? recorded, driver ?? named);
  } catch {
    return withFormat(recorded, driver);
  }
}

function withFormat(name: string, driver: string | undefined): QcowBacking {
  const format = driver === undefined ? undefined : FORMAT_OF_DRIVER[driver.toLowerCase()];
  return format === undefined ? { name } : { name, format };
}

/** `filename` of a description, which QEMU nests under `file` or writes as `file.filename`. */
function fileNameIn(value: unknown, depth: number): string | undefined {
  if (!isJsonObject(value) || depth > MAX_DEPTH) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if ((key === 'filename' || key.endsWith('.filename')) && typeof inner === 'string') return inner;
  }
  return fileNameIn(value.file, depth + 1);
}
