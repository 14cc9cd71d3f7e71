import { defined } from '@deadbox/core';
import { imageError } from '../errors.js';
import { childOf, elementsOf, type XmlElement } from '../text/xml.js';
import type { MachineDescription } from './description.js';

/** Kinds of device that are hard disks: a `lun` is one that takes SCSI commands, too. */
const HARD_DISKS = new Set(['disk', 'lun']);

/**
 * The disks of a libvirt domain (https://libvirt.org/formatdomain.html, "Hard drives, floppy disks, CDROMs").
 * @throws ImageError `IMAGE_UNSUPPORTED` where a disk is a part of its file
 */
export function libvirtMachine(root: XmlElement): MachineDescription {
  const disks = elementsOf(root, 'disk')
    .filter(({ attributes }) => HARD_DISKS.has(attributes.get('device') ?? 'disk'))
    .map(placeOf);
  return { kind: 'libvirt', ...defined({ name: childOf(root, 'name')?.text }), disks, links: [] };
}

/** What the source names; the machine's own name of a disk whose source names nothing that could be opened. */
function placeOf(disk: XmlElement, index: number): string {
  const source = childOf(disk, 'source');
  if (
    source !== undefined &&
    elementsOf(source, 'slice').some(({ attributes }) => attributes.get('type') !== 'metadata')
  ) {
    const what = 'the domain takes a slice of a file for a disk: cut it out first';
    throw imageError('IMAGE_UNSUPPORTED', what, { layer: 'domain', offset: 0 });
  }
  const named = source?.attributes;
  const pool = named?.get('pool');
  const volume = named?.get('volume');
  return (
    named?.get('file') ??
    named?.get('dev') ??
    named?.get('name') ??
    (volume === undefined ? undefined : pool === undefined ? volume : `${pool}/${volume}`) ??
    named?.get('path') ??
    childOf(disk, 'target')?.attributes.get('dev') ??
    `disk ${index + 1}`
  );
}
