import { RULE_KIND } from '../cause-kinds/rule-kind.js';
import type { CauseConfidence, CauseReport } from '../report/cause-report.js';
import type { InstallationReport } from '../report/report-types.js';
import type { RuleResult } from '../report/rule-result.js';
import type { RuleConfidence } from '../report/words.js';

/**
 * What the confidence of a rule comes to: a crash that names the driver, or starts that failed with nothing else to
 * blame, proves it.
 */
const CONFIDENCES: Readonly<Record<RuleConfidence, CauseConfidence>> = {
  confirmed: 'proves',
  likely: 'proves',
  normal: 'strong',
  'file-only': 'strong',
  lower: 'hint',
  contradicted: 'hint',
};

type Judged = Pick<InstallationReport, 'active' | 'volume' | 'root' | 'rules' | 'crash'>;

/** What the rules found in the active installations, as causes. */
export function ruleCauses(installations: readonly Judged[]): CauseReport[] {
  return installations
    .filter(({ active }) => active)
    .flatMap((installation) => installation.rules.filter(isCause).map((result) => causeOf(installation, result)));
}

/** Harmless, only not proven to be so, or decided by no row: that is no cause. */
function isCause({ severity, provisional, decided }: RuleResult): boolean {
  return severity !== 'none' && provisional.length === 0 && decided !== null;
}

function causeOf({ volume, root, crash }: Judged, result: RuleResult): CauseReport {
  const { rule, verdict, severity, confidence, confidenceFrom, files, decided } = result;
  const shown = (decided?.files ?? []).flatMap((place) => files[place] ?? []);
  const { code } = (confidenceFrom === null ? undefined : crash[confidenceFrom]) ?? { code: null };
  return {
    id: `rule:${rule}`,
    phase: RULE_KIND.phase,
    severity,
    confidence: severity === 'act' ? CONFIDENCES[confidence] : 'hint',
    volume,
    installation: root,
    codes: code === null ? RULE_KIND.codes : [code],
    data: { rule, verdict, files: shown.map(({ path }) => path) },
    evidence: shown.flatMap(({ evidence }) => evidence),
    repair: RULE_KIND.repair,
  };
}
