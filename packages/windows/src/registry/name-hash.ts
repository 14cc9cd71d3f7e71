/**
 * Upper case as the registry compares names: code unit by code unit. A letter whose upper-case form is longer (`ß`)
 * stays itself, as in Windows' table.
 */
export function registryUpperCase(name: string): string {
  let plain = true;
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (code >= 0x80) {
      plain = false;
      break;
    }
  }
  if (plain) return name.toUpperCase();
  let text = '';
  for (let i = 0; i < name.length; i += 1) {
    const unit = name.charAt(i);
    const upper = unit.toUpperCase();
    text += upper.length === 1 ? upper : unit;
  }
  return text;
}

/** Whether two key or value names are the same name to the registry. */
export function sameRegistryName(left: string, right: string): boolean {
  return left === right || (left.length === right.length && registryUpperCase(left) === registryUpperCase(right));
}

/** Hash of an `lh` list element: H = 37·H + upper-case code unit, 32 bits (msuhanov/regf, "Hash leaf"). */
export function nameHash(name: string): number {
  const upper = registryUpperCase(name);
  let hash = 0;
  for (let i = 0; i < upper.length; i += 1) hash = (Math.imul(hash, 37) + upper.charCodeAt(i)) >>> 0;
  return hash;
}

/**
 * Whether the hint of an `lf` list element allows `name`: its first four characters as Latin-1 bytes, compared in upper
 * case; a hint that begins with a zero byte says nothing (msuhanov/regf, "Fast leaf").
 */
export function hintAllows(hint: number, name: string): boolean {
  if ((hint & 0xff) === 0) return true;
  for (let i = 0; i < 4; i += 1) {
    const byte = (hint >>> (i * 8)) & 0xff;
    if (i >= name.length) return byte === 0;
    if (!sameRegistryName(String.fromCharCode(byte), name.charAt(i))) return false;
  }
  return true;
}
