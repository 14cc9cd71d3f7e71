// The smallest registry hive that other tools accept: a base block and one bin with an empty root key.
// Layout as the hive format notes of Maxim Suhanov's "Windows registry file format specification" give it.

/** 2024-05-14T10:11:12Z as FILETIME. */
const WRITTEN = 133_601_550_720_000_000n;

/** 8192 bytes. */
export function emptyHive() {
  const hive = Buffer.alloc(8192);
  hive.write('regf', 0, 'latin1');
  hive.writeUInt32LE(1, 4); // primary sequence number
  hive.writeUInt32LE(1, 8); // secondary sequence number: equal, so no log to replay
  hive.writeBigUInt64LE(WRITTEN, 12);
  hive.writeUInt32LE(1, 20); // major version
  hive.writeUInt32LE(5, 24); // minor version
  hive.writeUInt32LE(1, 32); // direct memory load
  hive.writeUInt32LE(0x20, 36); // root cell, relative to the first bin
  hive.writeUInt32LE(4096, 40); // bytes in bins
  hive.writeUInt32LE(1, 44); // clustering factor
  let sum = 0;
  for (let at = 0; at < 508; at += 4) sum ^= hive.readUInt32LE(at);
  hive.writeUInt32LE(sum >>> 0, 508);

  const bin = hive.subarray(4096);
  bin.write('hbin', 0, 'latin1');
  bin.writeUInt32LE(4096, 8);
  bin.writeBigUInt64LE(WRITTEN, 20);

  const keySize = 0x58; // 4 of size, 76 of key node, 4 of name, rounded up to 8
  const securitySize = 0x30;
  key(bin.subarray(0x20), keySize, 0x20 + keySize);
  security(bin.subarray(0x20 + keySize), securitySize, 0x20 + keySize);
  const free = 0x20 + keySize + securitySize;
  bin.writeInt32LE(4096 - free, free); // a positive size is a free cell
  return hive;
}

/** The root's key node. */
function key(cell, size, securityAt) {
  cell.writeInt32LE(-size, 0);
  const node = cell.subarray(4);
  node.write('nk', 0, 'latin1');
  node.writeUInt16LE(0x2c, 2); // root, may not be deleted, name in Latin-1
  node.writeBigUInt64LE(WRITTEN, 4);
  node.writeUInt32LE(0xffffffff, 16); // parent
  node.writeUInt32LE(0xffffffff, 28); // stable subkeys list
  node.writeUInt32LE(0xffffffff, 32); // volatile subkeys list
  node.writeUInt32LE(0xffffffff, 40); // values list
  node.writeUInt32LE(securityAt, 44);
  node.writeUInt32LE(0xffffffff, 48); // class name
  node.writeUInt16LE(4, 72);
  node.write('ROOT', 76, 'latin1');
}

/** A security cell that links to itself and holds an empty self-relative descriptor. */
function security(cell, size, at) {
  cell.writeInt32LE(-size, 0);
  const node = cell.subarray(4);
  node.write('sk', 0, 'latin1');
  node.writeUInt32LE(at, 4);
  node.writeUInt32LE(at, 8);
  node.writeUInt32LE(1, 12);
  node.writeUInt32LE(20, 16);
  node.writeUInt8(1, 20); // revision
  node.writeUInt16LE(0x8000, 22); // self-relative
}
