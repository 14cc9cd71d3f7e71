import { defined } from '@deadbox/core';
import type { RegistryKey } from '../registry/registry-key.js';
import { resolveImagePath } from './image-path.js';

/** What Windows writes when it crashes (`Control\CrashControl`). */
export interface CrashSettings {
  /** As stored. */
  readonly dumpEnabled?: number;
  /** What `dumpEnabled` means. */
  readonly dumpKind?: 'none' | 'complete' | 'kernel' | 'small' | 'automatic';
  /** Whether Windows restarts by itself after a crash. */
  readonly autoReboot?: boolean;
  /** Whether a new dump replaces the old one. */
  readonly overwrite?: boolean;
  /** Small dumps kept. */
  readonly minidumpsCount?: number;
  /** Paths as stored, and on the Windows volume (absent when on another one). */
  readonly dumpFile?: string;
  /** The dump file on the Windows volume. */
  readonly dumpFilePath?: string;
  /** Folder of small dumps, as stored. */
  readonly minidumpFolder?: string;
  /** Folder of small dumps on the Windows volume. */
  readonly minidumpFolderPath?: string;
  /** Where the dump is written at crash time, when it is not the page file. */
  readonly dedicatedDumpFile?: string;
  /** That file on the Windows volume. */
  readonly dedicatedDumpFilePath?: string;
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
  const flag = async (name: string): Promise<boolean | undefined> => {
    const number = await key.number(name);
    return number === undefined ? undefined : number !== 0;
  };
  const place = async (name: string): Promise<readonly [stored?: string, path?: string | undefined]> => {
    const text = await key.text(name);
    return text === undefined || text === '' ? [] : [text, resolveImagePath(text, root)];
  };
  const dumpEnabled = await key.number('CrashDumpEnabled');
  const [dumpFile, dumpFilePath] = await place('DumpFile');
  const [minidumpFolder, minidumpFolderPath] = await place('MinidumpDir');
  const [dedicatedDumpFile, dedicatedDumpFilePath] = await place('DedicatedDumpFile');
  return defined({
    dumpEnabled,
    dumpKind: dumpEnabled === undefined ? undefined : KINDS[dumpEnabled],
    autoReboot: await flag('AutoReboot'),
    overwrite: await flag('Overwrite'),
    minidumpsCount: await key.number('MinidumpsCount'),
    dumpFile,
    dumpFilePath,
    minidumpFolder,
    minidumpFolderPath,
    dedicatedDumpFile,
    dedicatedDumpFilePath,
  });
}

/** Page files as `Session Manager\Memory Management` declares them, e.g. `?:\pagefile.sys` or `C:\pagefile.sys 0 0`. */
export async function readPageFiles(controlSet: RegistryKey): Promise<string[]> {
  const key = await controlSet.key('Control\\Session Manager\\Memory Management');
  const files = (await key?.texts('ExistingPageFiles')) ?? (await key?.texts('PagingFiles')) ?? [];
  return files.map((line) => line.replace(/^\\\?\?\\/, '').replace(/(\s+\d+){1,2}$/, '')).filter((path) => path !== '');
}
