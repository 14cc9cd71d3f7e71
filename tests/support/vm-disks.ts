import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { cacheFolder, corpusFolder, describeWithCorpus, type ListingRow, readListing } from './corpus.js';
import { canMount, hasTool } from './tools.js';

/** What the corpus's `build-vm-disks.sh` can make; the first words of its README say what each holds. */
export const vmDiskNames = [
  'a-gpt-faulty',
  'b-gpt-good',
  'b2-gpt-both',
  'b3-gpt-older',
  'c-mbr-faulty',
  'd-gpt-no-crowdstrike',
  'e-data-only',
  'e2-decoy-then-windows',
  'f-64k-clusters',
  'f2-4k-sectors',
  'f3-4kn-gpt',
  'f4-512-clusters',
  'g-features',
  'h-gpt-zero-filled',
  'h2-gpt-other-case',
  'i-hiber',
  'i-hiber-upper',
  'k-bitlocker-xts128',
  'k2-bitlocker-cbc128',
  'k3-bitlocker-clearkey',
  'k4-bitlocker-startup-key',
  'l-luks1',
] as const;

/** Name of a disk of `build-vm-disks.sh`. */
export type VmDiskName = (typeof vmDiskNames)[number];

/** One disk, with what the script says about it. */
export interface VmDisk {
  id: string;
  /** Path of the raw image. Never write to it: other tests read the same file. */
  raw: string;
  /** `NAME.json`: verdict, faulty_paths, mmls, sha256, windows_volume_start_sector, … */
  oracle: any;
  /** Every file of the Windows volume (of the data volume, where there is no Windows). */
  listing: ListingRow[];
  /** Every file of the System Reserved volume, where the disk has one. */
  systemReserved?: ListingRow[];
}

const TOOLS = [
  'bash',
  'python3',
  'mkntfs',
  'ntfs-3g',
  'mkfs.vfat',
  'mcopy',
  'sgdisk',
  'sfdisk',
  'setfattr',
  'qemu-img',
  'mmls',
  'cryptsetup',
  'dislocker-fuse',
  'losetup',
];
const required: boolean = /\b(tools|corpus)\b/.test(process.env.DEADBOX_REQUIRE ?? '');

/**
 * Runs `define` when the corpus and the tools are there; else skips and says why, or fails when DEADBOX_REQUIRE asks
 * for them. Where nobody may mount (not root, or no /dev/fuse) it skips: no package can be installed against that.
 */
export function describeWithVmDisks(name: string, define: () => void): void {
  const missing = TOOLS.filter((tool) => !hasTool(tool));
  if (missing.length === 0 && !canMount) describe.skip(`${name} (skipped: needs root with /dev/fuse)`, () => void 0);
  else if (missing.length === 0) describeWithCorpus(name, define);
  else if (required)
    describe(name, () => {
      throw new Error(`${name}: DEADBOX_REQUIRE asks for VM disks, but ${missing.join(', ')} is missing`);
    });
  else describe.skip(`${name} (skipped: needs ${missing.join(', ')})`, () => void 0);
}

/** The folder that holds the disks of this version of the script. */
function diskFolder(): string {
  const script = readFileSync(join(corpusFolder(), 'build-vm-disks.sh'));
  const folder = join(cacheFolder, `vm-disks-${createHash('sha256').update(script).digest('hex').slice(0, 16)}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The disk, built when no earlier run has built it. The first call takes 5 to 20 seconds: call it in `beforeAll`. */
export function vmDisk(name: VmDiskName): VmDisk {
  const folder = diskFolder();
  const facts = join(folder, `${name}.json`);
  build(folder, name, facts);
  const oracle = JSON.parse(readFileSync(facts, 'utf8'));
  const listing = (key: string): ListingRow[] | undefined =>
    oracle[key] === undefined ? undefined : readListing(join(folder, oracle[key]));
  const systemReserved = listing('listing_sysres');
  return {
    id: name,
    raw: join(folder, oracle.raw),
    oracle,
    listing: listing('listing') ?? [],
    ...(systemReserved === undefined ? {} : { systemReserved }),
  };
}

/** a-gpt-faulty in every container format that qemu-img writes, and `containers.json` about them. */
export function vmContainers(): { folder: string; oracle: any } {
  const folder = diskFolder();
  const facts = join(folder, 'containers/containers.json');
  vmDisk('a-gpt-faulty');
  vmDisk('b3-gpt-older');
  build(folder, 'containers', facts);
  return { folder: join(folder, 'containers'), oracle: JSON.parse(readFileSync(facts, 'utf8')) };
}

/** The script writes `facts` last: where it is there, the disk is whole. */
function build(folder: string, name: string, facts: string): void {
  if (existsSync(facts)) return;
  withLock(join(folder, `${name}.lock`), () => {
    if (existsSync(facts)) return;
    const result = spawnSync('bash', [join(corpusFolder(), 'build-vm-disks.sh'), folder, name], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
    if (result.status !== 0 || !existsSync(facts))
      throw new Error(`build-vm-disks.sh ${name} ended with ${result.status}\n${result.stdout}${result.stderr}`);
  });
}

/** Test files run in processes of their own; only one of them builds a disk, the others wait for it. */
function withLock(lock: string, action: () => void): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isStale(lock)) rmSync(lock, { force: true });
      else Atomics.wait(clock, 0, 0, 200);
    }
  }
  try {
    action();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Whether the process that made the lock has ended (a run that was killed). */
function isStale(lock: string): boolean {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // An empty file was made this very moment, or its maker died before it wrote its id.
    if (owner === 0) return Date.now() - statSync(lock).mtimeMs > 5000;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
