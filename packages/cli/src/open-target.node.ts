import { CountingSource, type ByteSource, type ReadOptions, type Siblings } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openDisk, type Disk } from '@deadbox/disk';
import type { CommonOptions } from './options.js';

/** An image that a verb works on. */
export interface Target {
  /** As the user named it. */
  name: string;
  disk: Disk;
  /** Counts what is read from the file handle, below every cache. */
  counting: CountingSource;
  close(): Promise<void>;
}

/** Opens the image, device or address `name`. */
export async function openTarget(name: string, options: CommonOptions, reading: ReadOptions = {}): Promise<Target> {
  const source = await openSource(name);
  const counting = new CountingSource(source);
  const parents: ByteSource[] = [];
  const closeAll = async (): Promise<void> => {
    for (const opened of [source, ...parents]) await opened.close?.();
  };
  try {
    const given = [];
    for (const path of options.parent ?? []) {
      const parent = await openSource(path);
      parents.push(parent);
      given.push({ source: parent, name: path, siblings: siblingsOf(path) });
    }
    const disk = await openDisk(counting, {
      ...reading,
      name,
      siblings: siblingsOf(name),
      ...(given.length === 0 ? {} : { parents: given }),
      ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
    });
    const close = async (): Promise<void> => {
      await disk.close();
      await closeAll();
    };
    return { name, disk, counting, close };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function openSource(name: string): Promise<ByteSource> {
  // The command line has nothing else to do while it reads.
  return openFile(name, { blockingReads: Number.MAX_SAFE_INTEGER });
}

function siblingsOf(name: string): Siblings {
  return fileSiblings(name, { blockingReads: Number.MAX_SAFE_INTEGER });
}
