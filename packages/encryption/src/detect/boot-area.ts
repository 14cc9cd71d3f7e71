import { type ByteSource, type Bytes, Cursor, hasAscii, type ReadOptions, SECTOR } from '@deadbox/core';
import type { VolumeProduct } from '../finding/products.js';
import type { DiskPartition } from './detect-disk.js';
import type { EncryptionTrace } from './efi-boot-managers.js';

/** How much of a disk's start is swept. */
const AREA = 1024 * 1024;

/** Product names in boot code, from hearsay; names that are too common in other software are left out. */
const NAMES: readonly (readonly [string, VolumeProduct])[] = [
  ['veracrypt', 'VeraCrypt'],
  ['truecrypt', 'TrueCrypt'],
  ['dcsboot', 'VeraCrypt or DiskCryptor'],
  ['safeguard', 'Sophos SafeGuard'],
  ['sophos', 'Sophos SafeGuard'],
  ['securedoc', 'WinMagic SecureDoc'],
  ['endpoint encryption', 'Symantec Endpoint Encryption'],
  ['pgpguard', 'Symantec / PGP Whole Disk Encryption'],
  ['symantec drive encryption', 'Symantec / PGP Whole Disk Encryption'],
  ['bestcrypt', 'BestCrypt Volume Encryption'],
  ['drivecrypt', 'SecurStar DriveCrypt'],
  ['zenworks', 'ZENworks Full Disk Encryption'],
];

/** User records of PGP Whole Disk Encryption at sector starts. Source: John the Ripper `pgpwde2john.py` alone. */
const PGP_USER = { size: 0, zero: 2, type: 3, magic: 4, zero2: 9 } as const;
const PGP_TYPES: readonly number[] = [8, 9, 10, 11];

/**
 * Sweeps the disk's first MiB, up to its first partition, for names and records of encryption products: one read. Only
 * traces, to be joined with random data by `applyTraces`: a name in boot code proves nothing alone, and nothing inside
 * a partition is looked at.
 */
export async function sweepBootArea(
  disk: ByteSource,
  options: ReadOptions & { partitions?: readonly DiskPartition[] } = {},
): Promise<EncryptionTrace[]> {
  const first = Math.min(AREA, disk.size, ...(options.partitions ?? []).map((partition) => partition.offset));
  if (first < SECTOR) return [];
  const area = await disk.read(0, first, options);
  return [...pgpUsers(area), ...names(area)];
}

function pgpUsers(area: Bytes): EncryptionTrace[] {
  const cursor = new Cursor(area, 'disk');
  for (let at = 0; at + SECTOR <= area.length; at += SECTOR) {
    const matches =
      cursor.u16(at + PGP_USER.size) === 512 &&
      area[at + PGP_USER.zero] === 0 &&
      PGP_TYPES.includes(area[at + PGP_USER.type]) &&
      hasAscii(area, at + PGP_USER.magic, '\0iDW') &&
      area[at + PGP_USER.zero2] === 0;
    if (matches) return [trace('Symantec / PGP Whole Disk Encryption', 'single-source', 'PGP user record', at)];
  }
  return [];
}

function names(area: Bytes): EncryptionTrace[] {
  const traces: EncryptionTrace[] = [];
  const lower = area.map((value) => (value >= 0x41 && value <= 0x5a ? value + 0x20 : value));
  for (const [text, product] of NAMES) {
    const at = indexOfText(lower, text);
    if (at >= 0 && !traces.some((item) => item.product === product))
      traces.push(trace(product, 'heuristic', `name "${text}" in boot code`, at));
  }
  return traces;
}

function trace(
  product: VolumeProduct,
  confidence: EncryptionTrace['confidence'],
  what: string,
  offset: number,
): EncryptionTrace {
  return { product, confidence, what, path: `disk offset ${offset}` };
}

function indexOfText(bytes: Uint8Array, text: string): number {
  for (let i = bytes.indexOf(text.charCodeAt(0)); i >= 0; i = bytes.indexOf(text.charCodeAt(0), i + 1))
    if (hasAscii(bytes, i, text)) return i;
  return -1;
}
