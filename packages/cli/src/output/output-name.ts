/** What Windows would make of a name: a device, a stream of another file, or a name without its end. */
export type NameFault = 'device' | 'stream' | 'end';

/**
 * Names that mean a device in every folder, whatever follows their first dot. Microsoft, "Naming Files, Paths, and
 * Namespaces".
 */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[1-9¹²³])\s*(?:\.|$)/i;

/**
 * Why Windows would not write a file of this name where other programs find it again; `undefined` for a proper one, and
 * for a
 * device that is named as one (`\\.\…`).
 */
export function windowsNameFault(path: string): NameFault | undefined {
  if (/^\\\\[.?]\\/.test(path)) return undefined;
  const names = path.replace(/^[A-Za-z]:/, '').split(/[\\/]/);
  const name = names.at(-1) ?? '';
  if (names.some((part) => part.includes(':'))) return 'stream';
  if (DEVICE.test(name)) return 'device';
  return /[. ]$/.test(name) && !/^\.{1,2}$/.test(name) ? 'end' : undefined;
}
