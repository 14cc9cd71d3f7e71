import { MemorySource } from '@deadbox/core';
import { type ChildSearch, findChildrenAround, openImage, type ToldParents } from '@deadbox/image';
import type { MemoryFiles } from './memory-files.js';
import { writeVdi } from './vdi-writer.js';
import { writeVhd } from './vhd-writer.js';
import { VHDX_LAYOUT, writeVhdx } from './vhdx-writer.js';
import { vmdkDescriptor } from './vmdk-writer.js';

type Bytes = Uint8Array<ArrayBuffer>;

const SIZE = 1 << 20;
const A = 'AAAAAAAA-1111-4222-8333-444444444444';
const B = 'BBBBBBBB-1111-4222-8333-444444444444';

/** A base, and the images that were made on it: what each format records of that, and no content. */
export interface Family {
  readonly format: string;
  readonly base: string;
  readonly bytes: Bytes;
  /** @param recorded - how the child writes the place of its base, for formats that have that */
  child(recorded: string): Bytes;
}

/** A QCOW2 header (QEMU docs/interop/qcow2) of an image without clusters; `backing` empty for a base. */
export function qcow2Header(backing: string): Bytes {
  const bytes = new Uint8Array(4 << 16);
  const view = new DataView(bytes.buffer);
  const name = new TextEncoder().encode(backing);
  bytes.set(Buffer.from('QFI\xfb', 'latin1'));
  view.setUint32(4, 2);
  if (name.length > 0) view.setBigUint64(8, 72n);
  view.setUint32(16, name.length);
  view.setUint32(20, 16);
  view.setBigUint64(24, BigInt(SIZE));
  view.setUint32(36, 1);
  view.setBigUint64(40, 1n << 16n);
  view.setBigUint64(48, 2n << 16n);
  view.setUint32(56, 1);
  bytes.set(name, 72);
  return bytes;
}

const sectors = SIZE / 512;

/** One family of each format whose children say what they were made on. */
export const FAMILIES: readonly Family[] = [
  { format: 'qcow2', base: 'base.qcow2', bytes: qcow2Header(''), child: qcow2Header },
  { format: 'raw under qcow2', base: 'server', bytes: new Uint8Array(SIZE), child: qcow2Header },
  {
    format: 'vdi',
    base: 'base.vdi',
    bytes: writeVdi({ type: 1, size: SIZE, blocks: ['free'], uuid: A, modifyUuid: A }),
    child: () => writeVdi({ type: 4, size: SIZE, blocks: ['free'], uuid: B, modifyUuid: B, parentUuid: A }),
  },
  {
    format: 'vhd',
    base: 'base.vhd',
    bytes: writeVhd({ type: 'dynamic', size: SIZE, blockSize: SIZE, uuid: A, blocks: new Map() }),
    child: (recorded) =>
      writeVhd({
        type: 'differencing',
        size: SIZE,
        blockSize: SIZE,
        uuid: B,
        blocks: new Map(),
        parent: { uuid: A, name: recorded, locators: [{ platform: 'W2ru', path: recorded.replaceAll('/', '\\') }] },
      }),
  },
  {
    format: 'vhdx',
    base: 'base.vhdx',
    bytes: writeVhdx({ size: SIZE, blocks: [{ state: 0 }], dataWriteGuid: A }),
    child: (recorded) =>
      writeVhdx({
        size: SIZE,
        blocks: [{ state: 0 }],
        dataWriteGuid: B,
        parent: { parent_linkage: `{${A}}`, relative_path: recorded.replaceAll('/', '\\') },
      }).slice(0, VHDX_LAYOUT.data),
  },
  {
    format: 'vmdk',
    base: 'base.vmdk',
    bytes: vmdkDescriptor({
      type: 'monolithicFlat',
      cid: '1234abcd',
      extents: [{ sectors, type: 'FLAT', file: 'f', start: 0 }],
    }),
    child: (recorded) =>
      vmdkDescriptor({
        type: 'vmfsSparse',
        cid: '77777777',
        parentCid: '1234abcd',
        hint: recorded,
        extents: [{ sectors, type: 'VMFSSPARSE', file: 'nowhere' }],
      }),
  },
];

/**
 * What the files around an image say. The identity of the base is what its own file says; the flat extent of a VMDK has
 * no bytes here.
 */
export async function childrenAround(
  files: MemoryFiles,
  base: string,
  bytes: Bytes,
  told?: ToldParents,
): Promise<ChildSearch> {
  const siblings = { open: () => Promise.resolve(new MemorySource(new Uint8Array(1 << 20))) };
  const { identity } = await openImage(new MemorySource(bytes), { name: base, siblings });
  const disk = identity === undefined ? {} : { identity };
  return findChildrenAround(disk, { name: `/vm/${base}`, siblings: files, ...(told === undefined ? {} : { told }) });
}

export const namesOf = ({ children }: ChildSearch): string[] => children.map(({ name }) => name);
