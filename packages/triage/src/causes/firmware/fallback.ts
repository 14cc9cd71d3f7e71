import { type ByteSource, hasAscii, isDamage, MIB, type ReadOptions } from '@deadbox/core';
import { readPeImage, readSignerIssuers } from '@deadbox/windows/internals';
import type { CheckedFile } from '../../subject/file-state.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { fileEvidence, hints, speaksFor } from '../disk-cause.js';
import { soundEfiVolume } from './efi-volumes.js';
import { isUefiDisk } from './start-disk.js';

/** What firmware starts where it knows no entry, by the machine of the images (UEFI 2.10, 3.5.1.1). */
export const FALLBACK_PATHS: Readonly<Record<number, string>> = {
  0x8664: '/EFI/Boot/bootx64.efi',
  0xaa64: '/EFI/Boot/bootaa64.efi',
  0x14c: '/EFI/Boot/bootia32.efi',
};

/** The file that firmware without a memory of its own starts: after an import, a restore, a lost NVRAM. */
export const FALLBACK: DiskDetector = {
  causes: ['efi-fallback-missing', 'efi-fallback-foreign'],
  async detect(subject, options) {
    const efi = (await isUefiDisk(subject, options)) ? await soundEfiVolume(subject, options) : undefined;
    const machine = efi?.manager.data.machine;
    const path = typeof machine === 'number' ? FALLBACK_PATHS[machine] : undefined;
    if (efi === undefined || path === undefined) return [];
    const { number } = efi.volume;
    const files = await subject.files(efi.volume, options);
    const fallback = await files?.check(path, 'image', options);
    if (fallback === undefined) return [];
    if (fallback.state === 'unreadable') {
      subject.doubts.add(['efi-fallback-missing'], { volume: number, path, ...fallback.data });
      return [];
    }
    if (fallback.state !== 'good') {
      const data = { path, state: fallback.state, copy: efi.manager.path };
      return [speaksFor('efi-fallback-missing', { volume: number, data })];
    }
    const owner = await foreignOwner(fallback, efi.manager, options);
    return owner === undefined ? [] : [await foreign(efi.volume, fallback, owner, options)];
  },
};

async function foreign(
  volume: Parameters<typeof fileEvidence>[0],
  fallback: CheckedFile,
  owner: string,
  options: ReadOptions,
): Promise<FoundCause> {
  const content = await fallback.file?.stream(undefined, options);
  const evidence =
    content === undefined ? [] : await fileEvidence(volume, content, `start of ${fallback.path}`, 0, 64, options);
  return hints('efi-fallback-foreign', { volume: volume.number, data: { path: fallback.path, owner }, evidence });
}

/** Authorities that sign Windows' own boot manager. */
export const WINDOWS_AUTHORITIES: readonly RegExp[] = [
  /^Microsoft Windows Production PCA \d{4}$/,
  /^Windows UEFI CA \d{4}$/,
  /^Microsoft (?:Development|Test|Flight)/i,
];
/** Texts in boot managers of others. */
const FOREIGN_TEXTS: readonly string[] = ['GRUB', 'shim,', 'rEFInd', 'systemd-boot', 'Clover', 'OpenCore', 'iPXE'];
/** Bytes of an image that are searched for them. */
const SEARCHED: number = MIB;

/** Whose the fallback is, where that is not Windows: by who signed it, else by a text in it. */
async function foreignOwner(
  fallback: CheckedFile,
  manager: CheckedFile,
  options: ReadOptions,
): Promise<string | undefined> {
  const content = await fallback.file?.stream(undefined, options);
  if (content === undefined) return undefined;
  const issuers = await issuersOf(content, options);
  if (issuers.some((issuer) => WINDOWS_AUTHORITIES.some((known) => known.test(issuer)))) return undefined;
  if (issuers.length > 0 && (await issuersDiffer(issuers, manager, options))) return issuers[0];
  if (issuers.length > 0 || content.size === manager.file?.size) return undefined;
  const bytes = await content.read(0, Math.min(SEARCHED, content.size), options);
  return FOREIGN_TEXTS.find((text) => contains(bytes, text));
}

/** A boot manager of the same signer is no stranger, whoever that is. */
async function issuersDiffer(issuers: readonly string[], manager: CheckedFile, options: ReadOptions): Promise<boolean> {
  const content = await manager.file?.stream(undefined, options);
  const own = content === undefined ? [] : await issuersOf(content, options);
  return !issuers.some((issuer) => own.includes(issuer));
}

/** Authorities behind the signatures of an image; none where there is no signature that can be read. */
export async function issuersOf(content: ByteSource, options: ReadOptions): Promise<readonly string[]> {
  try {
    return await readSignerIssuers(content, await readPeImage(content, options), options);
  } catch (error) {
    if (!isDamage(error, options.signal) || (error.code !== 'SIGNATURE_INVALID' && error.code !== 'PE_INVALID'))
      throw error;
    return [];
  }
}

function contains(bytes: Uint8Array, text: string): boolean {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1))
    if (hasAscii(bytes, at, text)) return true;
  return false;
}
