import { defined } from '@deadbox/core';
import type { RegistryKey } from '../registry/registry-key.js';
import { type PendingRename, parsePendingRenames } from './pending-renames.js';

/** A file that every process shares (`KnownDLLs`). */
export interface KnownDll {
  /** Name of the value. */
  readonly name: string;
  /** Name of the file. */
  readonly file: string;
}

/** What `Control\Session Manager` tells smss.exe to do. What the key does not have is absent. */
export interface SessionManager {
  /** The key itself, for evidence. */
  readonly key: RegistryKey;
  /** `SubSystems`: the key, the names that must start, and what starts them. */
  readonly subSystems?: {
    readonly key: RegistryKey;
    readonly required?: readonly string[];
    readonly windows?: string;
    readonly kernelMode?: string;
  };
  /** `BootExecute`: native programs that run before anything else. */
  readonly bootExecute?: readonly string[];
  /** `SetupExecute`: native programs of servicing and Setup; empty on a machine at rest. */
  readonly setupExecute: readonly string[];
  /** Files that are renamed, replaced or deleted at the next start. */
  readonly pendingRenames: readonly PendingRename[];
  /** Shared libraries, without the value that names their folder. */
  readonly knownDlls?: { readonly key: RegistryKey; readonly files: readonly KnownDll[] };
  /** Libraries that are not to be shared; empty on a machine at rest. */
  readonly excludedKnownDlls: readonly string[];
  /** Driver Verifier: the drivers that it watches, and its settings. */
  readonly verifier?: { readonly key: RegistryKey; readonly drivers?: string; readonly level?: number };
  /** Page files as declared, e.g. `?:\pagefile.sys`. */
  readonly pageFiles: readonly string[];
}

/** A second list of the same kind, which runs before devices are waited for. */
const WITHOUT_PNP = 'SetupExecuteNoPnpSync';
/** Values of `KnownDLLs` that name the folder, not a library. */
const FOLDER_VALUE = /^DllDirectory(?:32)?$/i;

/** Reads `Control\Session Manager` of a control set; `undefined` when there is no such key. */
export async function readSessionManager(controlSet: RegistryKey): Promise<SessionManager | undefined> {
  const key = await controlSet.key('Control\\Session Manager');
  if (key === undefined) return undefined;
  const memory = await key.key('Memory Management');
  const renames = await key.bytes('PendingFileRenameOperations');
  return {
    key,
    setupExecute: [...((await key.texts('SetupExecute')) ?? []), ...((await key.texts(WITHOUT_PNP)) ?? [])],
    pendingRenames: renames === undefined ? [] : parsePendingRenames(renames),
    excludedKnownDlls: (await key.texts('ExcludeFromKnownDlls')) ?? [],
    pageFiles: (await memory?.texts('PagingFiles')) ?? [],
    ...defined({
      subSystems: await readSubSystems(key),
      bootExecute: await key.texts('BootExecute'),
      knownDlls: await readKnownDlls(key),
      verifier: memory === undefined ? undefined : await readVerifier(memory),
    }),
  };
}

async function readSubSystems(manager: RegistryKey): Promise<SessionManager['subSystems']> {
  const key = await manager.key('SubSystems');
  if (key === undefined) return undefined;
  return {
    key,
    ...defined({
      required: await key.texts('Required'),
      windows: await key.text('Windows'),
      kernelMode: await key.text('Kmode'),
    }),
  };
}

async function readKnownDlls(manager: RegistryKey): Promise<SessionManager['knownDlls']> {
  const key = await manager.key('KnownDLLs');
  if (key === undefined) return undefined;
  const files: KnownDll[] = [];
  for (const value of await key.values()) {
    const data = FOLDER_VALUE.test(value.name) ? undefined : await value.data();
    if (typeof data === 'string' && data !== '') files.push({ name: value.name, file: data });
  }
  return { key, files };
}

async function readVerifier(memory: RegistryKey): Promise<SessionManager['verifier']> {
  const drivers = await memory.text('VerifyDrivers');
  const level = await memory.number('VerifyDriverLevel');
  if ((drivers ?? '').trim() === '' && level === undefined) return undefined;
  return { key: memory, ...defined({ drivers, level }) };
}
