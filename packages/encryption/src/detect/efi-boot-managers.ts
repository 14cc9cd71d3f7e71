import { type FileNode, type FileTree, hasAscii, type ReadOptions } from '@deadbox/core';
import type { Confidence, EncryptionFinding } from '../finding/finding.js';
import type { EncryptionProduct, VolumeProduct } from '../finding/products.js';
import { MAX_EFI_ENTRIES } from '../limits.js';

/**
 * A trace of an encryption product in boot code or on the EFI system partition. Not a finding of its own: the product
 * may not be in use.
 */
export interface EncryptionTrace {
  /** `unknown` for a boot manager that is not Microsoft's. */
  readonly product: EncryptionProduct | 'unknown';
  /** How sure the product is. */
  readonly confidence: Confidence;
  readonly what: string;
  /** Path on the EFI system partition, or the place on the disk. */
  readonly path: string;
}

/** Sources: VeraCrypt (`DcsBoot`, kept original of the Windows boot manager), DiskCryptor `efiinst.c`. */
const FILES: readonly EncryptionTrace[] = [
  file('/EFI/VeraCrypt/DcsBoot.efi', 'VeraCrypt', 'VeraCrypt boot manager'),
  file('/EFI/DCS/DcsInt.dcs', 'DiskCryptor', 'DiskCryptor boot manager'),
  file('/EFI/DCS/DcsBoot.efi', 'DiskCryptor', 'DiskCryptor boot manager'),
  file('/EFI/Microsoft/Boot/bootmgfw_ms.vc', 'VeraCrypt or DiskCryptor', 'original Windows boot manager, set aside'),
];

/** Folder names that vendors use, from hearsay: a hint beside random data, never more. */
const FOLDERS: readonly (readonly [RegExp, VolumeProduct])[] = [
  [/^(sophos|safeguard)/i, 'Sophos SafeGuard'],
  [/^(winmagic|securedoc)/i, 'WinMagic SecureDoc'],
  [/^(mcafee|trellix|mfeepe)/i, 'Trellix (McAfee) Drive Encryption'],
  [/^(symantec|pgp|guardianedge)/i, 'Symantec Endpoint Encryption'],
  [/^(checkpoint|pointsec)/i, 'Check Point Full Disk Encryption'],
  [/^(eset|deslock|efde)/i, 'ESET Full Disk Encryption'],
  [/^trendmicro/i, 'Trend Micro Full Disk Encryption'],
  [/^drivelock/i, 'DriveLock'],
  [/^(bestcrypt|jetico)/i, 'BestCrypt Volume Encryption'],
  [/^zenworks/i, 'ZENworks Full Disk Encryption'],
];

/** Microsoft's own boot manager names its symbol file. */
const WINDOWS_BOOT_MANAGER = '/EFI/Microsoft/Boot/bootmgfw.efi';
const WINDOWS_SYMBOLS = 'bootmgfw.pdb';
const LARGEST_BOOT_MANAGER = 16 * 1024 * 1024;
const PIECE = 256 * 1024;

function file(path: string, product: VolumeProduct, what: string): EncryptionTrace {
  return { path, product, confidence: 'corroborated', what };
}

/** Options of {@link detectEfiBootManagers}. */
export interface EfiDetectOptions extends ReadOptions {
  /**
   * Also read the Windows boot manager (1 to 3 MB) to see whether it is Microsoft's; worth it when a volume holds
   * random data.
   */
  readonly readBootManager?: boolean;
}

/**
 * Lists the traces of encryption products on an EFI system partition: known files first, then folder names, then (on
 * request) a Windows boot manager that is not Microsoft's.
 */
export async function detectEfiBootManagers(esp: FileTree, options: EfiDetectOptions = {}): Promise<EncryptionTrace[]> {
  const traces: EncryptionTrace[] = [];
  const efi = await esp.lookup('/EFI', options);
  if (efi === undefined) return traces;
  const names = await directoryNames(efi, options);
  const present = new Set(names.map((name) => name.toLowerCase()));
  for (const known of FILES) {
    // The listing of \EFI is at hand: no lookup below folders that are not there.
    if (!present.has(known.path.split('/')[2].toLowerCase())) continue;
    if ((await esp.lookup(known.path, options)) !== undefined) traces.push(known);
  }
  for (const name of names) {
    const product = FOLDERS.find(([pattern]) => pattern.test(name))?.[1];
    if (product !== undefined)
      traces.push({ product, confidence: 'heuristic', what: 'vendor folder', path: `/EFI/${name}` });
  }
  if (options.readBootManager === true && present.has('microsoft')) {
    const manager = await esp.lookup(WINDOWS_BOOT_MANAGER, options);
    if (manager?.type === 'file' && manager.size > 0 && !(await contains(manager, WINDOWS_SYMBOLS, options))) {
      const what = 'boot manager that is not Microsoft’s';
      traces.push({ product: 'unknown', confidence: 'heuristic', what, path: WINDOWS_BOOT_MANAGER });
    }
  }
  return traces;
}

/**
 * Joins a volume's random data with traces of a product: together they name it. Other findings come back unchanged.
 * @param traces - from the boot sectors or the EFI system partition of the same disk
 */
export function applyTraces(finding: EncryptionFinding, traces: readonly EncryptionTrace[]): EncryptionFinding {
  if (finding.verdict !== 'random-data' || traces.length === 0) return finding;
  const best = traces.find((trace) => trace.confidence !== 'heuristic') ?? traces[0];
  const details = { ...finding.details, trace: best.path };
  return {
    ...finding,
    verdict: 'encrypted-unknown-product',
    confidence: best.confidence,
    needs: ['password', 'product'],
    details,
    ...(best.product === 'unknown' ? {} : { product: best.product }),
  };
}

async function directoryNames(directory: FileNode, options: ReadOptions): Promise<string[]> {
  const names: string[] = [];
  for await (const batch of directory.entries(options)) {
    for (const entry of batch) names.push(entry.name);
    if (names.length >= MAX_EFI_ENTRIES) break;
  }
  return names.slice(0, MAX_EFI_ENTRIES);
}

async function contains(node: FileNode, text: string, options: ReadOptions): Promise<boolean> {
  const stream = await node.stream(undefined, options);
  try {
    const size = Math.min(stream.size, LARGEST_BOOT_MANAGER);
    for (let at = 0; at < size; at += PIECE - text.length) {
      const piece = await stream.read(at, Math.min(PIECE, size - at), options);
      for (let i = piece.indexOf(text.charCodeAt(0)); i >= 0; i = piece.indexOf(text.charCodeAt(0), i + 1)) {
        if (hasAscii(piece, i, text)) return true;
      }
    }
    return false;
  } finally {
    await stream.close?.();
  }
}
