import { defined } from '@deadbox/core';
import { BootElement } from './boot-elements.js';
import { type BootObject, type BootStore, bootObject, braced, effectiveElement, ownElement } from './boot-store.js';

/** Settings of the default entry that change how it starts. */
export interface BootFlags {
  /** Element 0x25000080; absent = normal start. */
  readonly safeBoot?: 'minimal' | 'network' | 'directory-services-repair';
  /** Safe mode with a command prompt in place of the desktop. */
  readonly safeBootAlternateShell?: boolean;
  /** Element 0x16000049: test-signed drivers may load. */
  readonly testSigning?: boolean;
  /** Element 0x16000048: signatures are not checked. */
  readonly noIntegrityChecks?: boolean;
  /** The last known good control set is started. */
  readonly lastKnownGood?: boolean;
  /** Early-launch drivers are left out. */
  readonly disableElamDrivers?: boolean;
  /** Element 0x250000E0. */
  readonly bootStatusPolicy?:
    | 'display-all-failures'
    | 'ignore-all-failures'
    | 'ignore-shutdown-failures'
    | 'ignore-boot-failures'
    | 'other';
  /** Element 0x16000009: startup repair may run by itself. */
  readonly recoveryEnabled?: boolean;
  /** The recovery environment's entry, in braces. */
  readonly recoveryEntry?: string;
  /** Element 0x26000022: the entry starts Windows PE. */
  readonly winPe?: boolean;
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
  const boolean = (id: number): boolean | undefined => {
    const element = effectiveElement(store, entry, id);
    return element?.value.format === 'boolean' ? element.value.boolean : undefined;
  };
  const integer = (id: number): number | undefined => {
    const element = effectiveElement(store, entry, id);
    return element?.value.format === 'integer' ? Number(element.value.integer) : undefined;
  };
  const policy = integer(BootElement.bootStatusPolicy);
  const recovery = recoveryEntry(store, entry);
  return defined({
    safeBoot: SAFE_BOOT[integer(BootElement.safeBoot) ?? SAFE_BOOT.length],
    safeBootAlternateShell: boolean(BootElement.safeBootAlternateShell),
    testSigning: boolean(BootElement.testSigning),
    noIntegrityChecks: boolean(BootElement.noIntegrityChecks),
    lastKnownGood: boolean(BootElement.lastKnownGood),
    disableElamDrivers: boolean(BootElement.disableElam),
    recoveryEnabled: boolean(BootElement.recoveryEnabled),
    winPe: boolean(BootElement.winPe),
    bootStatusPolicy: policy === undefined ? undefined : (STATUS_POLICY[policy] ?? 'other'),
    recoveryEntry: recovery === undefined ? undefined : braced(recovery.id),
  });
}

/** The recovery environment's entry that an entry names (element 0x14000008). */
export function recoveryEntry(store: BootStore, entry: BootObject): BootObject | undefined {
  const sequence = ownElement(entry, BootElement.recoverySequence);
  return sequence?.value.format === 'object-list' ? bootObject(store, sequence.value.ids[0]) : undefined;
}
