import type { BootReport } from '../report/report-types.js';

/** The boot check where none was made. */
export function bootNotChecked(): BootReport {
  return {
    verdict: 'not-checked',
    severity: 'none',
    findings: [],
    codes: [],
    remedies: [],
    store: null,
    identity: null,
    entries: [],
    flags: {},
  };
}
