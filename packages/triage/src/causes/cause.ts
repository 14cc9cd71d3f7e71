import { defined, type Evidence, type Json } from '@deadbox/core';
import type { CauseKind } from '../cause-kinds/cause-kind.js';
import { type CauseId, kindOf } from '../cause-kinds/cause-kinds.js';
import type { CauseConfidence, CauseReport } from '../report/cause-report.js';
import type { RepairRequest } from '../report/repair-request.js';
import type { Severity } from '../report/words.js';

/** What a detector found. */
export interface FoundCause {
  readonly id: CauseId;
  /** `none`: worth knowing only. */
  readonly severity: Severity;
  readonly confidence: CauseConfidence;
  /** 1-based volume number. */
  readonly volume: number | null;
  /** The Windows folder; `null` for what concerns the whole disk. */
  readonly installation: string | null;
  readonly data: Readonly<Record<string, Json>>;
  readonly evidence: readonly Evidence[];
  /** Where this finding shows other codes than its kind. */
  readonly codes?: readonly string[];
  /** Where this finding is repaired otherwise than its kind. */
  readonly repair?: CauseKind['repair'];
  /** What `deadbox fix` is to change for it, where a change in place cures it. */
  readonly requests?: readonly RepairRequest[];
}

/** The finding with what its kind says. */
export function reportedCause(found: FoundCause): CauseReport {
  const { id, severity, confidence, volume, installation, data, evidence } = found;
  const { phase, codes, repair } = kindOf(id);
  return {
    id,
    phase,
    severity,
    confidence,
    volume,
    installation,
    codes: found.codes ?? codes,
    data,
    evidence,
    repair: found.repair ?? repair,
    ...defined({ requests: found.requests }),
  };
}
