// Makes the disks of the lessons (docs/learn) from disks of test-images: node test-images/recipes/lessons.mjs
// With --verify nothing is written: the disks must come out the same byte for byte. Needs the Debian packages mtools and
// faketime.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { frozen } from './tools.mjs';
import { loadWriters } from './writers.mjs';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const { LogBuilder, checkpoint, bootLog, recordedStart, launched } = await loadWriters(
  'ntfs/log-builder',
  'boot-log-writer',
);

const SECTOR = 512;
const CLUSTER = 4096;
const WINDOWS = 73_728 * SECTOR;
const EFI = 2048 * SECTOR;
/** Cluster of `$MFT`, and bytes of a file record, on the GPT disks. */
const MFT = WINDOWS + 4 * CLUSTER;
const RECORD = 1024;
const MIRROR = WINDOWS + 2047 * CLUSTER;
/** `$LogFile`, in one piece. */
const LOG = WINDOWS + 2048 * CLUSTER;
const LOG_BYTES = 2 << 20;
/** Byte of a disk signature in an MBR. */
const SIGNATURE = 440;

/** The offset of an attribute's content in a file record that keeps it there. */
function residentContent(disk, record, type) {
  const at = MFT + record * RECORD;
  for (let attribute = at + disk.readUInt16LE(at + 20); disk.readUInt32LE(attribute) !== 0xffffffff; ) {
    if (disk.readUInt32LE(attribute) === type) return attribute + disk.readUInt16LE(attribute + 20);
    attribute += disk.readUInt32LE(attribute + 4);
  }
  throw new Error(`record ${record} has no attribute ${type.toString(16)}`);
}

/** As a machine leaves its volume that is switched off while it runs: marked dirty, its log in use. */
function unclean(disk) {
  const flags = residentContent(disk, 3, 0x70) + 10;
  disk.writeUInt16LE(disk.readUInt16LE(flags) | 1, flags);
  // $MFTMirr keeps the first four records again.
  disk.copy(disk, MIRROR + 3 * RECORD, MFT + 3 * RECORD, MFT + 4 * RECORD);
  const log = new LogBuilder(1, 64, 67 - Math.log2(LOG_BYTES) - 1);
  const start = log.nextLsn;
  const lsn = log.add({ type: 2, data: checkpoint({ start }) });
  const bytes = Buffer.from(log.finish({ current: lsn, oldest: start, checkpoint: lsn }).buffer);
  for (const page of [0, 4096]) useLog(bytes.subarray(page));
  disk.set(bytes, LOG);
}

/** What a driver leaves in a restart page while it works: its own entry in the list of clients, and no flag "clean". */
function useLog(page) {
  const area = 0x30;
  page.writeUInt16LE(0, area + 0x0c);
  page.writeUInt16LE(0, area + 0x0e);
  page.writeUInt16LE(0x40 + 0xa0, area + 0x14);
  page.writeBigUInt64LE(BigInt(LOG_BYTES), area + 0x18);
  const client = area + 0x40;
  page.writeUInt16LE(0xffff, client + 0x10);
  page.writeUInt16LE(0xffff, client + 0x12);
  page.writeUInt32LE(8, client + 0x1c);
  page.write('NTFS', client + 0x20, 'utf16le');
}

/** As the disk is after another Windows, which had a disk of the same signature, gave it a new one. */
function identity(disk) {
  disk.writeUInt32LE(0x3c91_7e2a, SIGNATURE);
}

/** What the boot manager wrote down of four starts: three of Windows, then one of the recovery environment. */
function bootStatus(disk, work) {
  const path = join(work, 'BOOTSTAT.DAT');
  const loader = '\\Windows\\system32\\winload.efi';
  const log = Buffer.from(
    bootLog([
      recordedStart('2024-07-19T04:11:27'),
      launched(loader),
      recordedStart('2024-07-19T04:13:40'),
      launched(loader),
      recordedStart('2024-07-19T04:15:52'),
      launched('\\Recovery\\WindowsRE\\winload.efi', 1),
    ]),
  );
  // Every record says that the boot manager wrote it, and that it is no error.
  for (let at = log.readUInt32LE(4); at < log.readUInt32LE(12); at += log.readUInt32LE(at + 24)) {
    log.writeUInt32LE(1, at + 28);
    log.writeUInt32LE(2, at + 32);
  }
  writeFileSync(path, log);
  const image = join(work, 'disk.img');
  writeFileSync(image, disk);
  frozen('mcopy', ['-i', `${image}@@${EFI}`, path, '::/EFI/Microsoft/Boot/BOOTSTAT.DAT'], {
    at: '2024-07-19 04:15:52',
  });
  disk.set(readFileSync(image));
}

const DISKS = {
  unclean: { from: 'gpt-faulty', change: unclean },
  identity: { from: 'mbr-absent', change: identity },
  'boot-log': { from: 'gpt-faulty', change: bootStatus },
};

const verify = process.argv.includes('--verify');
const work = mkdtempSync(join(tmpdir(), 'deadbox-lessons-'));
let different = 0;
try {
  mkdirSync(join(folder, 'lessons'), { recursive: true });
  for (const [name, { from, change }] of Object.entries(DISKS)) {
    const disk = gunzipSync(readFileSync(join(folder, `${from}.img.gz`)));
    change(disk, work);
    const packed = join(folder, 'lessons', `${name}.img.gz`);
    if (!verify) writeFileSync(packed, gzipSync(disk, { level: 9, memLevel: 8 }));
    else if (!gunzipSync(readFileSync(packed)).equals(disk)) {
      different += 1;
      console.log(`${name}: DIFFERENT`);
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = different === 0 ? 0 : 1;
