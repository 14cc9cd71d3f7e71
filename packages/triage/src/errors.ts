/** Error codes of `@deadbox/triage`. */
export type TriageErrorCode = 'RULE_INVALID' | 'CONDITION_INVALID';

/** Issue codes of `@deadbox/triage`: what kept a cause from being decided. */
export type TriageIssueCode = 'cause.undecided';
