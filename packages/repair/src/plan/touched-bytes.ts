import type { RepairOperation } from './repair-plan.js';

/** How many bytes are looked up together. */
const UNIT = 4096;

interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The bytes that the operations of a plan change. Each operation is planned on the disk as it is: where two change the
 * same byte (a checksum, the count of a list), each would be right alone, and both together wrong.
 */
export class TouchedBytes {
  readonly #units = new Map<string, Span[]>();

  /** Whether an operation would change a byte that another one changes. */
  conflicts(operation: RepairOperation): boolean {
    return spansOf(operation).some(({ unit, from, to }) =>
      this.#units.get(unit)?.some((other) => from < other.to && other.from < to),
    );
  }

  add(operation: RepairOperation): void {
    for (const { unit, from, to } of spansOf(operation)) {
      const listed = this.#units.get(unit);
      if (listed === undefined) this.#units.set(unit, [{ from, to }]);
      else listed.push({ from, to });
    }
  }
}

/** The bytes of an operation, under the name of each unit that they lie in. */
function spansOf({ edits }: RepairOperation): (Span & { readonly unit: string })[] {
  return edits.flatMap(({ volume, offset: from, after }) => {
    const to = from + after.length / 2;
    const first = Math.floor(from / UNIT);
    const count = Math.ceil(to / UNIT) - first;
    return Array.from({ length: count }, (_, i) => ({ unit: `${volume}:${first + i}`, from, to }));
  });
}
