/**
 * Sorts names of small dumps, newest first. Windows names them `MMDDYY-<milliseconds>-NN.dmp` by the local date; on one day the running number
 * decides. Other names come last, in reverse order of their text.
 */
export function newestDumpNames(names: readonly string[]): string[] {
  return [...names].sort((left, right) => compareKeys(sortKey(right), sortKey(left)));
}

function sortKey(name: string): readonly [number, number, string] {
  const match = /^(?:mini)?(\d{2})(\d{2})(\d{2})-(?:\d+-)?(\d{1,4})\.dmp$/i.exec(name);
  if (match === null) return [-1, -1, name];
  const [, month, day, year, number] = match as unknown as [string, string, string, string, string];
  return [Number(`${year}${month}${day}`), Number(number), name];
}

function compareKeys(left: readonly [number, number, string], right: readonly [number, number, string]): number {
  return left[0] - right[0] || left[1] - right[1] || (left[2] < right[2] ? -1 : left[2] > right[2] ? 1 : 0);
}
