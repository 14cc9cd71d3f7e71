/** Keeps `value` in `map`, which holds at most `most` entries: the one that was put there first goes first. */
export function keepNewest<K, V>(map: Map<K, V>, key: K, value: V, most: number): V {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value as K);
  return value;
}

/**
 * What `map` has for `key`, else what `make` makes, which then stays there: callers that ask meanwhile wait for the
 * same. A failure is not kept.
 */
export function keepOnce<K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}
