/** How urgent a finding is; the exit code of a scan follows from the worst one. */
export type Severity = 'none' | 'review' | 'attention' | 'act';

/** Severities from harmless to urgent. */
const SEVERITIES: readonly Severity[] = ['none', 'review', 'attention', 'act'];

/** The more urgent of two severities. */
export function worseSeverity(left: Severity, right: Severity): Severity {
  return SEVERITIES.indexOf(left) >= SEVERITIES.indexOf(right) ? left : right;
}

/** Orders severities: negative when `left` is more urgent. */
export function compareSeverity(left: Severity, right: Severity): number {
  return SEVERITIES.indexOf(right) - SEVERITIES.indexOf(left);
}

/** What the stored bytes of a judged file are, told from the valid data length. */
export type FileContent = 'ok' | 'empty' | 'unwritten' | 'partly-written' | 'zero-filled' | 'unreadable';

/** Why a reassuring verdict is not proven. */
export type ProvisionalReason = 'log-pending' | 'log-not-examined' | 'hibernated' | 'listing-incomplete' | 'files-only';

/**
 * Why a folder was judged by its files: no device behind it, one that this user may not read, or a folder that is not
 * its volume's root.
 */
export type FolderReason = 'no-device' | 'device-denied' | 'inner-folder';

/** How sure a rule's verdict is; `normal` unless something speaks for or against it. */
export type RuleConfidence = 'normal' | 'lower' | 'confirmed' | 'likely' | 'file-only' | 'contradicted';

/** Verdict words of volumes and images that the scan itself gives, worst first; every other word is a rule's. */
export type ScanVerdict = 'blocked-encrypted' | 'unreadable' | 'no-windows';
