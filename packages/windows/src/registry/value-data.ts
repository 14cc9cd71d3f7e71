import { type Bytes, Cursor, type Json, toHex, untilNul, utf16Text } from '@deadbox/core';

/** Registry value types (winnt.h `REG_*`); others occur and are kept as numbers. */
export const RegistryType = {
  none: 0,
  sz: 1,
  expandSz: 2,
  binary: 3,
  dword: 4,
  dwordBigEndian: 5,
  link: 6,
  multiSz: 7,
  resourceList: 8,
  fullResourceDescriptor: 9,
  resourceRequirementsList: 10,
  qword: 11,
} as const;

/** A decoded value: text, list of texts, number, 64-bit number, or the bytes where the type has no better form. */
export type RegistryData = string | readonly string[] | number | bigint | Bytes;

/** Strings of a MULTI_SZ: ends at an empty string or at the end of the data, whichever comes first. */
function multiText(bytes: Bytes): string[] {
  const parts = utf16Text(bytes).split('\0');
  const end = parts.indexOf('');
  return end < 0 ? parts : parts.slice(0, end);
}

/**
 * Decodes the data of a value by its type. Text ends at its first NUL, with or without one. Data whose length does not
 * fit a numeric type stays bytes.
 */
export function decodeValue(type: number, bytes: Bytes): RegistryData {
  const cursor = new Cursor(bytes, 'registry value');
  switch (type) {
    case RegistryType.sz:
    case RegistryType.expandSz:
    case RegistryType.link:
      return untilNul(utf16Text(bytes));
    case RegistryType.multiSz:
      return multiText(bytes);
    case RegistryType.dword:
      return bytes.length === 4 ? cursor.u32(0) : bytes;
    case RegistryType.dwordBigEndian:
      return bytes.length === 4 ? cursor.u32Be(0) : bytes;
    case RegistryType.qword:
      return bytes.length === 8 ? cursor.u64(0) : bytes;
    default:
      return bytes;
  }
}

/** Decoded data as JSON: 64-bit numbers as decimal text, bytes as lower-case hexadecimal text. */
export function registryDataToJson(data: RegistryData): Json {
  if (typeof data === 'bigint') return data.toString();
  if (data instanceof Uint8Array) return toHex(data);
  if (typeof data === 'object') return [...data];
  return data;
}

/** Name of a type as `reg.exe` prints it, e.g. `REG_SZ`; other numbers in hexadecimal. */
export function registryTypeName(type: number): string {
  return NAMES[type] ?? `0x${type.toString(16)}`;
}

const NAMES: readonly string[] = [
  'REG_NONE',
  'REG_SZ',
  'REG_EXPAND_SZ',
  'REG_BINARY',
  'REG_DWORD',
  'REG_DWORD_BIG_ENDIAN',
  'REG_LINK',
  'REG_MULTI_SZ',
  'REG_RESOURCE_LIST',
  'REG_FULL_RESOURCE_DESCRIPTOR',
  'REG_RESOURCE_REQUIREMENTS_LIST',
  'REG_QWORD',
];
