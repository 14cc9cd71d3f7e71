import { parseXml } from '../text/xml.js';
import type { MachineDescription } from './description.js';
import { libvirtMachine } from './libvirt.js';
import { parseOvfDisks } from './ovf.js';
import { parallelsMachine } from './parallels.js';
import { virtualBoxMachine } from './virtualbox.js';
import { vmxMachine } from './vmx.js';

/**
 * Reads a description of a machine: VMware's `.vmx`, VirtualBox's `.vbox`, libvirt's domain XML, Parallels'
 * `config.pvs`, an OVF descriptor.
 * @param bytes - the whole file
 * @returns `undefined` when it is none
 */
export function parseMachine(bytes: Uint8Array): MachineDescription | undefined {
  const text = new TextDecoder().decode(bytes);
  if (!text.trimStart().startsWith('<')) return vmxMachine(bytes, text);
  const root = parseXml(text);
  if (root?.name === 'VirtualBox') return virtualBoxMachine(root);
  if (root?.name === 'domain') return libvirtMachine(root);
  if (root?.name === 'ParallelsVirtualMachine') return parallelsMachine(root);
  if (root?.name !== 'Envelope') return undefined;
  const disks = parseOvfDisks(text).map(({ href }) => href);
  return { kind: 'ovf', disks, links: [] };
}
