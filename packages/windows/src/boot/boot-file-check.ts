import { defined } from '@deadbox/core';
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

/**
 * Why the loader is not found. `store-names-wrong-file`: a file or folder that the store means lies where it should,
 * but the store gives another path; `boot-files-missing`: the boot manager's own file is not on the system partition,
 * or the Windows folder is nowhere; `loader-missing`: the loader's file.
 */
export type FileFault = 'store-names-wrong-file' | 'boot-files-missing' | 'loader-missing';

/** The worst first: a store that is mended does not bring a file back. */
const ORDER: readonly FileFault[] = ['loader-missing', 'boot-files-missing', 'store-names-wrong-file'];

/** Checks the files of the way; returns why the loader is not found, or `undefined`. */
export async function checkFiles(
  context: EntryContext,
  checked: CheckedEntry,
  loader: BootObject,
  firmware: 'uefi' | 'bios',
): Promise<FileFault | undefined> {
  const faults = [
    await bootManagerFault(context, firmware),
    await loaderFault(context, checked, firmware),
    await rootFault(context, checked, loader),
  ];
  return ORDER.find((fault) => faults.includes(fault));
}

async function bootManagerFault(
  { input, findings, storePartition }: EntryContext,
  firmware: 'uefi' | 'bios',
): Promise<FileFault | undefined> {
  const path = firmware === 'uefi' ? '\\EFI\\Microsoft\\Boot\\bootmgfw.efi' : '\\bootmgr';
  if ((await input.exists(storePartition, path)) !== false) return undefined;
  let fallback = false;
  for (const other of firmware === 'uefi' ? FALLBACKS : [])
    fallback ||= (await input.exists(storePartition, other)) !== false;
  findings.push({ id: 'boot-manager-file-missing', data: { path, partition: storePartition, fallback } });
  return fallback ? undefined : 'boot-files-missing';
}

/** What the firmware starts where it knows no entry. */
const FALLBACKS: readonly string[] = [
  '\\EFI\\Boot\\bootx64.efi',
  '\\EFI\\Boot\\bootaa64.efi',
  '\\EFI\\Boot\\bootia32.efi',
];

async function loaderFault(
  { input, findings, storePartition }: EntryContext,
  checked: CheckedEntry,
  firmware: 'uefi' | 'bios',
): Promise<FileFault | undefined> {
  const { path, fileExists } = checked;
  if (path === undefined) return undefined;
  const wrong = firmware === 'uefi' ? /\.exe$/i.test(path) : /\.efi$/i.test(path);
  if (!wrong && fileExists !== false) return undefined;
  const partition = checked.devices[0]?.partition;
  const found = await firstOf(input, partition ?? storePartition, loaderPaths(firmware), path);
  const data = defined({ path, found });
  if (wrong) findings.push({ id: 'loader-wrong-firmware', data: { ...data, firmware } });
  if (fileExists === false) findings.push({ id: 'loader-file-missing', data: { ...data, ...defined({ partition }) } });
  return found === undefined ? 'loader-missing' : 'store-names-wrong-file';
}

function loaderPaths(firmware: 'uefi' | 'bios'): string[] {
  const name = firmware === 'uefi' ? 'winload.efi' : 'winload.exe';
  return SYSTEM_ROOTS.flatMap((root) => [`${root}\\system32\\${name}`, `${root}\\system32\\boot\\${name}`]);
}

/** What the Windows folder is called. */
const SYSTEM_ROOTS: readonly string[] = ['\\Windows', '\\WINNT'];

async function rootFault(
  { input, findings }: EntryContext,
  checked: CheckedEntry,
  loader: BootObject,
): Promise<FileFault | undefined> {
  const path = textOf(ownElement(loader, BootElement.systemRoot));
  const partition = checked.devices.find((device) => device.element === 'osdevice')?.partition;
  if (path === undefined || partition === undefined) return undefined;
  if ((await input.exists(partition, path)) !== false) return undefined;
  const found = await firstOf(input, partition, SYSTEM_ROOTS, path);
  findings.push({ id: 'system-root-missing', data: { ...defined({ path, found }), partition } });
  return found === undefined ? 'boot-files-missing' : 'store-names-wrong-file';
}

/** The first of `paths` that the partition has, other than the one that the store gives. */
async function firstOf(
  input: BootCheckInput,
  partition: number,
  paths: readonly string[],
  stored: string,
): Promise<string | undefined> {
  for (const path of paths)
    if (path.toLowerCase() !== stored.toLowerCase() && (await input.exists(partition, path)) === true) return path;
  return undefined;
}
