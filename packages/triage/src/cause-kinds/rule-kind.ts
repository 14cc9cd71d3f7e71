import type { CauseKind } from './cause-kind.js';

/**
 * What a rule finds is a driver or file that ends the start in the kernel; which codes and which cure, the rule itself
 * says.
 */
export const RULE_KIND: CauseKind = {
  phase: 'kernel',
  codes: [],
  repair: { class: 'none', operation: null },
  sources: [],
  explains: ['third-party-crash'],
};
