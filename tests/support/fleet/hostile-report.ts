import { diskDetails, type Reader } from '@deadbox/report/internals';
import type { ImageReport } from '@deadbox/triage';

/** A text that ends what it stands in, runs, hides, turns round and links wherever it is taken for more than text. */
export const RUNS =
  '</script></style></template>--><!--]]>\u2028\u202e`${x}"\'><img src=x onerror="document.title=1">' +
  '<a href="javascript:document.title=2" onclick="document.title=3">x</a>|=1+1';

/** Items of a list that are kept: those behind them are shown as they are. */
const MOST_ITEMS = 1;

/** Whether a page of the report can be made of `image`: one whose ids are none is refused before. */
function isShown(image: ImageReport, readers: readonly Reader[]): boolean {
  try {
    for (const reader of readers) diskDetails(image, reader);
    return true;
  } catch {
    return false;
  }
}

/** The report with {@link RUNS} in, or behind, each of its texts and numbers that may be any text. */
export function hostileReport(
  report: ImageReport,
  readers: readonly Reader[],
): { image: ImageReport; places: string[] } {
  const image = JSON.parse(JSON.stringify(report), (_, value: unknown) =>
    Array.isArray(value) ? value.slice(0, MOST_ITEMS) : value,
  ) as ImageReport;
  const places: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const fields = value as Record<string, unknown>;
    for (const [name, before] of Object.entries(fields)) {
      visit(before, `${path}/${name}`);
      if (typeof before !== 'string' && typeof before !== 'number') continue;
      const texts = typeof before === 'string' ? [RUNS, `${before}${RUNS}`] : [RUNS];
      const taken = texts.find((text) => {
        fields[name] = text;
        return isShown(image, readers);
      });
      if (taken === undefined) fields[name] = before;
      else places.push(`${path}/${name}`);
    }
  };
  visit(image, '');
  return { image, places };
}
