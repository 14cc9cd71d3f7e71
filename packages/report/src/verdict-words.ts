import { formatCount } from './units.js';

/** Facts that a verdict's sentence is built from. */
export interface VerdictFacts {
  /** Name of the file that decided, e.g. `C-00000291-00000000-00000032.sys`. */
  readonly file?: string;
  /** Its modification time, formatted with zones. */
  readonly modified?: string;
  /** Content flag of that file. */
  readonly content?: string;
  /** How many files there are. */
  readonly count?: number;
}

/** The rule whose verdicts have their words here; other rules bring their own, and may use the same verdict words for something else. */
export const WORDED_RULE = 'crowdstrike-channel-file-291';

/** One line for the head of a report. */
export const VERDICT_TITLES: Readonly<Record<string, string>> = {
  faulty: 'faulty channel file present',
  'faulty-damaged': 'faulty channel file present, damaged',
  'superseded-doubtful': 'faulty channel file present, its replacement is not whole',
  'blocked-encrypted': 'locked by encryption',
  unreadable: 'cannot be read',
  'no-windows': 'no Windows found',
  review: 'needs a look',
  damaged: 'channel file damaged',
  'present-not-susceptible': 'faulty file present, sensor not susceptible',
  superseded: 'faulty file superseded by a newer one',
  reverted: 'fixed channel file in place',
  'not-updated': 'never received the faulty file',
  cleared: 'no channel file 291 in the folder',
  'not-applicable': 'no CrowdStrike sensor',
};

/** The operator's sentence for a verdict of the CrowdStrike rule; `undefined` for words of other rules. */
export function verdictSentence(verdict: string, facts: VerdictFacts): string | undefined {
  const name = facts.file ?? 'C-00000291*.sys';
  const when = facts.modified === undefined ? '' : `, modified ${facts.modified}`;
  switch (verdict) {
    case 'faulty':
      return (
        `This server has the faulty CrowdStrike channel file (${name}${when}): it meets CrowdStrike's published criterion of name, folder and time. ` +
        'Hosts with this file crashed at every start until it was removed; the sensor then downloads a new one.'
      );
    case 'faulty-damaged':
      // What the medium or a cut image refuses says nothing about the crash.
      if (facts.content === 'unreadable')
        return `The file from the faulty period (${name}${when}) is there, but its content cannot be read from this image. Treat as faulty.`;
      return (
        `The file from the faulty period (${name}${when}) is ${contentWords(facts.content)}: ` +
        'the crash hit while it was being written. Treat as faulty.'
      );
    case 'superseded-doubtful':
      return `A faulty file (${name}${when}) is in the folder. A newer one is there too, but its content is not whole, so the faulty one may still be active. Treat as faulty.`;
    case 'superseded':
      return 'A faulty file is still in the folder, but a newer one (05:27 UTC or later) is active. This is not why the server fails to start.';
    case 'reverted':
      return `The fixed channel file (${name}${when}) is in place. This is not why the server fails to start.`;
    case 'review':
      return `The channel file (${name}${when}) was created in the faulty period but modified later, or has no readable time: somebody touched or rewrote it, and its content cannot be told. Compare the times below.`;
    case 'damaged':
      return `The active channel file (${name}${when}) is ${contentWords(facts.content)}. It is not from the faulty period, but the sensor cannot read it as it is.`;
    case 'not-updated':
      return 'The newest 291 file is from before the incident. The server never received the faulty file.';
    case 'cleared':
      return 'The CrowdStrike folder is there, but no channel file 291: somebody removed it, or none came yet.';
    case 'not-applicable':
      return 'This Windows has neither a CrowdStrike folder nor a CSAgent service. The incident of 19 July 2024 is not why it fails to start.';
    case 'present-not-susceptible':
      return `The file from the faulty period (${name}${when}) is in the folder, but this sensor cannot have crashed on it: its service is absent or disabled, it is older than 7.11, or this Windows was not affected. Look for another cause.`;
    case 'no-windows':
      return 'No Windows installation was found on this disk. Perhaps it is the wrong disk: a data disk, or an older link of a snapshot chain.';
    case 'unreadable':
      return 'A volume that could hold Windows cannot be read as it is. What was found there is said below.';
    default:
      return undefined;
  }
}

/** A content flag in words. */
export function contentWords(content: string | undefined): string {
  switch (content) {
    case 'ok':
      return 'whole';
    case 'empty':
      return 'empty (0 bytes)';
    case 'unwritten':
      return 'unwritten: it has a size, but none of its bytes reached the disk before the crash';
    case 'partly-written':
      return 'partly written: the rest did not reach the disk before the crash';
    case 'zero-filled':
      return 'zero-filled';
    case 'unreadable':
      return 'unreadable';
    default:
      return 'damaged';
  }
}

/** Why a verdict is provisional. */
export function provisionalWords(reason: string): string {
  switch (reason) {
    case 'log-not-examined':
      return 'the NTFS journal is dirty and was not examined: the newest changes may be only there';
    case 'log-pending':
      return 'changes that touch this folder are still waiting in the NTFS journal: Windows will apply them at its next start';
    case 'hibernated':
      return 'Windows is hibernated (or shut down with fast startup): changes may be in its memory image and not on the disk';
    case 'listing-incomplete':
      return 'the folder could not be listed without errors: a file may be missing from this report';
    default:
      return reason;
  }
}

/** A note on a judged file in words. */
export function fileNoteWords(note: string): string {
  switch (note) {
    case 'near-window':
      return "modified within 15 minutes before the faulty period: the guest's clock may have been slow";
    case 'copied-or-restored':
      return 'created after it was modified: a copy, or restored from a backup; copying keeps the faulty content';
    case 'encrypted-efs':
      return 'EFS-encrypted, which is unusual for a channel file';
    default:
      return note;
  }
}

/** `1,234 reads, 5.6 MiB`. */
export function costWords(reads: number, bytes: number, milliseconds: number): string {
  return `${formatCount(reads)} reads, ${(bytes / 1_048_576).toFixed(2)} MiB, ${formatCount(Math.round(milliseconds))} ms`;
}
