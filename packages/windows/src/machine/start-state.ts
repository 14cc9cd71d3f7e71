import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { timeOfBytes } from './registry-times.js';

/** What the registry tells of the last start and of what is to happen at the next one. */
export interface StartState {
  /** Last orderly shutdown, ISO-8601 UTC (`Control\Windows`). */
  lastShutdown?: string;
  /** Values of `Control` as stored, where they exist. */
  lastBootSucceeded?: number;
  /** `LastBootShutdown` as stored. */
  lastBootShutdown?: number;
  /** `DirtyShutdownCount` as stored. */
  dirtyShutdownCount?: number;
  /** Options that the boot loader handed over at the last start. */
  startOptions?: string;
  /** The last start was a safe mode, by those options. */
  safeMode?: 'minimal' | 'network' | 'directory-services-repair';
  /** Shell of "safe mode with command prompt"; anything but `cmd.exe` is unusual. */
  alternateShell?: string;
  /** The keys that say what safe mode loads are there. */
  readonly safeBootKeys: { minimal: boolean; network: boolean };
  /** Device that Windows was started from, as stored. */
  systemBootDevice?: string;
  /** Device that the firmware started from, as stored. */
  firmwareBootDevice?: string;
  /** `Session Manager\BootExecute`; normally `autocheck autochk *`. */
  bootExecute?: string[];
  /** Renames that wait for the next start (pairs of names). */
  pendingRenames: number;
  /** `Setup`: an installation or upgrade is under way. */
  setup?: { inProgress: boolean; type?: number; commandLine?: string };
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
  const state: StartState = {
    safeBootKeys: {
      minimal: (await safeBoot?.key('Minimal')) !== undefined,
      network: (await safeBoot?.key('Network')) !== undefined,
    },
    pendingRenames: 0,
  };
  const shutdown = timeOfBytes(await (await control?.key('Windows'))?.bytes('ShutdownTime'));
  if (shutdown !== undefined) state.lastShutdown = shutdown;
  for (const [value, field] of [
    ['LastBootSucceeded', 'lastBootSucceeded'],
    ['LastBootShutdown', 'lastBootShutdown'],
    ['DirtyShutdownCount', 'dirtyShutdownCount'],
  ] as const) {
    const number = await control?.number(value);
    if (number !== undefined) state[field] = number;
  }
  for (const [value, field] of [
    ['SystemStartOptions', 'startOptions'],
    ['SystemBootDevice', 'systemBootDevice'],
    ['FirmwareBootDevice', 'firmwareBootDevice'],
  ] as const) {
    const text = (await control?.text(value))?.trim();
    if (text !== undefined && text !== '') state[field] = text;
  }
  const mode = SAFE_MODES.find(([pattern]) => pattern.test(state.startOptions ?? ''))?.[1];
  if (mode !== undefined) state.safeMode = mode;
  const shell = await safeBoot?.text('AlternateShell');
  if (shell !== undefined) state.alternateShell = shell;
  await readPending(control, state);
  await readSetup(system, state);
  return state;
}

async function readPending(control: RegistryKey | undefined, state: StartState): Promise<void> {
  const manager = await control?.key('Session Manager');
  const execute = await manager?.texts('BootExecute');
  if (execute !== undefined) state.bootExecute = [...execute];
  // Pairs of old and new name; an empty new name (a deletion) would end a list of texts, so the pairs are counted in the bytes.
  const bytes = await manager?.bytes('PendingFileRenameOperations');
  if (bytes === undefined) return;
  let strings = 0;
  for (let at = 0; at + 2 <= bytes.length; at += 2) if (bytes[at] === 0 && bytes[at + 1] === 0) strings += 1;
  state.pendingRenames = Math.floor(strings / 2);
}

async function readSetup(system: Hive, state: StartState): Promise<void> {
  const setup = await system.key('Setup');
  if (setup === undefined) return;
  const type = await setup.number('SetupType');
  const commandLine = await setup.text('CmdLine');
  state.setup = {
    inProgress: (await setup.number('SystemSetupInProgress')) === 1,
    ...(type === undefined ? {} : { type }),
    ...(commandLine === undefined || commandLine === '' ? {} : { commandLine }),
  };
}
