import { type BigIntStats, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

// Linux tells all of this without asking for rights: proc(5) describes /proc/self/mountinfo, sysfs(5) the block
// devices.

/** A mounted file system. */
export interface Mount {
  /** `major:minor` of the device. */
  readonly device: string;
  readonly mountPoint: string;
  /** What was mounted, as the file system calls it: a device, or an image file behind FUSE. */
  readonly source: string;
}

/** The file systems that are mounted read-write, by the lines of /proc/self/mountinfo. */
export function readWriteMounts(mountInfo: string): Mount[] {
  return mountInfo.split('\n').flatMap((line) => {
    const [head = '', tail = ''] = line.split(' - ');
    const [, , device = '', , mountPoint = '', options = ''] = head.split(' ');
    const [, source = '', superOptions = ''] = tail.split(' ');
    // A read-only view of a file system that is mounted read-write elsewhere is listed there too.
    const readWrite = hasOption(options, 'rw') && hasOption(superOptions, 'rw');
    return readWrite ? [{ device, mountPoint: unescapeOctal(mountPoint), source: unescapeOctal(source) }] : [];
  });
}

/**
 * `major:minor` of everything that shows content of a block device or an image file: itself, its partitions, loop
 * devices over it, and what is stacked on those (dm-crypt, LVM).
 */
export function devicesOver(stats: BigIntStats, loops: readonly LoopDevice[]): Set<string> {
  const found = new Set<string>();
  if (stats.isBlockDevice()) addDevice(found, deviceNumber(stats.rdev));
  else
    for (const loop of loops) {
      // A file that lies where nobody answers any more keeps whoever asks for it: only those are asked that may fit.
      const backing = fits(loop, stats) ? stateOf(loop.path) : undefined;
      if (backing?.dev === stats.dev && backing.ino === stats.ino) addDevice(found, loop.device);
    }
  return found;
}

/** `major:minor` as Linux encodes it in a `dev_t` (makedev(3)). */
export function deviceNumber(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}

function addDevice(found: Set<string>, device: string): void {
  if (device === '' || found.has(device)) return;
  found.add(device);
  const folder = realPath(`/sys/dev/block/${device}`);
  if (folder === undefined) return;
  for (const name of listFolder(folder)) {
    if (existsSync(join(folder, name, 'partition'))) addDevice(found, readText(join(folder, name, 'dev')).trim());
  }
  for (const name of listFolder(join(folder, 'holders')))
    addDevice(found, readText(join('/sys/class/block', name, 'dev')).trim());
}

/** A loop device and the file behind it. */
export interface LoopDevice {
  /** `major:minor`. */
  readonly device: string;
  /** Of the file behind it. */
  readonly path: string;
  /** Bytes of the device, and where it begins in the file. */
  readonly size: bigint;
  readonly offset: bigint;
  /** Bytes of the file that it shows at most; 0 for all. */
  readonly sizeLimit: bigint;
}

/** Whether a loop device can be one over a file of that size, of which it shows whole sectors. */
function fits({ size, offset, sizeLimit }: LoopDevice, stats: BigIntStats): boolean {
  const shown = stats.size - offset;
  return sizeLimit === 0n ? size === shown - (shown % SECTOR) : size <= shown;
}

/** The kernel counts 512-byte units whatever the sector size is. */
const SECTOR = 512n;

/** The loop devices that have a file. */
export function loopDevices(): LoopDevice[] {
  return listFolder('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .flatMap((name) => {
      const of = (file: string): string => readText(join('/sys/block', name, file)).replace(/\n$/, '');
      const path = of('loop/backing_file');
      if (path === '') return [];
      const number = (file: string): bigint => BigInt(/^\d+$/.exec(of(file))?.[0] ?? 0);
      const [offset, sizeLimit] = [number('loop/offset'), number('loop/sizelimit')];
      return [{ device: of('dev'), path, size: number('size') * SECTOR, offset, sizeLimit }];
    });
}

/** `undefined` for what has no such state: a file that is gone, a raw device of Windows. */
export function stateOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** Name of a device by its number, e.g. `/dev/loop0p1`. */
export function deviceName(device: string): string {
  const folder = realPath(`/sys/dev/block/${device}`);
  return folder === undefined ? device : `/dev/${basename(folder)}`;
}

function hasOption(options: string, name: string): boolean {
  return options.split(',').includes(name);
}

/** mountinfo writes blanks and backslashes as `\` and three octal digits. */
export function unescapeOctal(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));
}

/** The path without links; `undefined` when there is nothing. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** A file of /proc or /sys; empty where it is not there or not shown to us. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
