import { type Bytes, defined } from '@deadbox/core';
import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';

/** What the registry tells of the last start and of what is to happen at the next one. */
export interface StartState {
  /** Last orderly shutdown, ISO-8601 UTC (`Control\Windows`). */
  readonly lastShutdown?: string;
  /** Values of `Control` as stored, where they exist. */
  readonly lastBootSucceeded?: number;
  /** `LastBootShutdown` as stored. */
  readonly lastBootShutdown?: number;
  /** `DirtyShutdownCount` as stored. */
  readonly dirtyShutdownCount?: number;
  /** Options that the boot loader handed over at the last start. */
  readonly startOptions?: string;
  /** The last start was a safe mode, by those options. */
  readonly safeMode?: 'minimal' | 'network' | 'directory-services-repair';
  /** Shell of "safe mode with command prompt"; anything but `cmd.exe` is unusual. */
  readonly alternateShell?: string;
  /** The keys that say what safe mode loads are there. */
  readonly safeBootKeys: { readonly minimal: boolean; readonly network: boolean };
  /** Device that Windows was started from, as stored. */
  readonly systemBootDevice?: string;
  /** Device that the firmware started from, as stored. */
  readonly firmwareBootDevice?: string;
  /** `Session Manager\BootExecute`; normally `autocheck autochk *`. */
  readonly bootExecute?: readonly string[];
  /** Renames that wait for the next start (pairs of names). */
  readonly pendingRenames: number;
  /** `Setup`: an installation or upgrade is under way. */
  readonly setup?: { readonly inProgress: boolean; readonly type?: number; readonly commandLine?: string };
}

const SAFE_MODES: readonly (readonly [RegExp, StartState['safeMode']])[] = [
  [/SAFEBOOT:\s*MINIMAL/i, 'minimal'],
  [/SAFEBOOT:\s*NETWORK/i, 'network'],
  [/SAFEBOOT:\s*DSREPAIR/i, 'directory-services-repair'],
];

/** Reads the facts of a control set and of `SYSTEM\Setup`. */
export async function readStartState(system: Hive, controlSet: RegistryKey): Promise<StartState> {
  const control = await controlSet.key('Control');
  const safeBoot = await control?.key('SafeBoot');
  const manager = await control?.key('Session Manager');
  const text = async (name: string): Promise<string | undefined> => {
    const found = (await control?.text(name))?.trim();
    return found === '' ? undefined : found;
  };
  const startOptions = await text('SystemStartOptions');
  return {
    safeBootKeys: {
      minimal: (await safeBoot?.key('Minimal')) !== undefined,
      network: (await safeBoot?.key('Network')) !== undefined,
    },
    pendingRenames: pairsIn((await manager?.bytes('PendingFileRenameOperations')) ?? new Uint8Array(0)),
    ...defined({
      lastShutdown: await (await control?.key('Windows'))?.time('ShutdownTime'),
      lastBootSucceeded: await control?.number('LastBootSucceeded'),
      lastBootShutdown: await control?.number('LastBootShutdown'),
      dirtyShutdownCount: await control?.number('DirtyShutdownCount'),
      startOptions,
      safeMode: SAFE_MODES.find(([pattern]) => pattern.test(startOptions ?? ''))?.[1],
      alternateShell: await safeBoot?.text('AlternateShell'),
      systemBootDevice: await text('SystemBootDevice'),
      firmwareBootDevice: await text('FirmwareBootDevice'),
      bootExecute: await manager?.texts('BootExecute'),
      setup: await readSetup(system),
    }),
  };
}

/**
 * Pairs of old and new name; an empty new name (a deletion) would end a list of texts, so the pairs are counted in the
 * bytes.
 */
function pairsIn(bytes: Bytes): number {
  let strings = 0;
  for (let at = 0; at + 2 <= bytes.length; at += 2) if (bytes[at] === 0 && bytes[at + 1] === 0) strings += 1;
  return Math.floor(strings / 2);
}

async function readSetup(system: Hive): Promise<StartState['setup']> {
  const setup = await system.key('Setup');
  if (setup === undefined) return undefined;
  const commandLine = await setup.text('CmdLine');
  return {
    inProgress: (await setup.number('SystemSetupInProgress')) === 1,
    ...defined({
      type: await setup.number('SetupType'),
      commandLine: commandLine === '' ? undefined : commandLine,
    }),
  };
}
