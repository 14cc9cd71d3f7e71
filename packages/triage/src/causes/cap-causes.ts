import { MAX_CAUSES_OF_KIND } from '../limits.js';
import type { CauseReport } from '../report/cause-report.js';

/**
 * The first findings of each kind in each place. A list that Windows reads can be as long as a disk likes, and with it
 * what is wrong in it: the last finding that is kept counts the others.
 * @param causes - the worst first
 */
export function capCauses(causes: readonly CauseReport[]): CauseReport[] {
  const kinds = new Map<string, { kept: number; last: number; left: number }>();
  const kept: CauseReport[] = [];
  for (const cause of causes) {
    const key = kindAndPlace(cause);
    const kind = kinds.get(key) ?? { kept: 0, last: 0, left: 0 };
    kinds.set(key, kind);
    if (kind.kept >= MAX_CAUSES_OF_KIND) kind.left += 1;
    else {
      kind.kept += 1;
      kind.last = kept.push(cause) - 1;
    }
  }
  for (const { last, left } of kinds.values()) if (left > 0) kept[last] = { ...kept[last], more: left };
  return kept;
}

/** What asks for something else is another kind: what asks for most never goes with what only is worth knowing. */
function kindAndPlace({ id, severity, confidence, volume, installation }: CauseReport): string {
  return JSON.stringify([id, severity, confidence, volume, installation]);
}
