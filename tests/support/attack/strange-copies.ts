/** What stands in the place of each part of a value that was JSON; `undefined` leaves it out. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  2 ** 53,
  '',
  'constructor',
  '__proto__',
  [],
  [[null]],
  {},
  { length: 1 },
  JSON.parse(`${'['.repeat(40)}1${']'.repeat(40)}`),
  undefined,
];

/** Every copy of `value` in which one part is something else, shallow where it is the same. */
export function* strangeCopies(value: unknown): Generator {
  for (const strange of STRANGE) yield strange;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value))
    for (const copy of strangeCopies(part)) {
      const changed = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
      yield Object.assign(changed, { [key]: copy });
    }
}
