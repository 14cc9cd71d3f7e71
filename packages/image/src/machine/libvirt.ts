import { defined } from '@deadbox/core';
import { childOf, elementsOf, type XmlElement } from '../text/xml.js';
import type { MachineDescription } from './description.js';

/** The disks of a libvirt domain (https://libvirt.org/formatdomain.html, "Hard drives, floppy disks, CDROMs"). */
export function libvirtMachine(root: XmlElement): MachineDescription {
  const disks = elementsOf(root, 'disk')
    .filter(({ attributes }) => (attributes.get('device') ?? 'disk') === 'disk')
    .map((disk) => childOf(disk, 'source')?.attributes)
    .map((source) => source?.get('file') ?? source?.get('dev') ?? source?.get('name'))
    .filter((path) => path !== undefined);
  return { kind: 'libvirt', ...defined({ name: childOf(root, 'name')?.text }), disks, links: [] };
}
