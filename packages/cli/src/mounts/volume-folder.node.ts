import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { FolderReason } from '@deadbox/triage';
import { deviceNumber, readText, realPath, stateOf, unescapeOctal } from './mounted-devices.node.js';

/** What stands behind the folder at which a volume with Windows is mounted. */
export type BehindFolder =
  /** The disk, device or image file that was mounted. */
  | { readonly kind: 'disk'; readonly path: string }
  /** Nothing that can be read but the files. */
  | { readonly kind: 'files'; readonly reason: FolderReason; readonly device?: string };

/** One line of /proc/self/mountinfo, see proc(5). */
interface MountLine {
  /** `major:minor`; of FUSE and network file systems, of no device. */
  readonly device: string;
  /** Which folder of the file system is mounted here: more than `/` for a bind mount or a subvolume. */
  readonly root: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly source: string;
}

/** Whether the folder at `path` looks like a drive of Windows: it holds `Windows\System32`. */
export function holdsWindows(path: string): boolean {
  const windows = foldersIn(path).find((name) => /^(windows|winnt)$/i.test(name));
  return windows !== undefined && foldersIn(join(path, windows)).some((name) => /^system32$/i.test(name));
}

/**
 * What is behind the folder at `path`: by the mounts of this system, as far as they tell.
 * @param mountInfo - content of /proc/self/mountinfo
 */
export function behindFolder(path: string, mountInfo: string = readText('/proc/self/mountinfo')): BehindFolder {
  const place = realPath(path);
  const mount = place === undefined ? undefined : mountOf(place, mountLines(mountInfo));
  if (place === undefined || mount === undefined) return { kind: 'files', reason: 'no-device' };
  const source = sourceOf(mount);
  if (source === undefined) return { kind: 'files', reason: 'no-device' };
  const inner = join(mount.root, relative(mount.mountPoint, place));
  if (inner !== sep) return { kind: 'files', reason: 'inner-folder' };
  if (!isReadable(source)) return { kind: 'files', reason: 'device-denied', device: source };
  return { kind: 'disk', path: wholeDisk(source) };
}

function mountLines(mountInfo: string): MountLine[] {
  return mountInfo.split('\n').flatMap((line) => {
    const [head = '', tail = ''] = line.split(' - ');
    const [, , device = '', root = '', mountPoint = ''] = head.split(' ').map(unescapeOctal);
    const [type = '', source = ''] = tail.split(' ').map(unescapeOctal);
    return mountPoint === '' ? [] : [{ device, root, mountPoint, type, source }];
  });
}

/** The mount that a path lies in: the longest one, and of several at one place the last, which covers the others. */
function mountOf(place: string, mounts: readonly MountLine[]): MountLine | undefined {
  let found: MountLine | undefined;
  for (const mount of mounts) {
    const { mountPoint } = mount;
    const holds = place === mountPoint || place.startsWith(mountPoint.endsWith(sep) ? mountPoint : mountPoint + sep);
    if (holds && mountPoint.length >= (found?.mountPoint.length ?? 0)) found = mount;
  }
  return found;
}

/** File systems that Windows starts from, and FUSE, whose drivers read them. A folder of any other is a copy. */
const WINDOWS_TYPES = /^(ntfs.*|fuseblk|fuse(\.ntfs.*)?|ufsd|tntfs|vfat|msdos|exfat|refs.*)$/;

/** The device or image file that was mounted; of FUSE only what lies on this system: a share has a name, too. */
function sourceOf({ type, source, device }: MountLine): string | undefined {
  if (!WINDOWS_TYPES.test(type)) return undefined;
  return [source, deviceNode(device)].find((path) => {
    const stats = path?.startsWith('/') === true ? stateOf(path) : undefined;
    // In a container a name of the host may be another device, or a file of its own.
    if (device.startsWith('0:')) return stats?.isFile() === true || stats?.isBlockDevice() === true;
    return stats?.isBlockDevice() === true && deviceNumber(stats.rdev) === device;
  });
}

/** Path of the device `major:minor`; its name in sysfs has `!` for `/`. */
function deviceNode(device: string): string | undefined {
  const folder = realPath(`/sys/dev/block/${device}`);
  return folder === undefined ? undefined : join('/dev', basename(folder).replaceAll('!', '/'));
}

/** The disk that a partition is on, and the image file behind a loop device; else the device itself. */
function wholeDisk(device: string): string {
  const folder = sysfsFolder(device);
  if (folder === undefined) return device;
  const disk = existsSync(join(folder, 'partition')) ? dirname(folder) : folder;
  const file = readText(join(disk, 'loop/backing_file')).replace(/\n$/, '');
  const node = join('/dev', basename(disk).replaceAll('!', '/'));
  return [file, node].find((path) => path !== '' && existsSync(path) && isReadable(path)) ?? device;
}

function sysfsFolder(device: string): string | undefined {
  const node = realPath(device);
  return node && realPath(join('/sys/class/block', relative('/dev', node).replaceAll('/', '!')));
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
