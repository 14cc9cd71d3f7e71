import type { Attack } from './attack.js';
import { utf8 } from './text-input.js';

const machine = (file: string, name: string, idea: string, text: () => string): Attack => ({
  name: `machine, ${name}`,
  idea,
  file,
  bytes: () => utf8(text()),
  verbs: [
    ['scan', 'FILE'],
    ['scan', '--quick', '--json', 'FILE'],
    ['info', 'FILE'],
    ['ls', 'FILE'],
    ['why', '0x7B', 'FILE'],
    ['verify', 'FILE'],
  ],
});

const BOMB = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 12 }, (_, i) => `<!ENTITY a${i} "&a;&a;">`).join('')}]>`;
/** The most that is read of a description. */
const DESCRIPTION = 4_000_000;

const MACHINES: readonly Attack[] = [
  machine(
    'lines.vmx',
    '300,000 lines',
    'each is a setting',
    () => `config.version = "8"\n${'a = "b"\n'.repeat(300_000)}`,
  ),
  machine(
    'disks.vmx',
    '60,000 disks',
    'each is looked for',
    () =>
      `config.version = "8"\n${Array.from({ length: 60_000 }, (_, i) => `scsi0:${i}.fileName = "a${i}.vmdk"\n`).join('')}`,
  ),
  machine(
    'same.vmx',
    '60,000 times one disk',
    'a scan for each',
    () =>
      `config.version = "8"\n${Array.from({ length: 60_000 }, (_, i) => `scsi0:${i}.fileName = "../bundled.img"\n`).join('')}`,
  ),
  machine(
    'spaces.vmx',
    'a line of spaces',
    'a search from each place',
    () => `config.version = "8"\na${' '.repeat(DESCRIPTION)}`,
  ),
  machine('word.vmx', 'a word of four megabytes', 'as above', () => `config.version = "8"\n${'a'.repeat(DESCRIPTION)}`),
  machine(
    'bomb.vbox',
    'entities of entities',
    'ten to the power of twelve',
    () => `${BOMB}<VirtualBox><Machine name="${'&a11;'.repeat(600_000)}"/></VirtualBox>`,
  ),
  machine(
    'deep.vbox',
    'XML nested 400,000 deep',
    'recursion in a parser',
    () => `<VirtualBox>${'<HardDisk>'.repeat(390_000)}`,
  ),
  machine(
    'name.xml',
    'a tag that never ends',
    'a search from each place',
    () => `<domain>\n<${'a'.repeat(DESCRIPTION)}`,
  ),
  machine(
    'attribute.xml',
    'a tag of one word',
    'as above',
    () => `<domain>\n<disk ${'a'.repeat(DESCRIPTION)}></disk></domain>`,
  ),
  machine('quotes.xml', 'quotes that never end', 'as above', () => `<domain>\n<disk ${'a="b" '.repeat(650_000)}"`),
  machine(
    'disks.xml',
    '90,000 disks of a libvirt domain',
    'each is looked for',
    () => `<domain>${Array.from({ length: 90_000 }, (_, i) => `<disk><source file="${i}"/></disk>`).join('')}</domain>`,
  ),
  machine(
    'deep.ovf',
    'OVF nested a million deep',
    'recursion in a parser',
    () => `<Envelope>${'<a>'.repeat(1_300_000)}`,
  ),
  machine(
    'disks.ovf',
    '30,000 disks of an OVF',
    'each is looked for',
    () =>
      `<Envelope>${Array.from({ length: 30_000 }, (_, i) => `<File id="f${i}" href="${i}.vmdk"/><Disk fileRef="f${i}"/>`).join('')}</Envelope>`,
  ),
  machine('large.xml', 'ten megabytes', 'larger than is read', () => `<domain>${'<disk/>'.repeat(1_400_000)}</domain>`),
];

/** Descriptions of machines. */
export const MACHINE_ATTACKS: readonly Attack[] = [...MACHINES];
