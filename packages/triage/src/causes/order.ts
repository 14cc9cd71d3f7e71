import type { CausePhase } from '../cause-kinds/cause-kind.js';
import { kindOf } from '../cause-kinds/cause-kinds.js';
import type { CauseConfidence, CauseReport, StartVerdict } from '../report/cause-report.js';
import { compareSeverity } from '../report/words.js';

const PHASES: readonly CausePhase[] = [
  'image',
  'disk',
  'firmware',
  'boot-manager',
  'loader',
  'kernel',
  'session',
  'logon',
  'data',
];
const CONFIDENCES: readonly CauseConfidence[] = ['proves', 'strong', 'hint'];

/** Whether it is proven that Windows does not start. */
function ends({ id, severity, confidence }: CauseReport): boolean {
  return severity !== 'none' && confidence === 'proves' && kindOf(id).harmless !== true;
}

/**
 * The worst first: what ends the start before what Windows starts in spite of, what asks for something before what is
 * only worth knowing, a proof before a hint, an earlier phase before a later one.
 */
function compareCauses(left: CauseReport, right: CauseReport): number {
  return (
    Number(left.severity === 'none') - Number(right.severity === 'none') ||
    Number(ends(right)) - Number(ends(left)) ||
    CONFIDENCES.indexOf(left.confidence) - CONFIDENCES.indexOf(right.confidence) ||
    PHASES.indexOf(left.phase) - PHASES.indexOf(right.phase) ||
    compareSeverity(left.severity, right.severity) ||
    (left.volume ?? 0) - (right.volume ?? 0)
  );
}

/** The causes in order, each finding once, without those that another one brings about. */
export function orderCauses(causes: readonly CauseReport[]): CauseReport[] {
  const single = new Map<string, CauseReport>();
  for (const cause of [...causes].sort(compareCauses)) {
    const key = sameFinding(cause);
    const known = single.get(key);
    single.set(key, known === undefined ? cause : united(known, cause));
  }
  const found = [...single.values()];
  const brought = broughtAbout(found);
  return found.filter((cause) => cause.severity === 'none' || !brought(cause)).sort(compareCauses);
}

/** Two ways to one finding: same cause of the same installation, about the same file, key or name. */
function sameFinding({ id, volume, installation, data }: CauseReport): string {
  return JSON.stringify([id, installation ?? volume, data.path ?? data.key ?? data.name ?? null]).toUpperCase();
}

/** The surer finding, with the more urgent severity and everybody's facts. */
function united(first: CauseReport, second: CauseReport): CauseReport {
  const severity = compareSeverity(first.severity, second.severity) <= 0 ? first.severity : second.severity;
  return {
    ...first,
    severity,
    data: { ...second.data, ...first.data },
    evidence: first.evidence.length > 0 ? first.evidence : second.evidence,
  };
}

/**
 * Whether one of the causes brings another one about, in its own installation or from the disk itself. Asked of each
 * pair it would cost the square of their number, and a hostile list of commands makes tens of thousands.
 */
function broughtAbout(causes: readonly CauseReport[]): (cause: CauseReport) => boolean {
  const places = new Map<string, Set<string | null>>();
  for (const { id, severity, installation } of causes) {
    if (severity === 'none') continue;
    for (const explained of kindOf(id).explains ?? []) {
      const known = places.get(explained) ?? new Set();
      places.set(explained, known.add(installation));
    }
  }
  return ({ id, installation }) => {
    const where = places.get(id);
    return where !== undefined && (installation === null || where.has(null) || where.has(installation));
  };
}

/** What the causes come to. @param undecided - something kept a cause from being decided */
export function startVerdict(
  ordered: readonly CauseReport[],
  undecided: boolean,
): Exclude<StartVerdict, 'not-checked'> {
  if (ordered.some(ends)) return 'no';
  return undecided || ordered.some(({ severity }) => severity !== 'none') ? 'doubtful' : 'nothing-found';
}

/** The id that stands in the headline; `null` where nothing asks for anything. */
export function headline(ordered: readonly CauseReport[]): CauseReport['id'] | null {
  const [first] = ordered;
  return first === undefined || first.severity === 'none' ? null : first.id;
}
