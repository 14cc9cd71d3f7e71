/** A member of a tar archive. */
export interface TarMemberRecipe {
  name: string;
  data?: Uint8Array;
  /** Default a file. */
  type?: string;
  prefix?: string;
  /** Text of the size field; default octal digits of the length. */
  size?: string;
  /** Empty in archives that are older than POSIX. */
  magic?: string;
}

const BLOCK = 512;

/** Header and content of one member (POSIX.1-2017 pax, "ustar Interchange Format"; synthetic). */
export function tarMember(recipe: TarMemberRecipe): Uint8Array<ArrayBuffer> {
  const { data = new Uint8Array(0), type = '0', magic = 'ustar\x0000' } = recipe;
  const bytes = new Uint8Array(BLOCK + Math.ceil(data.length / BLOCK) * BLOCK);
  const text = (at: number, value: string, encoding: BufferEncoding = 'latin1'): void =>
    bytes.set(Buffer.from(value, encoding), at);
  text(0, recipe.name, 'utf8');
  text(100, '0000644\0');
  text(124, recipe.size ?? `${data.length.toString(8).padStart(11, '0')}\0`);
  text(148, '        ');
  text(156, type);
  text(257, magic);
  text(345, recipe.prefix ?? '', 'utf8');
  const sum = bytes.subarray(0, BLOCK).reduce((total, value) => total + value, 0);
  text(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  bytes.set(data, BLOCK);
  return bytes;
}

/** An archive of these members, with two blocks of zeros at its end unless `open`. */
export function writeTar(members: readonly TarMemberRecipe[], open = false): Uint8Array<ArrayBuffer> {
  const parts = [...members.map(tarMember), ...(open ? [] : [new Uint8Array(2 * BLOCK)])];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
