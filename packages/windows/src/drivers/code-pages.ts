import type { RegistryKey } from '../registry/registry-key.js';

/** A file that the loader reads for the language of the machine, and the value that names it. */
export interface CodePageFile {
  /** What it is for. */
  readonly use: 'ansi' | 'oem' | 'case';
  /** Name as stored, e.g. `c_1252.nls`. */
  readonly name: string;
  /** Number of the code page or language. */
  readonly id: string;
  readonly key: string;
}

/** Newer versions of Windows no longer name the table of letter cases; it is the same for every language. */
const CASE_TABLE = 'l_intl.nls';

/** The tables of code pages and letter cases that the loader loads from System32 (`Control\Nls`). */
export async function readCodePageFiles(controlSet: RegistryKey): Promise<CodePageFile[]> {
  const pages = await controlSet.key('Control\\Nls\\CodePage');
  const languages = await controlSet.key('Control\\Nls\\Language');
  const found: CodePageFile[] = [];
  for (const [use, key, value] of [
    ['ansi', pages, 'ACP'],
    ['oem', pages, 'OEMCP'],
    ['case', languages, 'Default'],
  ] as const) {
    const id = await key?.text(value);
    if (key === undefined || id === undefined || id === '') continue;
    const name = (await key.text(id)) ?? (use === 'case' ? CASE_TABLE : '');
    if (name !== '') found.push({ use, name, id, key: key.path });
  }
  return found;
}
