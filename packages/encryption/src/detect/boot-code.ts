import { type EvidenceName, hasAscii } from '@deadbox/core';
import type { Confidence } from '../finding/finding.js';
import type { VolumeProduct } from '../finding/products.js';

/** A boot loader or header of an encryption product in the first sector of a disk or volume. */
export interface BootCodeMatch {
  readonly product: VolumeProduct;
  readonly confidence: Confidence;
  readonly what: EvidenceName;
  /** Byte range of the proof in the bytes given. */
  readonly offset: number;
  readonly length: number;
}

interface Rule extends Pick<BootCodeMatch, 'product' | 'confidence' | 'what'> {
  /** The bytes as Latin-1 text. */
  readonly text: string;
  /** The first and the last offset at which they may begin. */
  readonly within: readonly [first: number, last: number];
  /** A second condition. */
  readonly also?: (sector: Uint8Array) => boolean;
}

const farJump =
  (low: number) =>
  (sector: Uint8Array): boolean => {
    const jump = String.fromCharCode(0xea, low, 0x7c, 0, 0);
    for (let at = 0; at + jump.length <= 128; at += 1) if (hasAscii(sector, at, jump)) return true;
    return false;
  };

/**
 * Boot loaders in the first sector of a disk. Sources: VeraCrypt `BootDefs.h` and `BootSector.asm`; DiskCryptor's boot
 * binaries; the vendors' strings and their ranges from The Sleuth Kit's `detect_encryption.c` alone, hence
 * single-source.
 */
const DISK_RULES: readonly Rule[] = [
  loader('VeraCrypt'),
  loader('TrueCrypt'),
  {
    product: 'DiskCryptor',
    confidence: 'verified',
    what: 'DiskCryptor boot loader',
    text: '\x33\xc0\x90\x90\xeb\x10\x10\x00',
    within: [0, 0],
    also: farJump(0x1b),
  },
  vendor('McAfee Drive Encryption (SafeBoot)', 'SafeBoot', 'SafeBoot', [0, 32]),
  vendor('McAfee Drive Encryption (SafeBoot)', 'SafeBoot', 'Safeboot', [0, 32]),
  vendor('Symantec / PGP Whole Disk Encryption', 'PGPGUARD', '\xeb\x48\x90PGPGUARD', [0, 32]),
  vendor('Sophos SafeGuard', 'SafeGuard', 'SGM400', [110, 150]),
  vendor('Sophos SafeGuard', 'SafeGuard', 'SGE400', [110, 150]),
  vendor('GuardianEdge / Symantec Endpoint Encryption', 'GuardianEdge', 'PCGM', [0, 32]),
  vendor('WinMagic SecureDoc', 'SecureDoc', 'WMSD', [236, 256]),
];

const BESTCRYPT_VOLUME =
  '\xdd\xa2\x6a\x7e\x3a\x59\xff\x45\x3e\x35\x0a\x44\xbc\xb4\xcd\xd5\x72\xea\xce\xa8\xfa\x64\x84\xbb\x8d\x66\x12\xae\xbf\x3c\x6f\x47';

/**
 * Headers at the start of a volume. Sources: John the Ripper `bestcryptve2john.py` (one source), `bestcrypt2john.py`
 * and another project.
 */
const VOLUME_RULES: readonly Rule[] = [
  {
    product: 'BestCrypt Volume Encryption',
    confidence: 'single-source',
    what: 'BestCrypt volume header',
    text: BESTCRYPT_VOLUME,
    within: [0, 0],
  },
  {
    product: 'BestCrypt container',
    confidence: 'corroborated',
    what: 'BestCrypt container header',
    text: 'LOCOS94 ',
    within: [3, 3],
    also: (head) => hasAscii(head, 43, 'BC_KeyGenID'),
  },
];

/** Two signatures of DiskCryptor's loader configuration, side by side. Source: DiskCryptor `boot.h`. */
const DISKCRYPTOR_CONFIGURATION = '\x69\xa6\x34\x14\x46\xda\x69\x72';

function loader(product: 'VeraCrypt' | 'TrueCrypt'): Rule {
  const text = ` ${product} Boot Loader\r\n`;
  return {
    product,
    confidence: 'corroborated',
    what: `${product} boot loader`,
    text,
    within: [5, 5],
    also: farJump(0x1e),
  };
}

function vendor(product: VolumeProduct, name: string, text: string, within: Rule['within']): Rule {
  return { product, confidence: 'single-source', what: `${name} boot code`, text, within };
}

/** The products whose boot loader stands in the first sector of a disk. */
export function matchDiskBootCode(sector: Uint8Array): BootCodeMatch[] {
  return DISK_RULES.flatMap((item) => match(item, sector));
}

/** The products whose header begins a volume. */
export function matchVolumeHeader(head: Uint8Array): BootCodeMatch[] {
  return VOLUME_RULES.flatMap((item) => match(item, head));
}

/** Where DiskCryptor's loader configuration stands in the first sectors of a disk. */
export function diskCryptorConfiguration(head: Uint8Array): number | undefined {
  for (let at = head.indexOf(0x69, 512); at !== -1 && at + 8 <= head.length; at = head.indexOf(0x69, at + 1))
    if (hasAscii(head, at, DISKCRYPTOR_CONFIGURATION)) return at;
  return undefined;
}

/** Where the word that Check Point's boot sector shows stands: weak, only next to random data. */
export function pointsecText(sector: Uint8Array): number | undefined {
  for (let at = 80; at <= 100; at += 1) if (hasAscii(sector, at, 'Protect')) return at;
  return undefined;
}

function match(item: Rule, bytes: Uint8Array): BootCodeMatch[] {
  if (bytes.length < 512) return [];
  const { product, confidence, what, text, within, also } = item;
  for (let offset = within[0]; offset <= within[1]; offset += 1) {
    if (!hasAscii(bytes, offset, text) || also?.(bytes) === false) continue;
    return [{ product, confidence, what, offset, length: text.length }];
  }
  return [];
}
