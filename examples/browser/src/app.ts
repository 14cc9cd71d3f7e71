import type { ImageReport } from '@deadbox/triage';
import type { WalkTarget } from '@deadbox/triage/walk';
import type { ListedVolume, Opened, Secret } from './api.js';
import type { Client } from './client.js';
import type { LanguageCode, ReportWords } from './vocabulary.js';
import type { Words } from './words.js';

/** Words of the page and of the report in one language. */
export interface Vocabulary extends ReportWords {
  readonly code: LanguageCode;
  readonly words: Words;
}

/** The disk that is open, of which the files are judged. */
export interface JudgedDisk {
  readonly opened: Opened;
  readonly secrets: readonly Secret[];
  readonly volumes: readonly ListedVolume[];
  readonly first: ImageReport;
}

/** The disk that is open, and everything that was found in it. */
export interface OpenDisk extends JudgedDisk {
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
