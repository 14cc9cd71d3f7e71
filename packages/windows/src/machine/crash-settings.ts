import type { RegistryKey } from '../registry/registry-key.js';
import { resolveImagePath } from './image-path.js';

/** What Windows writes when it crashes (`Control\CrashControl`). */
export interface CrashSettings {
  /** As stored. */
  dumpEnabled?: number;
  /** What `dumpEnabled` means. */
  dumpKind?: 'none' | 'complete' | 'kernel' | 'small' | 'automatic';
  /** Whether Windows restarts by itself after a crash. */
  autoReboot?: boolean;
  /** Whether a new dump replaces the old one. */
  overwrite?: boolean;
  /** Small dumps kept. */
  minidumpsCount?: number;
  /** Paths as stored, and on the Windows volume (absent when on another one). */
  dumpFile?: string;
  /** The dump file on the Windows volume. */
  dumpFilePath?: string;
  /** Folder of small dumps, as stored. */
  minidumpFolder?: string;
  /** Folder of small dumps on the Windows volume. */
  minidumpFolderPath?: string;
  /** Where the dump is written at crash time, when it is not the page file. */
  dedicatedDumpFile?: string;
  /** That file on the Windows volume. */
  dedicatedDumpFilePath?: string;
}

const KINDS: Readonly<Record<number, CrashSettings['dumpKind']>> = {
  0: 'none',
  1: 'complete',
  2: 'kernel',
  3: 'small',
  7: 'automatic',
};

/** Reads the crash settings. @param root - the Windows folder, e.g. `/Windows` */
export async function readCrashSettings(controlSet: RegistryKey, root: string): Promise<CrashSettings | undefined> {
  const key = await controlSet.key('Control\\CrashControl');
  if (key === undefined) return undefined;
  const settings: CrashSettings = {};
  const enabled = await key.number('CrashDumpEnabled');
  if (enabled !== undefined) {
    settings.dumpEnabled = enabled;
    const kind = KINDS[enabled];
    if (kind !== undefined) settings.dumpKind = kind;
  }
  const reboot = await key.number('AutoReboot');
  if (reboot !== undefined) settings.autoReboot = reboot !== 0;
  const overwrite = await key.number('Overwrite');
  if (overwrite !== undefined) settings.overwrite = overwrite !== 0;
  const count = await key.number('MinidumpsCount');
  if (count !== undefined) settings.minidumpsCount = count;
  for (const [value, field] of [
    ['DumpFile', 'dumpFile'],
    ['MinidumpDir', 'minidumpFolder'],
    ['DedicatedDumpFile', 'dedicatedDumpFile'],
  ] as const) {
    const text = await key.text(value);
    if (text === undefined || text === '') continue;
    settings[field] = text;
    const path = resolveImagePath(text, root);
    if (path !== undefined) settings[`${field}Path`] = path;
  }
  return settings;
}

/** Page files as `Session Manager\Memory Management` declares them, e.g. `?:\pagefile.sys` or `C:\pagefile.sys 0 0`. */
export async function readPageFiles(controlSet: RegistryKey): Promise<string[]> {
  const key = await controlSet.key('Control\\Session Manager\\Memory Management');
  const files = (await key?.texts('ExistingPageFiles')) ?? (await key?.texts('PagingFiles')) ?? [];
  return files.map((line) => line.replace(/^\\\?\?\\/, '').replace(/(\s+\d+){1,2}$/, '')).filter((path) => path !== '');
}
