import { formatGuid } from '@deadbox/core';

/** 8 groups of 6 digits with a hyphen or a blank between, or nothing; in plain text as `plainText` makes it. */
const PASSWORD = /(?<!\d)(?:\d{6}[ \t]{0,4}-?[ \t]{0,4}){7}\d{6}(?!\d)/g;
/** The same, broken over lines by a narrow column. */
const BROKEN_PASSWORD = /(?<!\d)(?:\d{6}\s{0,64}-?\s{0,64}){7}\d{6}(?!\d)/g;
const GUID = /(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])/gi;
/** Octet strings of directories: `X'…'`, `0x…` or bare hexadecimal, and base64. */
const OCTETS = /(?<![0-9a-f])(?:X'|0x)?([0-9a-f]{32})(?![0-9a-f])/gi;
const BASE64 = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{22}==/g;
/** The first part of an id, as recovery screens show it, standing alone. */
const SHORT_ID = /(?<![0-9a-z-])[0-9a-f]{8}(?![0-9a-z-])/gi;

/** A recovery password in a text, and where it stands. */
export interface FoundPassword {
  readonly at: number;
  readonly end: number;
  /** 48 digits in eight groups. */
  readonly password: string;
}

/** The recovery passwords in plain text; a mistyped one is found as long as it has 48 digits. */
export function findPasswords(text: string, across: 'line' | 'lines' = 'line'): FoundPassword[] {
  return [...text.matchAll(across === 'line' ? PASSWORD : BROKEN_PASSWORD)].map((match) => ({
    at: match.index,
    end: match.index + match[0].length,
    password: match[0].replace(/\D/g, '').replace(/\d{6}(?=\d)/g, '$&-'),
  }));
}

/**
 * The ids of key protectors in plain text, upper case: every GUID (AD names are `time{GUID}`); where there is none,
 * octet strings as hexadecimal or base64; where there are none either, lone groups of eight hexadecimal digits.
 */
export function findIds(text: string): string[] {
  const guids = [...text.matchAll(GUID)].map((match) => match[0].toUpperCase());
  if (guids.length > 0) return [...new Set(guids)];
  const octets = [
    ...[...text.matchAll(OCTETS)].map((match) => guidOfHex(match[1])),
    ...[...text.matchAll(BASE64)].map((match) => formatGuid(Uint8Array.from(atob(match[0]), (c) => c.charCodeAt(0)))),
  ];
  if (octets.length > 0) return [...new Set(octets)];
  return [...new Set([...text.matchAll(SHORT_ID)].map((match) => match[0].toUpperCase()))];
}

function guidOfHex(hex: string): string {
  return formatGuid(Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)));
}
