import { statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { isDeadboxError } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { type MachineDescription, openImage, parseMachine } from '@deadbox/image';
import type { MachineDisk } from '@deadbox/triage';
import { usageError } from '../exit-code.js';
import { imageIn } from './targets.node.js';

/** One disk of a machine. */
export interface MachineTarget {
  /** Path of the image. */
  readonly path: string;
  readonly machine: MachineDisk;
  /** Number of the disk in the archive that `path` names. */
  readonly disk?: number;
}

/** Most bytes of a description that are read. */
const MAX_BYTES: number = 4 << 20;
/** Disks of one machine: each is scanned, however short the line that names it. */
const MAX_DISKS = 512;

/**
 * The disks of the machine that the file at `path` describes, in its order; `undefined` when it describes none.
 * @throws UsageError when it describes a machine without disks
 */
export async function describedDisks(path: string): Promise<MachineTarget[] | undefined> {
  const machine = await readDescription(path);
  if (machine === undefined) return undefined;
  // What is attached twice is one disk.
  const recorded = [...new Set(machine.disks)];
  if (recorded.length === 0) throw usageError('machine-without-disks', { path });
  if (recorded.length > MAX_DISKS)
    throw usageError('machine-too-many-disks', { path, disks: recorded.length, most: MAX_DISKS });
  return recorded.map((name, index) => ({
    path: placeOf(name, path),
    machine: {
      path,
      kind: machine.kind,
      name: machine.name ?? null,
      disk: index + 1,
      disks: recorded.length,
      recorded: name,
    },
  }));
}

async function readDescription(path: string): Promise<MachineDescription | undefined> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size === 0 || stats.size > MAX_BYTES) return undefined;
  const source = await openFile(path);
  try {
    return parseMachine(await source.read(0, source.size));
  } finally {
    await source.close?.();
  }
}

/** The disks of an archive that holds several; what is wrong with it is said where it is opened. */
export async function archivedDisks(path: string): Promise<MachineTarget[] | undefined> {
  const listed = await disksInArchive(path);
  if (listed.length < 2) return undefined;
  return listed.map((recorded, index) => ({
    path,
    disk: index + 1,
    machine: { path, kind: 'ovf', name: null, disk: index + 1, disks: listed.length, recorded },
  }));
}

async function disksInArchive(path: string): Promise<readonly string[]> {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return [];
  const source = await openFile(path);
  try {
    const disk = await openImage(source, { name: path, siblings: fileSiblings(path) });
    const { archive } = disk.details;
    await disk.close();
    return namesIn(archive);
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
    return namesIn(error.data);
  } finally {
    await source.close?.();
  }
}

function namesIn(facts: unknown): string[] {
  const disks = (facts as { readonly disks?: unknown } | undefined)?.disks;
  return Array.isArray(disks) ? disks.map(String) : [];
}

/**
 * Where a disk lies: as the description writes its path, from the folder of the description; in the notation of another
 * system, or after a move, beside the description.
 */
function placeOf(recorded: string, description: string): string {
  const folder = dirname(description);
  const written = recorded.startsWith('file:') ? decodeURIComponent(recorded.replace(/^file:(\/\/)?/, '')) : recorded;
  const slashed = written.replaceAll('\\', '/');
  const beside = join(folder, slashed.slice(slashed.lastIndexOf('/') + 1));
  const places = [written, slashed].map((path) => (isAbsolute(path) ? path : join(folder, path)));
  const place = [...places, beside].find(isDiskPlace) ?? beside;
  // A disk of Parallels is a folder.
  return imageIn(place) ?? place;
}

/** A file, a block device, or a folder: nothing that waits, and nothing that never ends. */
function isDiskPlace(path: string): boolean {
  if (basename(path) === '') return false;
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats !== undefined && (stats.isFile() || stats.isBlockDevice() || stats.isDirectory());
  } catch {
    return false;
  }
}
