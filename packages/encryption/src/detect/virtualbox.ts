import { type ByteSource, type Bytes, Cursor, type ReadOptions, type Siblings } from '@deadbox/core';
import { type EncryptionFinding, lockedBy } from '../finding/finding.js';

/** VDI header fields. Source: VirtualBox `VDICore.h`. */
const VDI = { signature: 64, imageId: 392, length: 408 } as const;
const VDI_SIGNATURE = 0xbeda_107f;
/**
 * Where a machine's settings hold the keys of an encrypted disk, below the disk's own element. One source: VirtualBox.
 */
const KEY_STORE = 'CRYPT/KeyStore';
const LARGEST_SETTINGS = 1024 * 1024;
const MOST_MACHINES = 64;

/**
 * Says whether VirtualBox encrypts a VDI file: nothing in the file tells, only the settings of the machine (`.vbox`)
 * beside it, which list the disk by its id. At most 16 settings files of 1 MiB are read.
 * @param file - the image file, not the disk in it
 * @returns `undefined` when there is no sign of it
 */
export async function detectVirtualBoxEncryption(
  file: ByteSource,
  siblings: Siblings | undefined,
  options?: ReadOptions,
): Promise<EncryptionFinding | undefined> {
  if (siblings?.list === undefined || file.size < VDI.length) return undefined;
  const header = new Cursor(await file.read(0, VDI.length, options), 'VDI header');
  if (header.u32(VDI.signature) !== VDI_SIGNATURE) return undefined;
  const id = header.guid(VDI.imageId).toLowerCase();
  const names = (await siblings.list(options)).filter((name) => /\.vbox$/i.test(name)).slice(0, MOST_MACHINES);
  for (const name of names) {
    const settings = await readSettings(siblings, name, options);
    if (settings === undefined || !elementOfDisk(settings, id).includes(KEY_STORE)) continue;
    return {
      ...lockedBy('VirtualBox disk encryption', ['hypervisor']),
      confidence: 'single-source',
      details: { machine: name },
    };
  }
  return undefined;
}

async function readSettings(siblings: Siblings, name: string, options?: ReadOptions): Promise<string | undefined> {
  const file = await siblings.open(name, options);
  if (file === undefined) return undefined;
  try {
    const bytes: Bytes = await file.read(0, Math.min(file.size, LARGEST_SETTINGS), options);
    return new TextDecoder().decode(bytes);
  } finally {
    await file.close?.();
  }
}

/** The text between the disk's element and the next one; empty when the machine does not list the disk. */
function elementOfDisk(settings: string, id: string): string {
  const elements = settings.split(/(?=<HardDisk\b)/);
  return elements.find((element) => /^<HardDisk\b[^>]*>/.exec(element)?.[0].toLowerCase().includes(`{${id}}`)) ?? '';
}
