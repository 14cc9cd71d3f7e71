import { defined } from '@deadbox/core';
import { childOf, type XmlElement } from '../text/xml.js';
import type { MachineDescription } from './description.js';

/**
 * The disks of a Parallels machine (`config.pvs`): the bundles or device files of its hard disks that are enabled, CD
 * drives being elements of another name.
 */
export function parallelsMachine(root: XmlElement): MachineDescription {
  const hardware = childOf(root, 'Hardware');
  const disks = (hardware?.children ?? [])
    .filter((element) => element.name === 'Hdd' && childOf(element, 'Enabled')?.text !== '0')
    .map((disk, index) => {
      const names = ['SystemName', 'UserFriendlyName'].map((name) => childOf(disk, name)?.text);
      return names.find((name) => name !== undefined && name !== '') ?? `Hdd ${disk.attributes.get('id') ?? index}`;
    });
  const name = childOf(childOf(root, 'Identification'), 'VmName')?.text;
  return { kind: 'pvs', ...defined({ name }), disks, links: [] };
}
