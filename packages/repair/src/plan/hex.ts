import type { Bytes } from '@deadbox/core';

/** The bytes of hexadecimal digits; what is no pair of digits ends them. */
export function fromHex(text: string): Bytes {
  const [digits = ''] = /^(?:[0-9a-f]{2})*/i.exec(text) ?? [];
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
