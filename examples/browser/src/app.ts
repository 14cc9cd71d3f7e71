import type { Language } from '@deadbox/report';
import type { CauseWords, WalkWords } from '@deadbox/report/internals';
import type { ImageReport } from '@deadbox/triage';
import type { WalkTarget } from '@deadbox/triage/walk';
import type { ListedVolume, Opened, Secret } from './api.js';
import type { Client } from './client.js';
import type { Words } from './words.js';

/** Words of the page and of the report in one language. */
export interface Vocabulary {
  readonly code: 'en' | 'ja';
  readonly words: Words;
  readonly language: Language;
  readonly causes: CauseWords;
  readonly walk: WalkWords;
}

/** The disk that is open. */
export interface OpenDisk {
  readonly opened: Opened;
  readonly secrets: readonly Secret[];
  readonly volumes: readonly ListedVolume[];
  readonly report: ImageReport;
}

/** What the parts of the page share. */
export interface App {
  readonly client: Client;
  readonly vocabulary: Vocabulary;
  readonly disk: OpenDisk;
  /** Goes to the walk and begins one. */
  walkTo(target: WalkTarget): void;
  /** Opens the disk again, with another key. */
  unlock(secret: Secret): Promise<boolean>;
  /** Says an error where everybody sees and hears it. */
  say(error: unknown): void;
}
