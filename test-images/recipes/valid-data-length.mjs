// Sets the valid data length ("initialized size") of a file's unnamed $DATA to 0, as a crash leaves it that hit
// after the clusters were allocated and before the first byte was committed. No tool can be asked to do this.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { run } from './tools.mjs';

const RECORD = 1024;
const DATA = 0x80;
const END = 0xffffffff;

/** `path` is on an unmounted NTFS volume with 1-KiB file records. */
export function clearValidDataLength(volume, path) {
  // ntfsinfo prints "Dumping Inode 64 (0x40)" and the runs of $MFT; small volumes have $MFT in one run.
  const record = Number(/^Dumping Inode (\d+)/m.exec(run('ntfsinfo', ['-f', '-F', path, volume]).toString())[1]);
  const handle = openSync(volume, 'r+');
  try {
    const boot = Buffer.alloc(512);
    readSync(handle, boot, 0, 512, 0);
    const at = Number(boot.readBigUInt64LE(48)) * boot.readUInt16LE(11) * boot[13] + record * RECORD;
    const bytes = Buffer.alloc(RECORD);
    readSync(handle, bytes, 0, RECORD, at);
    if (bytes.toString('latin1', 0, 4) !== 'FILE' || bytes.readUInt32LE(44) !== record)
      throw new Error(`record ${record} is not at ${at}`);
    const field = dataAttribute(bytes) + 0x38;
    // The last two bytes of each sector are stored elsewhere (fixup); the field must not touch them.
    if (field % 512 > 502) throw new Error('the field lies on a fixup');
    bytes.writeBigUInt64LE(0n, field);
    writeSync(handle, bytes, field, 8, at + field);
  } finally {
    closeSync(handle);
  }
}

/** Offset of the non-resident unnamed $DATA attribute. */
function dataAttribute(bytes) {
  for (let at = bytes.readUInt16LE(20); bytes.readUInt32LE(at) !== END; at += bytes.readUInt32LE(at + 4)) {
    if (bytes.readUInt32LE(at) === DATA && bytes[at + 9] === 0) {
      if (bytes[at + 8] !== 1) throw new Error('$DATA is resident');
      return at;
    }
  }
  throw new Error('no $DATA');
}
