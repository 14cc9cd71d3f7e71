import { type Bytes, utf16Text } from '@deadbox/core';
import { MAX_PENDING_RENAMES } from '../limits.js';

/** A file operation that the session manager does at the next start (MoveFileEx, MOVEFILE_DELAY_UNTIL_REBOOT). */
export interface PendingRename {
  /** As stored, e.g. `\??\C:\Windows\System32\x.dll`. */
  readonly source: string;
  /** As stored, without the mark for "replace"; `null` = the source is deleted. */
  readonly target: string | null;
  /** Whether an existing target is replaced (`!` before its name). */
  readonly replace: boolean;
}

/**
 * The pairs of `PendingFileRenameOperations`. An empty second text means a deletion, so this is no list of texts as
 * MULTI_SZ has them.
 */
export function parsePendingRenames(bytes: Bytes): PendingRename[] {
  const texts = utf16Text(bytes.subarray(0, bytes.length - (bytes.length % 2))).split('\0');
  const renames: PendingRename[] = [];
  for (let at = 0; at + 1 < texts.length && renames.length < MAX_PENDING_RENAMES; at += 2) {
    const source = unmarked(texts[at]);
    if (source === '') break;
    const target = texts[at + 1];
    renames.push({ source, target: target === '' ? null : unmarked(target), replace: target.startsWith('!') });
  }
  return renames;
}

/** Newer systems put a mark and a number before a name: `!` replaces, `*1` and `*2` order the pass. */
function unmarked(text: string): string {
  return text.replace(/^(?:\*\d+)?!?/, '');
}
