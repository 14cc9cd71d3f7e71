/** An entry is the XOR of those of its index' highest bit and other bits: a table takes 256 steps, not 2048. */
function table(polynomial: number): Uint32Array {
  const lookup = new Uint32Array(256);
  let value = 1;
  for (let bit = 128; bit > 0; bit >>= 1) {
    value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    for (let others = 0; others < 256; others += bit * 2) lookup[bit + others] = lookup[others] ^ value;
  }
  return lookup;
}

function run(lookup: Uint32Array, bytes: Uint8Array, previous: number): number {
  let crc = ~previous;
  for (let i = 0; i < bytes.length; i += 1) crc = lookup[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

let ieee: Uint32Array | undefined;
let castagnoli: Uint32Array | undefined;

/** CRC-32 (IEEE 802.3, reflected 0xEDB88320), as GPT, zip and BitLocker use it. `previous` continues an earlier run. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  ieee ??= table(0xedb88320);
  return run(ieee, bytes, previous);
}

/** CRC-32C (Castagnoli, reflected 0x82F63B78), as VHDX uses it. */
export function crc32c(bytes: Uint8Array, previous = 0): number {
  castagnoli ??= table(0x82f63b78);
  return run(castagnoli, bytes, previous);
}
