import type { Attack } from './attack.js';
import { JOURNAL_ATTACKS } from './journal-attacks.js';
import { KEY_ATTACKS } from './key-attacks.js';
import { MACHINE_ATTACKS } from './machine-attacks.js';
import { RULE_ATTACKS } from './rule-attacks.js';

/** Files that are no disks: what rules, keys, reports and machines are read from. */
export const FILE_ATTACKS: readonly Attack[] = [
  ...RULE_ATTACKS,
  ...KEY_ATTACKS,
  ...JOURNAL_ATTACKS,
  ...MACHINE_ATTACKS,
];
