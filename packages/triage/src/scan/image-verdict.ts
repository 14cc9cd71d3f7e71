import type { Disk } from '@deadbox/disk';
import { containerDoubts } from '../report/container-doubts.js';
import type { InstallationReport, UnjudgedVolume } from '../report/report-types.js';
import { compareSeverity, type ScanVerdict, type Severity, worseSeverity } from '../report/words.js';
import type { Rule } from '../rules/rule.js';

/**
 * The image's verdict: the worst of its active installations and of the volumes that nobody can judge. Causes come on
 * top of its severity.
 */
export function judgeImage(
  installations: readonly InstallationReport[],
  unjudged: readonly UnjudgedVolume[],
  disk: Disk,
  rules: readonly Rule[],
): { verdict: string; severity: Severity } {
  const active = installations.filter((found) => found.active);
  const barriers = unjudged
    // A small locked volume counts when nothing else was found; a small unrecognised one (empty, foreign) does not.
    .filter((volume) => volume.couldHoldWindows || (active.length === 0 && volume.verdict === 'blocked-encrypted'))
    .map(({ verdict }) => ({ verdict, severity: 'attention' as const, rank: scanRank(verdict) }));
  const judged = active.map(({ rule, verdict, severity }) => ({
    verdict,
    severity,
    rank: verdictRank(rules, rule, verdict),
  }));
  const [worst, ...others] = [...judged, ...barriers].sort(
    (a, b) => compareRanks(a.rank, b.rank) || compareSeverity(a.severity, b.severity),
  );
  if (worst === undefined) {
    if (disk.volumes.length === 0 && disk.encryption.length > 0)
      return { verdict: 'blocked-encrypted', severity: 'attention' };
    // A damaged table may hide the very partition that is looked for.
    const damaged = disk.volumes.length === 0 || disk.table.issues.some((issue) => issue.severity === 'error');
    return { verdict: damaged ? 'unreadable' : 'no-windows', severity: 'attention' };
  }
  const severities = [...others.map(({ severity }) => severity), ...active.map((found) => found.boot.severity)];
  // What lies in a container that contradicts itself, or lacks a part, is not proven.
  if (containerDoubts(disk.issues.issues).length > 0 || disk.table.issues.some(({ code }) => HIDING.test(code)))
    severities.push('review');
  return { verdict: worst.verdict, severity: severities.reduce(worseSeverity, worst.severity) };
}

/** Issues of a partition table after which there may be volumes that nobody saw, another Windows among them. */
const HIDING = /^(?:mbr\.extended-|ldm\.|gpt\.array-capped|partition\.(?:too-many|overlap-capped))/;

/**
 * Place of a verdict word in the order of badness, compared part by part: the more urgent first, then the earlier rule,
 * then the rule's own order.
 */
type Rank = readonly [severity: Severity, rule: number, word: number];

const SCAN_VERDICTS: readonly ScanVerdict[] = ['blocked-encrypted', 'unreadable', 'no-windows'];

/** The scan's own words stand before the rules' words of their severity. */
function scanRank(verdict: ScanVerdict): Rank {
  return ['attention', -1, SCAN_VERDICTS.indexOf(verdict)];
}

/** A word has the mildest severity that a row of the table gives it; a result that no row fits is to be reviewed. */
function verdictRank(rules: readonly Rule[], name: string, verdict: string): Rank {
  const place = rules.findIndex((candidate) => candidate.name === name);
  const rule = rules[place];
  const rows = rule?.verdicts.filter((row) => row.verdict === verdict) ?? [];
  const severity =
    rows
      .map((row) => row.severity)
      .sort(compareSeverity)
      .at(-1) ?? 'review';
  const words = [...(rule?.order ?? []), ...(rule?.verdicts.map((row) => row.verdict) ?? [])];
  return [severity, place, words.indexOf(verdict)];
}

function compareRanks(left: Rank, right: Rank): number {
  return compareSeverity(left[0], right[0]) || left[1] - right[1] || left[2] - right[2];
}
