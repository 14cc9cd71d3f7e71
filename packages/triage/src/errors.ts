/** Error codes of `@deadbox/triage`. */
export type TriageErrorCode = 'RULE_INVALID' | 'CONDITION_INVALID';
