import type { RegistryKey } from '../registry/registry-key.js';

/** A number in a hive, and where it stands: what evidence shows and a repair of equal length writes. */
export interface PlacedNumber {
  readonly value: number;
  /** Path of the key from the hive's root. */
  readonly key: string;
  readonly name: string;
  /** Byte offset of the data in the hive file. */
  readonly fileOffset: number;
}

/** Names in a hive value, and where they stand. */
export interface PlacedTexts {
  readonly values: readonly string[];
  readonly key: string;
  readonly name: string;
  readonly fileOffset: number;
  /** Bytes of the data. */
  readonly size: number;
}

/** The DWORD value of that name with its place. */
export async function placedNumber(key: RegistryKey | undefined, name: string): Promise<PlacedNumber | undefined> {
  const value = await key?.value(name);
  const data = await value?.data();
  if (key === undefined || value === undefined || typeof data !== 'number') return undefined;
  return { value: data, key: key.path, name: value.name, fileOffset: value.dataFileOffset };
}

/** The strings of the value of that name with their place; one string for a SZ. */
export async function placedTexts(key: RegistryKey | undefined, name: string): Promise<PlacedTexts | undefined> {
  const value = await key?.value(name);
  const data = await value?.data();
  if (key === undefined || value === undefined) return undefined;
  const values =
    typeof data === 'string' ? (data === '' ? [] : [data]) : Array.isArray(data) ? (data as string[]) : undefined;
  if (values === undefined) return undefined;
  return { values, key: key.path, name: value.name, fileOffset: value.dataFileOffset, size: value.size };
}
