import { checksum } from '../hive-writer.js';

/**
 * A forged hive in which all keys share one list of subkeys and one list of values: each structure is small, their
 * product is not. `keys` keys of 96 bytes each and `values` values of 32 bytes; every key claims one subkey and the
 * lists name them all.
 */
export function sharedListsHive(keys: number, values: number): Uint8Array<ArrayBuffer> {
  const listBytes = 8 + keys * 4;
  const valueListBytes = 8 + values * 4;
  const pad = (size: number): number => Math.ceil(size / 8) * 8;
  const used = 32 + keys * 96 + values * 32 + pad(listBytes) + pad(valueListBytes);
  const binSize = Math.ceil(used / 4096) * 4096;
  const bytes = new Uint8Array(4096 + binSize);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => {
    for (let i = 0; i < value.length; i += 1) bytes[at + i] = value.charCodeAt(i);
  };
  text(0, 'regf');
  for (const [at, value] of [
    [4, 1],
    [8, 1],
    [0x14, 1],
    [0x18, 5],
    [0x20, 1],
    [0x24, 32],
    [0x28, binSize],
    [0x2c, 1],
  ] as const)
    view.setUint32(at, value, true);
  text(4096, 'hbin');
  view.setUint32(4096 + 8, binSize, true);
  let at = 32;
  const cell = (size: number): number => {
    const offset = at;
    view.setInt32(4096 + offset, -size, true);
    at += size;
    return offset;
  };
  const keyCells = Array.from({ length: keys }, () => cell(96));
  const valueCells = Array.from({ length: values }, () => cell(32));
  const list = cell(pad(listBytes));
  const valueList = cell(pad(valueListBytes));
  text(4096 + list + 4, 'li');
  view.setUint16(4096 + list + 6, keys, true);
  keyCells.forEach((offset, i) => view.setUint32(4096 + list + 8 + i * 4, offset, true));
  valueCells.forEach((offset, i) => view.setUint32(4096 + valueList + 4 + i * 4, offset, true));
  keyCells.forEach((offset, i) => {
    const node = 4096 + offset + 4;
    text(node, 'nk');
    view.setUint16(node + 2, 0x20, true);
    view.setUint32(node + 0x14, 1, true);
    view.setUint32(node + 0x1c, list, true);
    view.setUint32(node + 0x24, values, true);
    view.setUint32(node + 0x28, valueList, true);
    view.setUint32(node + 0x2c, 0xffff_ffff, true);
    view.setUint32(node + 0x30, 0xffff_ffff, true);
    view.setUint16(node + 0x48, 8, true);
    text(node + 0x4c, `k${String(i).padStart(7, '0')}`);
  });
  for (const offset of valueCells) {
    const record = 4096 + offset + 4;
    text(record, 'vk');
    view.setUint32(record + 4, 0x8000_0004, true);
    view.setUint32(record + 0x0c, 4, true);
  }
  // A path that reading of a machine follows: the first keys are called as it asks for them.
  ['Select\0\0', 'Services'].forEach((name, i) => text(4096 + keyCells[i + 1] + 4 + 0x4c, name));
  view.setUint32(0x1fc, checksum(bytes.subarray(0, 4096)), true);
  return bytes;
}
