import type { HiveHealthFindingId, HiveHealthVerdict } from '@deadbox/windows';
import type { KnownCauseId } from '../cause-kinds/cause-kinds.js';
import type { CauseConfidence } from '../report/cause-report.js';
import type { HiveReport, InstallationReport } from '../report/report-types.js';
import type { FoundCause } from './cause.js';

/** Conditions of SYSTEM that keep the loader from using it. */
const SYSTEM_IDS: Readonly<Partial<Record<HiveHealthVerdict, KnownCauseId>>> = {
  missing: 'system-hive-missing',
  damaged: 'system-hive-damaged',
  'at-risk': 'system-hive-incomplete',
};

/** Findings after which Windows cannot load the hive at all; damage inside of it may lie where nothing is read. */
const FATAL: ReadonlySet<HiveHealthFindingId> = new Set([
  'hive-missing',
  'hive-empty',
  'hive-not-regf',
  'hive-root-unreadable',
  'hive-truncated',
]);

/** What the condition of the hives comes to, of one active installation. */
export function hiveCauses({
  volume,
  root,
  hives,
}: Pick<InstallationReport, 'volume' | 'root' | 'hives'>): readonly FoundCause[] {
  return hives.flatMap((hive): FoundCause[] => {
    const id = causeOf(hive);
    if (id === undefined) return [];
    const findings = hive.findings.map((finding) => finding.id);
    return [
      {
        id,
        // A person must look: whether the damage is where Windows reads, the hive does not tell.
        severity: 'review',
        confidence: confidenceOf(findings),
        volume,
        installation: root,
        codes: hive.codes,
        data: { path: hive.path, findings },
        evidence: [],
      },
    ];
  });
}

function causeOf({ path, verdict }: HiveReport): KnownCauseId | undefined {
  const id = SYSTEM_IDS[verdict];
  return id === undefined || /[\\/]SYSTEM$/i.test(path) ? id : 'software-hive-bad';
}

function confidenceOf(findings: readonly HiveHealthFindingId[]): CauseConfidence {
  return findings.some((id) => FATAL.has(id)) ? 'proves' : 'strong';
}
