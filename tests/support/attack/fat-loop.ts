const SECTOR = 512;

/**
 * A FAT12 floppy whose folders all begin at one cluster, which holds nothing but such folders: a tree without an end.
 */
export function fatLoop(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2880 * SECTOR);
  const view = new DataView(bytes.buffer);
  bytes.set([0xeb, 0x3c, 0x90]);
  bytes.set(Buffer.from('MSDOS5.0', 'latin1'), 3);
  view.setUint16(11, SECTOR, true);
  bytes[13] = 1;
  view.setUint16(14, 1, true);
  bytes[16] = 2;
  view.setUint16(17, 224, true);
  view.setUint16(19, 2880, true);
  bytes[21] = 0xf0;
  view.setUint16(22, 9, true);
  view.setUint16(24, 18, true);
  view.setUint16(26, 2, true);
  bytes[38] = 0x29;
  bytes.set(Buffer.from('ATTACK     FAT12   ', 'latin1'), 43);
  bytes.set([0x55, 0xaa], 510);
  // Cluster 2 ends its chain.
  for (const table of [1, 10]) bytes.set([0xf0, 0xff, 0xff, 0xff, 0x0f], table * SECTOR);
  const folder = (at: number, name: string): void => {
    bytes.set(Buffer.from(name.padEnd(11), 'latin1'), at);
    bytes[at + 11] = 0x10;
    view.setUint16(at + 26, 2, true);
  };
  const root = 19 * SECTOR;
  const data = 33 * SECTOR;
  folder(root, 'START');
  for (let i = 0; i < SECTOR / 32; i += 1) folder(data + i * 32, `LOOP${i}`);
  return bytes;
}
