import { type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { httpName, isNbdAddress } from '@deadbox/core';
import { imageNamesAmong } from '@deadbox/image/internals';
import { type UsageError, usageError } from '../exit-code.js';

/** Whether `name` is an address: of the web, or of a network block device. */
export function isUrl(name: string): boolean {
  return /^https?:\/\//i.test(name) || isNbdAddress(name);
}

/** What an address may be called in output: what may be a secret in it is left out. */
export function addressName(name: string): string {
  if (isNbdAddress(name)) return name.replace(/\/\/[^/]*@/, '//');
  // What is no address may still hold a secret.
  return URL.canParse(name) ? httpName(name) : `${name.slice(0, name.indexOf('/'))}//…`;
}

/** What a name may be called in output: the query of a web address may be a secret. */
export function shownName(name: string): string {
  return isUrl(name) ? addressName(name) : name;
}

/**
 * The images that the arguments name: paths, devices and web addresses as they are; folders searched; `*` and `?`
 * expanded where the shell did not. Among several names, a folder or pattern without an image stays as it is: opening
 * it fails and says so, and the others are still judged.
 *
 * A folder at which a volume is mounted stands for the disk behind it; where none can be read, for itself.
 * @param onMount - is told which disk is taken for which folder
 * @throws UsageError when the only name is a folder or pattern that holds no image
 */
export async function expandTargets(
  names: readonly string[],
  onMount?: (folder: string, disk: string) => void,
): Promise<string[]> {
  const found: string[] = [];
  const alone = names.length === 1;
  for (const name of names) {
    if (isUrl(name)) found.push(name);
    else if (isDrive(name) || name.startsWith('\\\\.\\')) found.push(await diskOfDevice(name, onMount));
    else if (isFolder(name)) for (const path of await inFolder(name, alone, onMount)) found.push(path);
    else if (/[*?]/.test(name) && !exists(name))
      for (const path of imagesOrName(name, matching(name), alone, () => usageError('no-match', { pattern: name })))
        found.push(path);
    else found.push(name);
  }
  return [...new Set(found)];
}

/** Whether `name` is a drive letter of Windows: `D:`, `D:\`. */
function isDrive(name: string): boolean {
  return /^[A-Za-z]:[\\/]?$/.test(name) && (process.platform === 'win32' || !exists(name));
}

/** What tells mounts; most names are files, for which nobody asks. */
const mounts = (): Promise<typeof import('../mounts/volume-folder.node.js')> =>
  import('../mounts/volume-folder.node.js');

/** The disk of a volume of Windows, `D:` or `\\\\.\\D:`; the device itself where it cannot be told. */
async function diskOfDevice(name: string, onMount?: (folder: string, disk: string) => void): Promise<string> {
  const device = isDrive(name) ? deviceOfDrive(name) : name;
  if (process.platform !== 'win32' || !/^\\\\\.\\[A-Z]:$/i.test(device)) return device;
  const { driveOfVolume } = await import('../mounts/windows-drive.node.js');
  const disk = driveOfVolume(device);
  if (disk !== undefined) onMount?.(name, disk);
  return disk ?? device;
}

/** The device that a drive letter stands for. */
function deviceOfDrive(name: string): string {
  if (process.platform !== 'win32') throw usageError('drive-elsewhere', { name });
  return `\\\\.\\${name.slice(0, 2)}`;
}

/** The images in a folder; of one that is a mounted volume, the disk behind it. */
async function inFolder(
  name: string,
  alone: boolean,
  onMount?: (folder: string, disk: string) => void,
): Promise<string[]> {
  const { holdsWindows } = await mounts();
  const isVolume = holdsWindows(name);
  const images = isVolume ? [] : imagesIn(name, true);
  const disk = images.length > 0 ? undefined : await mountedDisk(name);
  if (disk !== undefined) onMount?.(name, disk);
  if (disk !== undefined || isVolume) return [disk ?? name];
  return imagesOrName(name, images, alone, () => usageError('folder-without-images', { path: name }));
}

/** Whether `name` is a folder with a Windows that can be judged by its files only. */
export async function isVolumeFolder(name: string): Promise<boolean> {
  if (isUrl(name) || !isFolder(name) || imageIn(name) !== undefined) return false;
  return (await mounts()).holdsWindows(name);
}

/** The disk whose volume is mounted at a folder. */
async function mountedDisk(folder: string): Promise<string | undefined> {
  const behind = (await mounts()).behindFolder(folder);
  return behind.kind === 'disk' ? behind.path : undefined;
}

/**
 * The image that a name stands for where one image is meant: a drive's device, the image in a bundle, the disk that is
 * mounted at a folder, else the name itself.
 * @throws UsageError for a folder with the files of a volume, and no disk behind them
 */
export async function imageAt(name: string): Promise<string> {
  if (isUrl(name)) return name;
  if (isDrive(name) || name.startsWith('\\\\.\\')) return diskOfDevice(name);
  const bundled = imageIn(name);
  if (bundled !== undefined) return bundled;
  if (!isFolder(name)) return name;
  const disk = await mountedDisk(name);
  if (disk === undefined && (await mounts()).holdsWindows(name)) throw usageError('folder-is-volume', { path: name });
  return disk ?? name;
}

function imagesOrName(name: string, paths: string[], alone: boolean, failure: () => UsageError): string[] {
  if (paths.length > 0) return paths;
  if (alone) throw failure();
  return [name];
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

/** @param isDeep - in the folders below it, too; links are not followed, so that they end */
function imagesIn(folder: string, isDeep: boolean): string[] {
  const entries = entriesOf(folder);
  // Passing over a folder that may not be read would hide its images: opening it says why.
  if (entries === undefined) return [folder];
  const images = new Set(imageNamesAmong(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)));
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && isDeep) for (const image of imagesIn(path, true)) found.push(image);
    else if (images.has(entry.name) && isFile(entry, path)) found.push(path);
  }
  return found;
}

/** The image that a folder is: a bundle, or a folder that holds nothing else. */
export function imageIn(folder: string): string | undefined {
  const [only, ...others] = isFolder(folder) ? imagesIn(folder, false) : [];
  return others.length === 0 && only !== folder ? only : undefined;
}

function entriesOf(folder: string): Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return undefined;
  }
}

/**
 * Links to images count, and those that lead nowhere: opening them says so. Links to folders do not: they may lead in
 * circles.
 */
function isFile(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
  } catch {
    return true;
  }
}

/** What the pattern matches, in any of its parts; `*` and `?` stand for characters of one name. */
function matching(pattern: string): string[] {
  const folder = dirname(pattern);
  const folders = /[*?]/.test(folder) && !exists(folder) ? matching(folder).filter(isFolder) : [folder];
  const text = basename(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(
    `^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`,
    process.platform === 'win32' ? 'is' : 's',
  );
  return folders.flatMap((parent) =>
    (entriesOf(parent) ?? []).filter(({ name }) => expression.test(name)).map(({ name }) => join(parent, name)),
  );
}
