/** `T` without the members that are `undefined`: those that may be are optional. */
export type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * The members of `object` that are not `undefined`: optional members without a conditional spread for each, as exact
 * optional types ask for.
 *
 * ```ts
 * openImage(source, { name, ...defined({ signal, siblings, snapshot }) });
 * return defined({ code, at: placeOf(record) });
 * ```
 */
export function defined<T extends object>(object: T): Defined<T> {
  for (const key in object) if (object[key] === undefined) return withoutGaps(object);
  // Where nothing is left out, a copy costs the engine one step.
  return { ...object };
}

function withoutGaps<T extends object>(object: T): Defined<T> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) if (value !== undefined) kept[key] = value;
  return kept as Defined<T>;
}
