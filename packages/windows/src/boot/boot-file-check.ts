import type { Json } from '@deadbox/core';
import type { BootCheckInput, BootFinding, CheckedEntry } from './boot-check-result.js';
import type { BootDisk } from './boot-disk.js';
import { BootElement } from './boot-elements.js';
import { type BootObject, ownElement, textOf } from './boot-store.js';

/** What the checks of one store share. */
export interface EntryContext {
  readonly input: BootCheckInput;
  readonly disk: BootDisk;
  /** Partition of the store: what the device `boot` means. */
  readonly storePartition: number;
  readonly findings: BootFinding[];
}

/** Checks the files of the way; returns whether the loader is missing. */
export async function checkFiles(
  context: EntryContext,
  checked: CheckedEntry,
  loader: BootObject,
  firmware: 'uefi' | 'bios',
): Promise<boolean> {
  const { input, findings, storePartition } = context;
  let missing = false;
  const manager = firmware === 'uefi' ? '\\EFI\\Microsoft\\Boot\\bootmgfw.efi' : '\\bootmgr';
  const fallback =
    firmware === 'uefi' ? ['\\EFI\\Boot\\bootx64.efi', '\\EFI\\Boot\\bootaa64.efi', '\\EFI\\Boot\\bootia32.efi'] : [];
  if ((await input.exists(storePartition, manager)) === false) {
    const others: boolean[] = [];
    for (const path of fallback) others.push((await input.exists(storePartition, path)) !== false);
    findings.push({
      id: 'boot-manager-file-missing',
      data: { path: manager, partition: storePartition, fallback: others.includes(true) },
    });
    if (!others.includes(true)) missing = true;
  }
  if (checked.path !== undefined) {
    const wrong = firmware === 'uefi' ? /\.exe$/i.test(checked.path) : /\.efi$/i.test(checked.path);
    if (wrong) findings.push({ id: 'loader-wrong-firmware', data: { path: checked.path, firmware } });
    if (checked.fileExists === false)
      findings.push({ id: 'loader-file-missing', data: { path: checked.path, ...partitionOf(checked) } });
    missing ||= wrong || checked.fileExists === false;
  }
  const root = textOf(ownElement(loader, BootElement.systemRoot));
  const osPartition = checked.devices.find((device) => device.element === 'osdevice')?.partition;
  if (root !== undefined && osPartition !== undefined && (await input.exists(osPartition, root)) === false) {
    findings.push({ id: 'system-root-missing', data: { path: root, partition: osPartition } });
    missing = true;
  }
  return missing;
}

function partitionOf(entry: CheckedEntry): Record<string, Json> {
  const number = entry.devices[0]?.partition;
  return number === undefined ? {} : { partition: number };
}
