import { defined } from '@deadbox/core';
import type { RegistryKey } from '../registry/registry-key.js';

/**
 * Where a domain controller keeps its directory (`Services\NTDS\Parameters`). Paths as stored, e.g. `D:\NTDS\ntds.dit`.
 */
export interface DirectoryService {
  readonly key: RegistryKey;
  /** `DSA Database file`. */
  readonly database?: string;
  /** `DSA Working Directory`. */
  readonly workingDirectory?: string;
  /** `Database log files path`. */
  readonly logs?: string;
}

/**
 * Reads the places of the directory; `undefined` when the machine keeps none. `Services\NTDS` exists, empty, on clients
 * too.
 */
export async function readDirectoryService(controlSet: RegistryKey): Promise<DirectoryService | undefined> {
  const key = await controlSet.key('Services\\NTDS\\Parameters');
  if (key === undefined) return undefined;
  const text = async (name: string): Promise<string | undefined> => {
    const found = (await key.text(name))?.trim();
    return found === '' ? undefined : found;
  };
  return {
    key,
    ...defined({
      database: await text('DSA Database file'),
      workingDirectory: await text('DSA Working Directory'),
      logs: await text('Database log files path'),
    }),
  };
}
