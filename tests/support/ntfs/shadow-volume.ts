const BLOCK = 0x4000;
const GUID = [0x6b, 0x87, 0x08, 0x38, 0x76, 0xc1, 0x48, 0x4e, 0xb7, 0xae, 0x04, 0x04, 0x6e, 0x6c, 0xc7, 0x52];

/**
 * A volume with the structures of a shadow copy: header, catalog, block list, store header, bitmap; one block was
 * changed.
 */
export function shadowCopyVolume(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16 * 0x4000);
  const view = new DataView(bytes.buffer);
  const head = (at: number, type: number, next = 0): void => {
    bytes.set(GUID, at);
    view.setUint32(at + 0x10, 1, true);
    view.setUint32(at + 0x14, type, true);
    view.setBigUint64(at + 0x28, BigInt(next), true);
  };
  head(0x1e00, 1);
  view.setBigUint64(0x1e30, 0x4000n, true);
  head(0x4000, 2);
  const store = (at: number, type: number): void => {
    view.setBigUint64(at, BigInt(type), true);
    bytes.fill(0x5e, at + 0x10, at + 0x20);
  };
  store(0x4080, 2);
  view.setBigUint64(0x4088, BigInt(bytes.length), true);
  view.setBigUint64(0x40b0, 0x01da_d992_0000_0000n, true);
  store(0x4100, 3);
  for (const [offset, value] of [
    [0x08, 0x8000],
    [0x20, 0xc000],
    [0x28, 0],
    [0x30, 0x10000],
  ] as const)
    view.setBigUint64(0x4100 + offset, BigInt(value), true);
  head(0x8000, 3);
  for (const [i, [original, relative, offset, flags]] of [
    [0x14000, 0, 0x18000, 0],
    [0x1c000, 0x20000, 0, 1],
    [0x24000, 0, 0x28000, 2],
  ].entries()) {
    const at = 0x8080 + i * 32;
    for (const [k, value] of [original, relative, offset].entries()) view.setBigUint64(at + k * 8, BigInt(value), true);
    view.setUint32(at + 0x18, flags, true);
    view.setUint32(at + 0x1c, 0xffff, true);
  }
  head(0xc000, 4);
  view.setUint16(0xc000 + 0x80 + 0x40, 4, true);
  head(0x10000, 6);
  return bytes;
}

/** A volume's header, and a catalog of as many blocks of up to 127 copies each, of which nothing else is there. */
export function shadowCatalog(blocks: number, copies = 127): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((blocks + 1) * BLOCK);
  const view = new DataView(bytes.buffer);
  bytes.set(GUID, 0x1e00);
  view.setUint32(0x1e10, 1, true);
  view.setUint32(0x1e14, 1, true);
  view.setBigUint64(0x1e30, BigInt(BLOCK), true);
  for (let i = 1; i <= blocks; i += 1) {
    const at = i * BLOCK;
    bytes.set(GUID, at);
    view.setUint32(at + 0x10, 1, true);
    view.setUint32(at + 0x14, 2, true);
    view.setBigUint64(at + 0x28, BigInt(i < blocks ? at + BLOCK : 0), true);
    for (let entry = at + 0x80; entry < at + 0x80 * (copies + 1); entry += 0x80) {
      view.setBigUint64(entry, 2n, true);
      view.setUint32(entry + 0x10, entry, true);
      view.setBigUint64(entry + 0x30, 0x01da_d992_0000_0000n, true);
    }
  }
  return bytes;
}
