import { defined } from '@deadbox/core';
import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';

const VERSION = 'Microsoft\\Windows NT\\CurrentVersion';

/** What winlogon.exe starts, as SOFTWARE says it. */
export interface WinlogonValues {
  readonly key: RegistryKey;
  /** Comma-separated programs; `C:\Windows\system32\userinit.exe,` as Windows is installed. */
  readonly userinit?: string;
  /** `explorer.exe` as Windows is installed; another one on Server Core and kiosks. */
  readonly shell?: string;
  /** A replacement of the logon window, up to Windows XP; later versions ignore it. */
  readonly ginaDll?: string;
}

/** Reads `Winlogon` of the SOFTWARE hive; `undefined` without the key. */
export async function readWinlogon(software: Hive): Promise<WinlogonValues | undefined> {
  const key = await software.key(`${VERSION}\\Winlogon`);
  if (key === undefined) return undefined;
  return {
    key,
    ...defined({
      userinit: await key.text('Userinit'),
      shell: await key.text('Shell'),
      ginaDll: await key.text('GinaDLL'),
    }),
  };
}

/** A program that is started under another one, or with another stack. */
export interface ImageOption {
  readonly key: RegistryKey;
  /** Name of the program, as stored. */
  readonly program: string;
  readonly debugger?: string;
  /** Bytes that are committed for the stack of each thread. */
  readonly stackCommit?: number;
}

/** The entries of `Image File Execution Options` for the programs named (any case). */
export async function readImageOptions(software: Hive, programs: readonly string[]): Promise<ImageOption[]> {
  const all = await software.key(`${VERSION}\\Image File Execution Options`);
  const options: ImageOption[] = [];
  for (const program of all === undefined ? [] : programs) {
    const key = await all?.key(program);
    if (key === undefined) continue;
    options.push({
      key,
      program: key.name,
      ...defined({
        debugger: await key.text('Debugger'),
        stackCommit: await key.number('MinimumStackCommitInBytes'),
      }),
    });
  }
  return options;
}

/** Lists of libraries that lsass.exe loads. */
export const LSA_LISTS = ['Authentication Packages', 'Security Packages', 'Notification Packages'] as const;

/** What lsass.exe loads (`Control\Lsa`). */
export interface LsaPackages {
  readonly key: RegistryKey;
  /** Names as stored, by list; a name without ending is a library of System32. */
  readonly lists: readonly { readonly list: (typeof LSA_LISTS)[number]; readonly names: readonly string[] }[];
  /** 1 or 2: lsass.exe runs as a protected process and loads signed libraries only. */
  readonly runAsProtected?: number;
}

/** Reads `Control\Lsa` of a control set; `undefined` without the key. */
export async function readLsaPackages(controlSet: RegistryKey): Promise<LsaPackages | undefined> {
  const key = await controlSet.key('Control\\Lsa');
  if (key === undefined) return undefined;
  const lists: LsaPackages['lists'][number][] = [];
  for (const list of LSA_LISTS) {
    const names = (await key.texts(list)) ?? [];
    lists.push({ list, names: names.map((name) => name.trim()).filter((name) => name !== '' && name !== '""') });
  }
  return { key, lists, ...defined({ runAsProtected: await key.number('RunAsPPL') }) };
}
