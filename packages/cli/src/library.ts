import {
  type ByteSource,
  httpSiblings as besideAddress,
  type HttpOptions,
  openHttp as openAddress,
  type Siblings,
} from '@deadbox/core';
import { type Disk, type OpenDiskOptions, openDisk as openAny } from '@deadbox/disk';
import {
  type ImageVerification,
  type VerifyImageOptions,
  type VirtualDisk,
  verifyImage as verify,
} from '@deadbox/image';
import {
  type InfoReport,
  renderScanImage as imageText,
  renderInfo as infoText,
  renderScan as scanText,
  type TextOptions,
} from '@deadbox/report';
import {
  type FailedImage,
  type ImageReport,
  scanDisk as judge,
  type ScanOptions,
  type ScanReport,
} from '@deadbox/triage';
import { knownOptions } from './known-options.js';
import { HTTP, OPEN_DISK, SCAN, TEXT, VERIFY } from './option-names.js';

/**
 * Opens a disk image or device: container, partition table, and for every volume its encryption and file system
 * signature. File systems are opened on demand ({@link Volume.fileTree}).
 *
 * @param source - the image file, device, Blob or range source; the caller closes it, after the disk
 * @throws ImageError when the container cannot be opened; whatever reading the source throws; TypeError for an option
 * that it does not have
 * @example
 * ```ts
 * const source = await openFile('server.vhdx');
 * const disk = await openDisk(source, { siblings: fileSiblings('server.vhdx') });
 * for (const volume of disk.volumes) console.log(volume.number, volume.role, volume.fileSystem);
 * await disk.close();
 * ```
 */
export async function openDisk(source: ByteSource, options: OpenDiskOptions = {}): Promise<Disk> {
  knownOptions('openDisk', options, OPEN_DISK);
  return openAny(source, options);
}

/**
 * Judges one disk: every Windows installation by every rule, the machine, the boot store, volumes that nobody can
 * judge, obstacles, cost.
 * @param disk - from `openDisk`; it stays open
 * @throws TypeError for an option that it does not have
 */
export async function scanDisk(disk: Disk, options: ScanOptions = {}): Promise<ImageReport> {
  knownOptions('scanDisk', options, SCAN);
  return judge(disk, options);
}

/**
 * Checks what the container itself stores to be checked: checksums of headers and tables, chunk checksums, stored
 * hashes of an E01; and that every byte can be read.
 * @param disk - an opened disk; it is read from end to end
 * @throws what reading throws, damage aside, and the signal's reason; TypeError for an option that it does not have
 */
export async function verifyImage(disk: VirtualDisk, options: VerifyImageOptions = {}): Promise<ImageVerification> {
  knownOptions('verifyImage', options, VERIFY);
  return verify(disk, options);
}

/**
 * The report as an operator reads it: a part for each image, and a summary when there are several.
 * @throws TypeError for an option that it does not have
 */
export function renderScan(report: ScanReport, options: TextOptions = {}): string {
  knownOptions('renderScan', options, TEXT);
  return scanText(report, options);
}

/**
 * The part of one image, for streaming.
 * @throws TypeError for an option that it does not have
 */
export function renderScanImage(image: ImageReport | FailedImage, options: TextOptions = {}): string {
  knownOptions('renderScanImage', options, TEXT);
  return imageText(image, options);
}

/**
 * The info report as text.
 * @throws TypeError for an option that it does not have
 */
export function renderInfo(info: InfoReport, options: TextOptions = {}): string {
  knownOptions('renderInfo', options, TEXT);
  return infoText(info, options);
}

/**
 * Opens a file on any server that supports range requests: object storage, a page blob by its signed link.
 * One request tells the length and the version; every later answer must be of that version (`ETag`, else
 * `Last-Modified`). Neither query, user nor headers of the address ever appear in a name or message.
 *
 * @throws DeadboxError `HTTP_RANGES_UNSUPPORTED`, `HTTP_REDIRECT_REFUSED`, `SOURCE_DENIED`, `SOURCE_NOT_FOUND`,
 * `READ_FAILED`, `INVALID_ARGUMENT`; TypeError for an option that it does not have
 * @example
 * ```ts
 * const source = await openHttp('https://account.blob.core.windows.net/vhds/server.vhd?sv=…&sig=…');
 * const disk = await openDisk(source);
 * ```
 */
export async function openHttp(url: string | URL, options: HttpOptions = {}): Promise<ByteSource> {
  knownOptions('openHttp', options, HTTP);
  return openAddress(url, options);
}

/**
 * The files in the same folder of the server, asked for with the same query and headers (as a signature for the folder
 * allows). A file that the server does not have or does not show is not there.
 * @throws TypeError for an option that it does not have
 */
export function httpSiblings(url: string | URL, options: HttpOptions = {}): Siblings {
  knownOptions('httpSiblings', options, HTTP);
  return besideAddress(url, options);
}
