import { defined } from '@deadbox/core';
import { childOf, elementsOf, type XmlElement } from '../text/xml.js';
import type { MachineDescription } from './description.js';

/**
 * The disks of a VirtualBox machine: those attached now, not those of its snapshots, by the registry of media, which
 * nests what was made on a disk inside it.
 */
export function virtualBoxMachine(root: XmlElement): MachineDescription | undefined {
  const machine = childOf(root, 'Machine');
  if (machine === undefined) return undefined;
  const locations = new Map<string, string>();
  const links: { parent: string; child: string }[] = [];
  const register = (disk: XmlElement, parent: string | undefined): void => {
    const [uuid, location] = [disk.attributes.get('uuid'), disk.attributes.get('location')];
    if (uuid !== undefined && location !== undefined) locations.set(uuid, location);
    if (parent !== undefined && location !== undefined) links.push({ parent, child: location });
    for (const child of disk.children.filter(({ name }) => name === 'HardDisk')) register(child, location);
  };
  for (const registry of elementsOf(root, 'HardDisks'))
    for (const disk of registry.children.filter(({ name }) => name === 'HardDisk')) register(disk, undefined);
  // Controllers stand in the machine or its hardware; those below a snapshot are of its state.
  const now = [machine, childOf(machine, 'Hardware')].map((element) => childOf(element, 'StorageControllers'));
  const attached = now.flatMap((controllers) =>
    controllers === undefined ? [] : elementsOf(controllers, 'AttachedDevice'),
  );
  const disks = attached
    .filter(({ attributes }) => attributes.get('type') === 'HardDisk')
    .map((device) => childOf(device, 'Image')?.attributes.get('uuid'))
    .filter((uuid) => uuid !== undefined)
    // A medium that the registry of this file does not know is in that of another one.
    .map((uuid) => locations.get(uuid) ?? uuid);
  return { kind: 'vbox', ...defined({ name: machine.attributes.get('name') }), disks, links };
}
