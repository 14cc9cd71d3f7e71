import type { BootWords } from './boot-words.js';
import type { StartWords } from './cause-words.js';
import type { DiskWords, VerifyWords } from './disk-words.js';
import type { EncryptionWords } from './encryption-words.js';
import type { ErrorWords } from './error-words.js';
import type { CommonWords } from './everyday-words.js';
import type { FileWords } from './file-words.js';
import type { HiveWords } from './hive-words.js';
import type { FigureWords } from './html/figure-words.js';
import type { HtmlWords } from './html/html-words.js';
import type { ServerWords } from './html/server-words.js';
import type { IssueWords } from './issue-words.js';
import type { NoticeWords } from './notice-words.js';
import type { ObstacleWords } from './obstacle-words.js';
import type { RepairWords } from './repair-words.js';
import type { RunWords } from './runs/run-words.js';
import type { ScanWords, TimelineWords } from './scan-words.js';
import type { StepWords } from './step-words.js';

/** Languages that a person can ask for. */
export type LanguageCode = 'en' | 'ja';

/** Every word of one language. A language is complete when it compiles. */
export interface Language {
  readonly code: LanguageCode;
  readonly common: CommonWords;
  readonly disk: DiskWords;
  readonly encryption: EncryptionWords;
  readonly scan: ScanWords;
  readonly servers: ServerWords;
  readonly start: StartWords;
  readonly steps: StepWords;
  readonly obstacles: ObstacleWords;
  readonly boot: BootWords;
  readonly hives: HiveWords;
  readonly figures: FigureWords;
  readonly files: FileWords;
  readonly html: HtmlWords;
  readonly errors: ErrorWords;
  readonly issues: IssueWords;
  readonly notices: NoticeWords;
  readonly repair: RepairWords;
  readonly runs: RunWords;
  readonly timeline: TimelineWords;
  readonly verify: VerifyWords;
}
