import type { FolderReason, ObstacleId } from '@deadbox/triage';
import type { Phrase } from '../document/phrase.js';

/** Words of what keeps a disk's content from being seen or trusted. */
export interface ObstacleWords {
  readonly effects: Readonly<Record<ObstacleId, string>>;
  readonly advice: Readonly<Record<ObstacleId, string>>;
  onVolume(volume: number): Phrase;
  readonly changedWhileRead: string;
  readonly mayBeNewer: string;
  mountedAt(mountPoint: string): Phrase;
  readonly lockHeld: string;
  readonly cutShort: string;
  /** Of how many parts the image seems to be the first. */
  firstOf(parts: number): Phrase;
  /** Why a folder was judged by its files. @param device - the one that may not be read */
  folderBecause(reason: FolderReason, device: string | undefined): Phrase;
  /** How many files and folders the system did not give. */
  unread(count: number): Phrase;
}
