import { DeadboxError, MemorySource, type Siblings, transportFailed } from '@deadbox/core';
import { findChildren } from '@deadbox/image';
import { expect, test } from 'vitest';
import { errorOf } from '../../support/image/memory-files.js';
import { writeVdi } from '../../support/image/vdi-writer.js';

const A = 'AAAAAAAA-1111-2222-3333-444444444444';
const B = 'BBBBBBBB-1111-2222-3333-444444444444';
const vdi = (uuid: string, parent?: string): Uint8Array<ArrayBuffer> =>
  writeVdi({
    type: parent === undefined ? 1 : 4,
    size: 1 << 20,
    blocks: ['free'],
    uuid,
    modifyUuid: uuid,
    ...(parent === undefined ? {} : { parentUuid: parent, parentModifyUuid: parent }),
  });
/** The settings of a machine of VirtualBox, with these disks one on the other. */
const vbox = (...chain: readonly string[]): Uint8Array<ArrayBuffer> => {
  const open = chain.map((location, index) => `<HardDisk uuid="{${index}}" location="${location}">`).join('');
  const close = '</HardDisk>'.repeat(chain.length);
  const registry = `<MediaRegistry><HardDisks>${open}${close}</HardDisks></MediaRegistry>`;
  return new TextEncoder().encode(`<VirtualBox><Machine name="m">${registry}</Machine></VirtualBox>`);
};
type Answer = Uint8Array<ArrayBuffer> | Error | undefined;
const folder = (files: Readonly<Record<string, Answer>>): Siblings => ({
  list: () => Promise.resolve(Object.keys(files)),
  open: (name) => {
    const file = files[name];
    if (file instanceof Error) return Promise.reject(file);
    return Promise.resolve(file && new MemorySource(file));
  },
});
const find = async (siblings: Siblings, name = 'vm/base.vdi') =>
  (await findChildren({ identity: { id: A, state: A } }, { name, siblings })).children;

test('the settings of a machine name children elsewhere, and those beside the image once', async () => {
  const files = {
    'base.vdi': vdi(A),
    'child.vdi': vdi(B, A),
    'm.vbox': vbox('base.vdi', 'child.vdi', 'Snapshots/new.vdi', '/'),
  };
  const names = (await find(folder(files))).map(({ name, parent, foundBy }) => [name, parent, foundBy]);
  expect(names).toEqual([
    ['child.vdi', 'base.vdi', 'identifier'],
    ['Snapshots/new.vdi', 'child.vdi', 'name'],
    ['/', 'new.vdi', 'name'],
  ]);
});

test('the settings of another machine, or what is no settings, name none', async () => {
  const far = new Uint8Array(5 << 20).fill(0x20);
  const refused = new DeadboxError('SIBLING_REFUSED', 'a folder');
  for (const answer of [
    vbox('other.vdi', 'new.vdi'),
    vbox('/', 'new.vdi'),
    new TextEncoder().encode('<x/>'),
    far,
    undefined,
    refused,
  ])
    expect(await find(folder({ 'base.vdi': vdi(A), 'm.vbox': answer }))).toEqual([]);
});

test('a server that fails is an error, whichever file it fails to deliver', async () => {
  const failed = transportFailed('network', 'http://server', { offset: 0, length: 1 }, 'HTTP 503');
  for (const name of ['m.vbox', 'child.vdi'])
    expect(await errorOf(find(folder({ 'base.vdi': vdi(A), [name]: failed })))).toMatchObject({ code: 'READ_FAILED' });
});

test('a folder that cannot be listed names no children, nor does one with files that are gone', async () => {
  expect(await find({ open: () => Promise.resolve(undefined) }, '/')).toEqual([]);
  expect(await find(folder({ 'base.vdi': vdi(A), 'gone.vdi': undefined }))).toEqual([]);
});
