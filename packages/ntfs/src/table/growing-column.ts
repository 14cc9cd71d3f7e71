/** Typed arrays that columns are made of. */
type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** `array` when it has room for `length` elements, else a copy of at least twice its length. */
export function grownColumn<T extends ColumnArray>(array: T, length: number): T {
  if (length <= array.length) return array;
  const Constructor = array.constructor as new (length: number) => T;
  const grown = new Constructor(Math.max(length, array.length * 2, 1024));
  grown.set(array);
  return grown;
}
