import { defined } from '@deadbox/core';
import type { BootDisk } from './boot-disk.js';
import { BootElement } from './boot-elements.js';
import { type BootStore, deviceOf, ownElement, textOf } from './boot-store.js';
import { checkDevice } from './device-check.js';
import type { BootDevice } from './device-element.js';

/** A folder that a boot store starts Windows from. */
export interface SystemRoot {
  /**
   * Number of the partition; absent when the store does not say (`boot`, `locate`) or the disk has no such partition.
   */
  readonly partition?: number;
  /** As stored, e.g. `\Windows`. */
  readonly path: string;
}

/** What holds a Windows that is no folder of a volume of this disk. */
const ELSEWHERE: ReadonlySet<BootDevice['kind']> = new Set(['ramdisk', 'vhd', 'file']);

/**
 * The system roots of all Windows entries of a store: where installations are that have an unusual name. WinPE entries
 * (recovery) are left out.
 */
export function systemRoots(store: BootStore, disk: BootDisk): SystemRoot[] {
  const roots: SystemRoot[] = [];
  for (const object of store.objects) {
    if (object.kind !== 'os-loader') continue;
    const winPe = ownElement(object, BootElement.winPe)?.value;
    if (winPe?.format === 'boolean' && winPe.boolean) continue;
    const path = textOf(ownElement(object, BootElement.systemRoot));
    const device = deviceOf(ownElement(object, BootElement.osDevice));
    if (path === undefined || device === undefined || ELSEWHERE.has(device.kind)) continue;
    const { partition } = checkDevice(device, disk);
    roots.push({ ...defined({ partition }), path });
  }
  return roots;
}
