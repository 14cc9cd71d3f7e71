import type { Json } from '@deadbox/core';
import type { BootDisk } from './boot-disk.js';
import type { BootFlags } from './boot-flags.js';
import type { DeviceCheck } from './device-check.js';
import type { BootDevice } from './device-element.js';
import type { BootStoreFile } from './find-boot-stores.js';
import type { DiskIdentity, MountedDevicesFile } from './identity-witnesses.js';

/** Will the boot manager find Windows? */
export type BootVerdict =
  | 'consistent'
  | 'identity-changed'
  | 'partition-missing'
  | 'loader-missing'
  | 'default-entry-missing'
  | 'converted-disk'
  | 'store-missing'
  | 'store-damaged'
  | 'no-system-partition'
  | 'not-checked';

/** What the check found. */
export type BootFindingId =
  | 'no-system-partition'
  | 'store-missing'
  | 'store-damaged'
  | 'store-not-clean'
  | 'store-too-long'
  | 'boot-manager-entry-missing'
  | 'default-entry-missing'
  | 'default-entry-kind'
  | 'device-status'
  | 'device-unrecognised'
  | 'boot-manager-file-missing'
  | 'loader-file-missing'
  | 'loader-wrong-firmware'
  | 'system-root-missing'
  | 'recovery-stale'
  | 'resume-stale'
  | 'safe-boot'
  | 'test-signing'
  | 'integrity-checks-off'
  | 'last-known-good'
  | 'elam-off'
  | 'no-windows';

/** One fact that the check found. */
export interface BootFinding {
  readonly id: BootFindingId;
  /** The facts behind it. */
  readonly data: Record<string, Json>;
}

/** One device of an entry, compared with the disk. */
export interface CheckedDevice extends DeviceCheck {
  /** Name of the element: `device` or `osdevice`. */
  readonly element: string;
  /** The device as the store describes it. */
  readonly device: BootDevice;
  /** Byte offset of the element's data in the store's file. */
  readonly fileOffset: number;
}

/** An entry on the way to Windows. */
export interface CheckedEntry {
  /** What the entry is for. */
  readonly role: 'boot-manager' | 'default' | 'resume' | 'recovery';
  /** In braces. */
  readonly id: string;
  /** Text of the boot menu. */
  readonly description?: string;
  /** The loader's file, as stored. */
  readonly path?: string;
  /** Its devices, each compared with the disk. */
  readonly devices: readonly CheckedDevice[];
  /** Whether the file is there; absent when that could not be told (a locked volume). */
  readonly fileExists?: boolean;
}

/**
 * What would make the machine start again. `patch-boot-store` puts the disk's present id into the store,
 * `correct-boot-store` a path or folder that the disk has.
 */
export type BootRemedy =
  | 'restore-disk-identity'
  | 'patch-boot-store'
  | 'correct-boot-store'
  | 'rebuild-boot-store'
  | 'restore-partition'
  | 'restore-loader-file'
  | 'remove-safe-boot'
  | 'mark-system-partition';

/** The result of the boot check. */
export interface BootCheck {
  /** The worst of the findings, in one word. */
  readonly verdict: BootVerdict;
  /** The store that the machine would use. */
  readonly store?: { readonly partition: number; readonly path: string; readonly firmware: 'uefi' | 'bios' };
  /** What was found, in the order of the start. */
  readonly findings: readonly BootFinding[];
  /** The entries that the start would use. */
  readonly entries: readonly CheckedEntry[];
  /** Settings of the default entry. */
  readonly flags: BootFlags;
  /** Absent when there is no store to hear. */
  readonly identity?: DiskIdentity;
  /** Codes that the machine would show, e.g. `0xC000000E`. */
  readonly codes: readonly string[];
  /** What would mend it, the least change first. */
  readonly remedies: readonly BootRemedy[];
}

/** What the check needs to know. */
export interface BootCheckInput {
  /** Identity and partitions; `undefined` for an image without a partition table. */
  readonly disk: BootDisk | undefined;
  /** Stores of all readable volumes, see {@link findBootStores}. */
  readonly stores: readonly BootStoreFile[];
  /** Partitions whose file systems could not be read (locked, damaged): what they may hold cannot be called missing. */
  readonly unreadable?: readonly number[];
  /** Whether Windows was found on the disk, or may be on an unreadable partition. A data disk needs no boot store. */
  readonly hasWindows: boolean;
  /** Whether there is a file or folder at `path` of a partition; `undefined` when that cannot be told. */
  readonly exists: (partition: number, path: string) => Promise<boolean | undefined>;
  /** `MountedDevices` of the installations found, as witnesses of the disk's id. */
  readonly mountedDevices?: readonly MountedDevicesFile[];
}
