import type { Part, Phrase } from '../document/phrase.js';

/** What a verb says on the side: warnings and progress. */
export interface NoticeWords {
  readonly literalSecret: Phrase;
  volumeRefused(volume: number, why: Phrase): Phrase;
  notNeeded(labels: readonly string[], image: string): Phrase;
  /** A server that fails is asked again; `reason` is what failed, in English. */
  askedAgain(retry: { name: string; reason: string; waitSeconds: number; limitSeconds: number }): Phrase;
  /** A parent that does not fit was taken, because that was asked for. */
  chainForced(child: string, parent: string): Phrase;
  /** Parts of the image are missing, and it was opened because that was asked for. */
  openedIncomplete(image: string, missing: string): Phrase;
  /** One disk of several was opened because none was asked for. */
  oneDiskOf(facts: { machine: string; disk: number; disks: number; recorded: string }): Phrase;
  writtenAsZeros(bytes: number): Phrase;
  issueCount(code: string, count: number): Phrase;
  readonly labels: Readonly<Record<'scan' | 'export' | 'unlocking' | 'hashes' | 'verifying', string>>;
  /** A file that has two names in a run. */
  sameFile(name: string, first: string): Phrase;
  /** A folder was named at which a disk is mounted. */
  diskBehind(folder: string, disk: string): Phrase;
  /** More names of that kind than are said one by one. */
  moreSameFiles(count: number): Phrase;
  /** A journal whose run was not finished. */
  runUnfinished(journal: string, missing: number): Phrase;
  /**
   * Lines of a journal that are left out, because they are not what deadbox writes of an image.
   * @param first - numbers of the first of them
   */
  unfitLines(journal: string, first: readonly number[], count: number): Phrase;
  imageOf(index: number, count: number, name: Part): Phrase;
  progress(facts: { percent: number; done: string; total: string; rate: string; secondsLeft: number }): Phrase;
  ruleValid(file: string, rule: string): Phrase;
  readonly ruleLevels: Readonly<Record<'informational' | 'low' | 'medium' | 'high' | 'critical', string>>;
}
