import type { ByteSource, CountingSource, FileNode } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import type { ImageReport } from '@deadbox/triage';

/** What the worker has open, and the call that it is at. */
export interface State {
  disk: Disk | undefined;
  source: ByteSource | undefined;
  /** What was read of it. */
  counting: CountingSource | undefined;
  /** What the whole scan said. */
  report: ImageReport | undefined;
  /** Of the call under way. */
  signal: AbortSignal;
  /** Tells how far that call is, from 0 to 1. */
  progress(share: number): void;
}

/** Closes what is open. */
export async function closeDisk(state: State): Promise<void> {
  const { disk, source } = state;
  state.disk = undefined;
  state.source = undefined;
  state.counting = undefined;
  state.report = undefined;
  await disk?.close();
  await source?.close?.();
}

export function currentDisk({ disk }: State): Disk {
  if (disk === undefined) throw new Error('no disk is open');
  return disk;
}

export function volumeOf(state: State, number: number): Volume {
  const volume = currentDisk(state).volumes.find((candidate) => candidate.number === number);
  if (volume === undefined) throw new Error(`no volume ${number}`);
  return volume;
}

export async function fileAt(state: State, volume: number, path: string): Promise<FileNode> {
  const { signal } = state;
  const file = await (await volumeOf(state, volume).fileTree({ signal })).lookup(path, { signal });
  if (file === undefined) throw new Error(`${path}: not found`);
  return file;
}
