import { isDamage, type ReadOptions } from '@deadbox/core';
import { readPeContent, readPeImage } from '@deadbox/windows/internals';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { CheckedFile } from '../../subject/file-state.js';
import { signedDigest } from '../../subject/image-state.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { fileEvidence, noted, proves, speaksFor } from '../disk-cause.js';
import { type EfiVolume, efiVolumes } from './efi-volumes.js';
import { issuersOf, WINDOWS_AUTHORITIES } from './fallback.js';
import { isUefiDisk } from './start-disk.js';

/** Boot managers are 1 to 3 MiB; nothing larger is read as a whole. */
const MAX_IMAGE_BYTES: number = 16 << 20;

/**
 * Whether the boot manager's image is what was signed, who signed it, and whether it is the one that Windows keeps
 * beside.
 */
export const BOOT_MANAGER_IMAGE: DiskDetector = {
  causes: ['boot-manager-damaged', 'secure-boot-ca', 'bootmgfw-differs', 'esp-unreadable'],
  async detect(subject, options) {
    if (!(await isUefiDisk(subject, options))) return [];
    const volumes = await subject.fact(efiVolumes, options);
    const found = volumes.find(({ typed, manager }) => typed && EXAMINED.has(manager?.state ?? 'absent'));
    const manager = found?.manager;
    if (found === undefined || manager?.file === undefined) return [];
    if ((manager.file.size ?? 0) > MAX_IMAGE_BYTES)
      subject.doubts.add(['boot-manager-damaged'], { path: manager.path, reason: 'unreadable' });
    const damage = await damaged(found, manager, options);
    return damage === undefined
      ? [...(await authority(found, manager, options)), ...(await differs(subject, found, manager, options))]
      : [damage];
  },
};

const EXAMINED: ReadonlySet<string> = new Set(['good', 'bad-checksum']);

/** Reads the whole file: its chain of clusters must lead to its end, and its digest must be the one that is signed. */
async function damaged(
  { volume }: EfiVolume,
  { file, path, state }: CheckedFile,
  options: ReadOptions,
): Promise<FoundCause | undefined> {
  const content = await file?.stream(undefined, options);
  if (content === undefined || content.size > MAX_IMAGE_BYTES) return undefined;
  const { number } = volume;
  try {
    const image = await readPeImage(content, options);
    const { sha1, sha256, checksum } = await readPeContent(content, image, options);
    const evidence = await fileEvidence(volume, content, `checksum of ${path}`, image.checksumAt, 4, options);
    const signed = await signedDigest(content, image, options);
    const digests: Readonly<Record<string, string>> = { sha1, sha256 };
    const own = signed === undefined ? undefined : digests[signed.algorithm];
    if (signed !== undefined && own !== undefined) {
      const data = { path, algorithm: signed.algorithm, signed: signed.value, found: own };
      return own === signed.value ? undefined : proves('boot-manager-damaged', { volume: number, data, evidence });
    }
    const wrong = image.checksum !== 0 && image.checksum !== checksum;
    if (!wrong && state !== 'bad-checksum') return undefined;
    return speaksFor('boot-manager-damaged', {
      volume: number,
      data: { path, checksum: image.checksum, found: checksum },
      evidence,
    });
  } catch (error) {
    if (!isDamage(error, options.signal) || error.code !== 'FAT_CHAIN_BROKEN') throw error;
    const data = { fileSystem: volume.fileSystem, path, ...error.data };
    return proves('esp-unreadable', { volume: number, data });
  }
}

/**
 * Which authority the firmware must trust for this boot manager under Secure Boot. What the firmware trusts is not on
 * the disk.
 */
async function authority(
  { volume }: EfiVolume,
  { file, path }: CheckedFile,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const content = await file?.stream(undefined, options);
  if (content === undefined) return [];
  const known = (await issuersOf(content, options)).filter((issuer) =>
    WINDOWS_AUTHORITIES.some((pattern) => pattern.test(issuer)),
  );
  if (known.length === 0) return [];
  return [noted('secure-boot-ca', 'strong', { volume: volume.number, data: { path, issuers: [...known] } })];
}

/**
 * A boot manager other than the one in the Windows folder is normal: Secure Boot servicing renews the one on the system
 * partition first.
 */
async function differs(
  subject: DiskSubject,
  { volume }: EfiVolume,
  manager: CheckedFile,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const own = await headOf(manager, options);
  for (const { files, root } of subject.installations) {
    const staged = await files.check(`${root}/Boot/EFI/bootmgfw.efi`, 'image', options);
    const other = staged.state === 'good' ? await headOf(staged, options) : undefined;
    if (own === undefined || other === undefined || own === other) continue;
    const data = { path: manager.path, staged: staged.path };
    return [noted('bootmgfw-differs', 'proves', { volume: volume.number, data })];
  }
  return [];
}

/** Link time, checksum and size of an image: what tells two builds apart without reading them. */
async function headOf({ file }: CheckedFile, options: ReadOptions): Promise<string | undefined> {
  const content = await file?.stream(undefined, options);
  if (content === undefined) return undefined;
  const { timeStamp, checksum } = await readPeImage(content, options);
  return [timeStamp, checksum, content.size].join(' ');
}
