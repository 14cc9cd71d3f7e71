import { parseGuid } from '@deadbox/core';

/** A VDI block: data, or one of the two marks of the block map. */
export type VdiBlock = Uint8Array | 'free' | 'zero';

/** What {@link writeVdi} writes; made from VirtualBox's VDICore.h (synthetic). */
export interface VdiRecipe {
  /** 1 dynamic, 2 fixed, 3 undo, 4 differencing. */
  type: 1 | 2 | 3 | 4;
  size: number;
  blockSize?: number;
  blockExtra?: number;
  blocks: readonly VdiBlock[];
  uuid: string;
  modifyUuid: string;
  parentUuid?: string;
  parentModifyUuid?: string;
}

/** Bytes of a VDI. */
export function writeVdi(recipe: VdiRecipe): Uint8Array<ArrayBuffer> {
  const { blocks, blockSize = 1 << 20, blockExtra = 0 } = recipe;
  const mapOffset = 1024;
  const dataOffset = Math.ceil((mapOffset + blocks.length * 4) / 4096) * 4096;
  const stored = blocks.filter((block) => typeof block !== 'string');
  const file = new Uint8Array(dataOffset + stored.length * (blockSize + blockExtra));
  const view = new DataView(file.buffer);
  file.set(Buffer.from('<<< Oracle VM VirtualBox Disk Image >>>\n', 'latin1'));
  view.setUint32(0x40, 0xbeda107f, true);
  view.setUint32(0x44, 0x0001_0001, true);
  view.setUint32(0x48, 0x190, true);
  view.setUint32(0x4c, recipe.type, true);
  view.setUint32(0x154, mapOffset, true);
  view.setUint32(0x158, dataOffset, true);
  view.setUint32(0x168, 512, true);
  view.setBigUint64(0x170, BigInt(recipe.size), true);
  view.setUint32(0x178, blockSize, true);
  view.setUint32(0x17c, blockExtra, true);
  view.setUint32(0x180, blocks.length, true);
  view.setUint32(0x184, stored.length, true);
  file.set(parseGuid(recipe.uuid), 0x188);
  file.set(parseGuid(recipe.modifyUuid), 0x198);
  if (recipe.parentUuid !== undefined) file.set(parseGuid(recipe.parentUuid), 0x1a8);
  if (recipe.parentModifyUuid !== undefined) file.set(parseGuid(recipe.parentModifyUuid), 0x1b8);
  let next = 0;
  blocks.forEach((block, index) => {
    view.setUint32(mapOffset + index * 4, block === 'free' ? 0xffff_ffff : block === 'zero' ? 0xffff_fffe : next, true);
    if (typeof block === 'string') return;
    file.set(block, dataOffset + next * (blockSize + blockExtra) + blockExtra);
    next += 1;
  });
  return file;
}
