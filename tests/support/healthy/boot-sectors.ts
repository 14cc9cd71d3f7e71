/**
 * Boot sectors as far as programs recognise them: a jump, code that is not zero, and the messages that the real ones
 * carry at their places. They hold no code of Microsoft's.
 */

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Anything but zeros, the same every time. */
function filler(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at += 1) bytes[at] = 1 + ((at * 37) % 250);
}

/** A partition of an MBR disk. */
export interface MbrPartition {
  readonly offset: number;
  readonly length: number;
  /** Partition type. */
  readonly type: number;
  readonly active: boolean;
}

/** An MBR whose code has the marks of Windows Vista and later: `TCPA` at EFh and the three messages. */
export function mbrSector(signature: number, partitions: readonly MbrPartition[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  filler(bytes, 0, 0x1b5);
  bytes.set([0x33, 0xc0, 0x8e, 0xd0, 0xbc, 0x00, 0x7c]);
  bytes.set(ascii('TCPA'), 0xef);
  bytes.set(ascii('Invalid partition table\0Error loading operating system\0Missing operating system\0'), 0x163);
  bytes.set([0x63, 0x7b, 0x9a], 0x1b5);
  view.setUint32(0x1b8, signature, true);
  for (const [index, { offset, length, type, active }] of partitions.entries()) {
    const at = 0x1be + index * 16;
    bytes.set([active ? 0x80 : 0, 0x20, 0x21, 0x00, type, 0xfe, 0xff, 0xff], at);
    view.setUint32(at + 8, offset / 512, true);
    view.setUint32(at + 12, length / 512, true);
  }
  view.setUint16(0x1fe, 0xaa55, true);
  return bytes;
}

/** Gives an NTFS boot sector the code area of Windows Vista and later; its parameters stay. */
export function withBootCode(sector: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sector);
  filler(bytes, 0x54, 0x1fe);
  const messages =
    'A disk read error occurred\0\r\nBOOTMGR is missing\0\r\nBOOTMGR is compressed\0\r\nPress Ctrl+Alt+Del to restart\r\n\0';
  bytes.set(ascii(messages), 0x18c);
  new DataView(bytes.buffer).setUint16(0x1fe, 0xaa55, true);
  return bytes;
}

/** The fifteen sectors behind the boot sector: the rest of its code, which names the file it loads. */
export function bootContinuation(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(15 * 512);
  filler(bytes, 0, 0x1800);
  bytes.set([7, 0], 0);
  Array.from('BOOTMGR').forEach((letter, i) => bytes.set([letter.charCodeAt(0), 0], 2 + i * 2));
  bytes.set([4, 0, 0x24, 0, 0x49, 0, 0x33, 0, 0x30, 0], 16);
  return bytes;
}
