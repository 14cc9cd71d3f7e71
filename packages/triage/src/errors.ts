/** Error codes of `@deadbox/triage`. */
export type TriageErrorCode = 'RULE_INVALID' | 'CONDITION_INVALID';

/** Issue codes of `@deadbox/triage`: what kept a cause from being decided, and what a scan left out. */
export type TriageIssueCode = 'cause.undecided' | LeftOutCode;

/** Issue codes of what a scan did not examine, though it belongs to what was asked for. */
export type LeftOutCode =
  /** A shadow copy that cannot be examined. */
  | 'triage.shadow-copy'
  /** Shadow copies older than the newest ones that are examined. */
  | 'triage.shadow-copies-left'
  /** Folders of users in which nobody looked for files that lie in cloud storage only. */
  | 'triage.placeholders-left';
