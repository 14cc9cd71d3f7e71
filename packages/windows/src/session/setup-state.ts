import { defined } from '@deadbox/core';
import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';

/**
 * What `SYSTEM\Setup` says of an installation, a generalised template or an upgrade that is under way. On a machine at
 * rest all numbers are 0.
 */
export interface SetupState {
  /** The key, for evidence. */
  readonly key: RegistryKey;
  /** 0 none, 1 full installation, 2 run `CmdLine`, 4 out-of-box experience. */
  readonly setupType?: number;
  /** What winlogon or smss starts instead of a session. */
  readonly commandLine?: string;
  readonly systemSetupInProgress?: number;
  readonly oobeInProgress?: number;
  readonly upgrade?: number;
  readonly rollbackActive?: number;
  /** `Setup\Status\ChildCompletion`, `setup.exe`: 1 and 2 while sysprep's specialise pass runs, 3 when it is done. */
  readonly childCompletion?: { readonly key: RegistryKey; readonly value: number };
}

/** Reads `SYSTEM\Setup`; `undefined` when there is no such key. */
export async function readSetupState(system: Hive): Promise<SetupState | undefined> {
  const key = await system.key('Setup');
  if (key === undefined) return undefined;
  const commandLine = (await key.text('CmdLine'))?.trim();
  const children = await key.key('Status\\ChildCompletion');
  const setupExe = await children?.number('setup.exe');
  return {
    key,
    ...defined({
      setupType: await key.number('SetupType'),
      commandLine: commandLine === '' ? undefined : commandLine,
      systemSetupInProgress: await key.number('SystemSetupInProgress'),
      oobeInProgress: await key.number('OOBEInProgress'),
      upgrade: await key.number('Upgrade'),
      rollbackActive: await key.number('RollbackActive'),
      childCompletion:
        children === undefined || setupExe === undefined ? undefined : { key: children, value: setupExe },
    }),
  };
}

/**
 * How far a Windows image came (`Setup\State`, `ImageState`): complete, generalised, or undeployable after sysprep
 * failed.
 */
export interface ImageState {
  readonly key: RegistryKey;
  /** As stored, e.g. `IMAGE_STATE_COMPLETE`. */
  readonly state: string;
}

/** Reads `Setup\State` of the SOFTWARE hive. */
export async function readImageState(software: Hive): Promise<ImageState | undefined> {
  const key = await software.key('Microsoft\\Windows\\CurrentVersion\\Setup\\State');
  const state = await key?.text('ImageState');
  return key === undefined || state === undefined || state === '' ? undefined : { key, state };
}
