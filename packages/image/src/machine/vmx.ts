import { defined } from '@deadbox/core';
import { decodeIn } from '../text/code-page.js';
import type { MachineDescription } from './description.js';

/** VMware writes values in quotes and reads them without. */
const PAIR = /^[ \t]*([\w.:]+)[ \t]*=[ \t]*(?:"([^"\n]*)"|([^\s"#][^\r\n#]*))/gm;
const SLOT = /^((?:scsi|sata|ide|nvme)\d+:\d+)\.filename$/;

/** The disks of a VMware machine: the files of its disk controllers that are present and are no CD drives. */
export function vmxMachine(bytes: Uint8Array, plain: string): MachineDescription | undefined {
  const encoding = /^[ \t]*\.encoding[ \t]*=[ \t]*"([\w.:-]{1,40})"/m.exec(plain)?.[1];
  const text = (encoding === undefined ? undefined : decodeIn(encoding, bytes)) ?? plain;
  const values = new Map(
    [...text.matchAll(PAIR)].map(([, key, quoted, bare = '']) => [key.toLowerCase(), quoted ?? bare.trimEnd()]),
  );
  if (!values.has('config.version') && !values.has('virtualhw.version')) return undefined;
  const disks: string[] = [];
  for (const [key, file] of values) {
    const slot = SLOT.exec(key)?.[1];
    const device = values.get(`${slot}.devicetype`)?.toLowerCase() ?? '';
    const isPresent = values.get(`${slot}.present`)?.toLowerCase() !== 'false';
    if (slot !== undefined && isPresent && !device.includes('cdrom') && file !== '') disks.push(file);
  }
  return { kind: 'vmx', ...defined({ name: values.get('displayname') }), disks, links: [] };
}
