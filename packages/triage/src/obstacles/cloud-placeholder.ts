import type { DirectoryEntry, ReadOptions } from '@deadbox/core';
import { FileAttribute, type FileName, isCloudTag, type NtfsVolume } from '@deadbox/ntfs';

const RECALL = FileAttribute.recallOnOpen | FileAttribute.recallOnDataAccess;
/** Reparse tag of older OneDrive clients (MS-FSCC 2.1.2.1, IO_REPARSE_TAG_ONEDRIVE). */
const ONEDRIVE_TAG = 0x8000_0021;
/** User folders looked at, and entries of each cloud folder after which no more are read: one placeholder is enough. */
const MAX_USERS = 16;
const MAX_ENTRIES = 64;

/** A file whose content stays in cloud storage until it is opened. */
export interface Placeholder {
  readonly path: string;
  readonly record: number;
}

/** What looking for placeholders gave. */
export interface PlaceholderSearch {
  /** The first one that was found. */
  readonly placeholder?: Placeholder;
  /** Whether all folders were looked at that may hold one, as far as their own entries go. */
  readonly complete: boolean;
}

/** The first placeholder in the users' OneDrive folders, by their indexes alone. */
export async function findPlaceholder(tree: NtfsVolume, options: ReadOptions): Promise<PlaceholderSearch> {
  const users = await tree.lookup('/Users', options);
  if (users?.isDirectory !== true) return { complete: true };
  let looked = 0;
  let complete = true;
  for await (const batch of users.entries(options)) {
    for (const user of batch) {
      if (user.type !== 'directory') continue;
      if (looked >= MAX_USERS) return { complete: false };
      looked += 1;
      const found = await placeholderIn(tree, `/Users/${user.name}`, options);
      if (found.placeholder !== undefined) return found;
      complete &&= found.complete;
    }
  }
  return { complete };
}

async function placeholderIn(tree: NtfsVolume, home: string, options: ReadOptions): Promise<PlaceholderSearch> {
  const folder = await tree.lookup(home, options);
  if (folder?.isDirectory !== true) return { complete: true };
  const clouds = await tree.findInDirectory(folder, 'OneDrive', options);
  let complete = true;
  for (const cloud of clouds.entries) {
    let seen = 0;
    const root = await cloud.open(options);
    if (!root.isDirectory) continue;
    for await (const batch of root.entries(options)) {
      if (seen >= MAX_ENTRIES) {
        complete = false;
        break;
      }
      for (const entry of batch) {
        seen += 1;
        if (isPlaceholder(entry))
          return { placeholder: { path: `${root.path}/${entry.name}`, record: entry.record }, complete };
      }
    }
  }
  return { complete };
}

/** The folder's index repeats the attributes of each file, and its reparse tag. */
function isPlaceholder(entry: DirectoryEntry & { fileName?: FileName }): boolean {
  const { fileName } = entry;
  if (fileName === undefined) return false;
  if ((fileName.attributes & RECALL) !== 0) return true;
  const tag = (fileName.attributes & FileAttribute.reparsePoint) === 0 ? 0 : fileName.reparseTagOrEaSize;
  return isCloudTag(tag) || tag === ONEDRIVE_TAG;
}
