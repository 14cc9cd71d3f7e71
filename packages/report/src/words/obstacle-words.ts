import type { ObstacleId } from '@deadbox/triage';
import type { Phrase } from '../document/phrase.js';

/** Words of what keeps a disk's content from being seen or trusted. */
export interface ObstacleWords {
  readonly effects: Readonly<Record<ObstacleId, string>>;
  readonly advice: Readonly<Record<ObstacleId, string>>;
  onVolume(volume: number): Phrase;
  readonly changedWhileRead: string;
  mountedAt(mountPoint: string): Phrase;
  readonly lockHeld: string;
  readonly cutShort: string;
}
