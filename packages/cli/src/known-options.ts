import { closest } from './closest.js';

/** The names of all options of `T`; beside an option with a few words for values, those. */
export type OptionNames<T> = {
  readonly [K in keyof T]-?: T[K] extends string | undefined ? true | readonly T[K][] : true;
};

/**
 * Refuses an option that a function does not have: the compiler tells only those who use it, and an option that is
 * mistyped would be left out in silence.
 * @param called - name of the function
 * @throws TypeError that names the option or value which was most likely meant, else all that there are
 */
export function knownOptions<T extends object>(called: string, options: T, names: OptionNames<T>): void {
  for (const [name, value] of Object.entries(options)) {
    const known: unknown = Object.hasOwn(names, name) ? names[name as keyof T] : undefined;
    if (known === undefined) throw unknown(`${called} has no option "${name}"`, name, Object.keys(names));
    if (Array.isArray(known) && value !== undefined && !known.includes(value))
      throw unknown(`${called} has no ${name} "${String(value)}"`, String(value), known);
  }
}

function unknown(what: string, given: string, names: readonly string[]): TypeError {
  const meant = closest(given, names);
  return new TypeError(
    `${what}; ${meant === undefined ? `there are: ${names.join(', ')}` : `did you mean "${meant}"?`}`,
  );
}
