import { hasAscii } from '@deadbox/core';
import type { Confidence } from '../finding/finding.js';

/** A boot loader or header of an encryption product in the first sector of a disk or volume. */
export interface BootCodeMatch {
  readonly product: string;
  readonly confidence: Confidence;
  readonly what: string;
  /** Byte range of the proof in the bytes given. */
  readonly offset: number;
  readonly length: number;
}

interface Rule {
  readonly product: string;
  readonly confidence: Confidence;
  readonly what: string;
  /** The bytes as text (Latin-1) and where they may begin: from…to inclusive. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** A second condition. */
  readonly also?: (sector: Uint8Array) => boolean;
}

const farJump =
  (low: number) =>
  (sector: Uint8Array): boolean => {
    for (let at = 0; at + 5 <= 128; at += 1) {
      if (
        sector[at] === 0xea &&
        sector[at + 1] === low &&
        sector[at + 2] === 0x7c &&
        sector[at + 3] === 0 &&
        sector[at + 4] === 0
      )
        return true;
    }
    return false;
  };

/**
 * Boot loaders in the first sector of a disk. Sources: VeraCrypt `BootDefs.h` and `BootSector.asm`; DiskCryptor's boot binaries; the vendors'
 * strings and their ranges from The Sleuth Kit's `detect_encryption.c` alone, hence single-source.
 */
const DISK_RULES: readonly Rule[] = [
  rule('VeraCrypt', 'corroborated', 'VeraCrypt boot loader', ' VeraCrypt Boot Loader\r\n', 5, 5, farJump(0x1e)),
  rule('TrueCrypt', 'corroborated', 'TrueCrypt boot loader', ' TrueCrypt Boot Loader\r\n', 5, 5, farJump(0x1e)),
  rule('DiskCryptor', 'verified', 'DiskCryptor boot loader', '\x33\xc0\x90\x90\xeb\x10\x10\x00', 0, 0, farJump(0x1b)),
  rule('McAfee Drive Encryption (SafeBoot)', 'single-source', 'SafeBoot boot code', 'SafeBoot', 0, 32),
  rule('McAfee Drive Encryption (SafeBoot)', 'single-source', 'SafeBoot boot code', 'Safeboot', 0, 32),
  rule('Symantec / PGP Whole Disk Encryption', 'single-source', 'PGPGUARD boot code', '\xeb\x48\x90PGPGUARD', 0, 32),
  rule('Sophos SafeGuard', 'single-source', 'SafeGuard boot code', 'SGM400', 110, 150),
  rule('Sophos SafeGuard', 'single-source', 'SafeGuard boot code', 'SGE400', 110, 150),
  rule('GuardianEdge / Symantec Endpoint Encryption', 'single-source', 'GuardianEdge boot code', 'PCGM', 0, 32),
  rule('WinMagic SecureDoc', 'single-source', 'SecureDoc boot code', 'WMSD', 236, 256),
];

const BESTCRYPT_VOLUME =
  '\xdd\xa2\x6a\x7e\x3a\x59\xff\x45\x3e\x35\x0a\x44\xbc\xb4\xcd\xd5\x72\xea\xce\xa8\xfa\x64\x84\xbb\x8d\x66\x12\xae\xbf\x3c\x6f\x47';

/** Headers at the start of a volume. Sources: John the Ripper `bestcryptve2john.py` (one source), `bestcrypt2john.py` and another project. */
const VOLUME_RULES: readonly Rule[] = [
  rule('BestCrypt Volume Encryption', 'single-source', 'BestCrypt volume header', BESTCRYPT_VOLUME, 0, 0),
  rule('BestCrypt container', 'corroborated', 'BestCrypt container header', 'LOCOS94 ', 3, 3, (head) =>
    hasAscii(head, 43, 'BC_KeyGenID'),
  ),
];

/** Two signatures of DiskCryptor's loader configuration, side by side. Source: DiskCryptor `boot.h`. */
const DISKCRYPTOR_CONFIGURATION = '\x69\xa6\x34\x14\x46\xda\x69\x72';

function rule(
  product: string,
  confidence: Confidence,
  what: string,
  text: string,
  from: number,
  to: number,
  also?: (sector: Uint8Array) => boolean,
): Rule {
  return { product, confidence, what, text, from, to, ...(also === undefined ? {} : { also }) };
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
  for (let at = 512; at + 8 <= head.length; at += 1)
    if (head[at] === 0x69 && hasAscii(head, at, DISKCRYPTOR_CONFIGURATION)) return at;
  return undefined;
}

/** Where the word that Check Point's boot sector shows stands: weak, only next to random data. */
export function pointsecText(sector: Uint8Array): number | undefined {
  for (let at = 80; at <= 100; at += 1) if (hasAscii(sector, at, 'Protect')) return at;
  return undefined;
}

function match(item: Rule, bytes: Uint8Array): BootCodeMatch[] {
  if (bytes.length < 512) return [];
  for (let at = item.from; at <= item.to; at += 1) {
    if (!hasAscii(bytes, at, item.text) || item.also?.(bytes) === false) continue;
    return [
      { product: item.product, confidence: item.confidence, what: item.what, offset: at, length: item.text.length },
    ];
  }
  return [];
}
