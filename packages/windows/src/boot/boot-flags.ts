import { BootElement } from './boot-elements.js';
import { type BootObject, type BootStore, bootObject, braced, effectiveElement, ownElement } from './boot-store.js';

/** Settings of the default entry that change how it starts. */
export interface BootFlags {
  /** Element 0x25000080; absent = normal start. */
  safeBoot?: 'minimal' | 'network' | 'directory-services-repair';
  /** Safe mode with a command prompt in place of the desktop. */
  safeBootAlternateShell?: boolean;
  /** Element 0x16000049: test-signed drivers may load. */
  testSigning?: boolean;
  /** Element 0x16000048: signatures are not checked. */
  noIntegrityChecks?: boolean;
  /** The last known good control set is started. */
  lastKnownGood?: boolean;
  /** Early-launch drivers are left out. */
  disableElamDrivers?: boolean;
  /** Element 0x250000E0. */
  bootStatusPolicy?:
    | 'display-all-failures'
    | 'ignore-all-failures'
    | 'ignore-shutdown-failures'
    | 'ignore-boot-failures'
    | 'other';
  /** Element 0x16000009: startup repair may run by itself. */
  recoveryEnabled?: boolean;
  /** The recovery environment's entry, in braces. */
  recoveryEntry?: string;
  /** Element 0x26000022: the entry starts Windows PE. */
  winPe?: boolean;
}

const SAFE_BOOT: readonly BootFlags['safeBoot'][] = ['minimal', 'network', 'directory-services-repair'];
const STATUS_POLICY: readonly BootFlags['bootStatusPolicy'][] = [
  'display-all-failures',
  'ignore-all-failures',
  'ignore-shutdown-failures',
  'ignore-boot-failures',
];

/** Reads the flags of an entry, inherited settings included. */
export function readBootFlags(store: BootStore, entry: BootObject): BootFlags {
  const flags: BootFlags = {};
  const boolean = (id: number): boolean | undefined => {
    const element = effectiveElement(store, entry, id);
    return element?.value.format === 'boolean' ? element.value.boolean : undefined;
  };
  const integer = (id: number): number | undefined => {
    const element = effectiveElement(store, entry, id);
    return element?.value.format === 'integer' ? Number(element.value.integer) : undefined;
  };
  const safeBoot = integer(BootElement.safeBoot);
  const mode = safeBoot === undefined ? undefined : SAFE_BOOT[safeBoot];
  if (mode !== undefined) flags.safeBoot = mode;
  for (const [id, field] of [
    [BootElement.safeBootAlternateShell, 'safeBootAlternateShell'],
    [BootElement.testSigning, 'testSigning'],
    [BootElement.noIntegrityChecks, 'noIntegrityChecks'],
    [BootElement.lastKnownGood, 'lastKnownGood'],
    [BootElement.disableElam, 'disableElamDrivers'],
    [BootElement.recoveryEnabled, 'recoveryEnabled'],
    [BootElement.winPe, 'winPe'],
  ] as const) {
    const value = boolean(id);
    if (value !== undefined) flags[field] = value;
  }
  const policy = integer(BootElement.bootStatusPolicy);
  if (policy !== undefined) flags.bootStatusPolicy = STATUS_POLICY[policy] ?? 'other';
  const recovery = recoveryEntry(store, entry);
  if (recovery !== undefined) flags.recoveryEntry = braced(recovery.id);
  return flags;
}

/** The recovery environment's entry that an entry names (element 0x14000008). */
export function recoveryEntry(store: BootStore, entry: BootObject): BootObject | undefined {
  const sequence = ownElement(entry, BootElement.recoverySequence);
  return sequence?.value.format === 'object-list' ? bootObject(store, sequence.value.ids[0]) : undefined;
}
