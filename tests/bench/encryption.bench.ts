// npm run bench -- encryption [MiB]: unlocking and decrypting BitLocker against libbde and dislocker, and what
// detection reads.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CountingSource, WindowSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { detectEncryption } from '@deadbox/encryption';
import { type BitLockerRecipe, makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { cacheFolder } from '../support/corpus.js';
import { cachedCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../support/ntfs-writer/sink.js';
import { run } from '../support/tools.js';
import { hold, machine } from './contest.js';
import { keepFigure } from './figures.js';
import { cachedMixedData } from './mixed-data.js';

const MIB = 1 << 20;
const size = Number(process.argv[2] ?? 512) * MIB;
const RECOVERY = '111683-165869-225434-278333-331089-384604-437811-491480';
const scratch = join(cacheFolder, `encryption-bench-${process.pid}`);
mkdirSync(scratch, { recursive: true });

/** A BitLocker volume full of mixed data, kept between runs; OpenSSL encrypts it, no code of deadbox takes part. */
function volume(name: string, bytes: number, recipe: BitLockerRecipe): string {
  const folder = join(cacheFolder, 'big');
  const path = join(folder, `bitlocker-${name}-${bytes / MIB}.img`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const sink = new MemorySink(bytes);
  const writer = new NtfsVolumeWriter(sink, { size: bytes });
  const content = Buffer.alloc(Math.floor(bytes * 0.9));
  const handle = openSync(cachedMixedData(2048 * MIB), 'r');
  readSync(handle, content, 0, content.length, 0);
  closeSync(handle);
  writer.tree.addFile(writer.tree.root, 'mixed.bin', { content });
  writer.finish();
  writeFileSync(`${path}.part`, makeBitLockerVolume(sink.bytes, recipe).bytes);
  renameSync(`${path}.part`, path);
  return path;
}

function exported(name: string, image: string, atMost: number): boolean {
  const [ours, theirs] = [join(scratch, 'ours.raw'), join(scratch, 'theirs.raw')];
  return hold(
    {
      name,
      ours: ['export', image, '--volume', '1', '-o', ours, '--no-progress'],
      theirs: ['dislocker-file', '-V', image, '-c', '--', theirs],
      atMost,
      prepare: () => {
        rmSync(ours, { force: true });
        rmSync(theirs, { force: true });
      },
      compare: () => void run('cmp', [ours, theirs]),
    },
    scratch,
  );
}

/** Both must name the same key, and tell that it fits. */
function sameFacts(ours: string, theirs: string): void {
  const [found] = JSON.parse(readFileSync(ours, 'utf8')).volumes;
  const listed = readFileSync(theirs, 'utf8');
  if (found.encryption.verdict !== 'unlocked' || found.fileSystem !== 'ntfs')
    throw new Error(`info said ${JSON.stringify(found.encryption)}`);
  if (listed.includes('is locked')) throw new Error('bdeinfo did not unlock the volume');
  for (const { id } of found.encryption.keyProtectors)
    if (!listed.toLowerCase().includes(id.toLowerCase())) throw new Error(`bdeinfo does not list ${id}`);
}

/**
 * Reads of detection alone, with the head of each volume already read as openDisk has it, summed over a disk without
 * encryption.
 */
async function detectionReads(): Promise<boolean> {
  const path = cachedCrashedDisk({ files: 400_000 });
  const file = await openFile(path);
  const disk = await openDisk(file, { name: path });
  let reads = 0;
  for (const { offset, length } of disk.volumes) {
    const counting = new CountingSource(file);
    const source = new WindowSource(counting, offset, length);
    const head = await file.read(offset, Math.min(16 << 10, length));
    const found = await detectEncryption({ source, head, diskOffset: offset });
    if (found.verdict !== 'none') throw new Error(`a plain volume was called ${found.verdict}`);
    reads += counting.reads;
  }
  await disk.close();
  await file.close?.();
  const job = `detection on a disk without encryption, ${disk.volumes.length} volumes`;
  return keepFigure(job, reads, 'reads', 'at most', 12);
}

try {
  process.stdout.write(`${machine()}\n`);
  const xts = volume('xts-128', size, { method: 0x8004, clearKey: true, recoveryPassword: RECOVERY });
  const elephant = volume('elephant-128', size / 2, { method: 0x8000, clearKey: true, recoveryPassword: RECOVERY });
  // libbde does not open volumes with a clear key.
  const locked = volume('locked-xts-128', 64 * MIB, { method: 0x8004, recoveryPassword: RECOVERY });
  const results = [
    await detectionReads(),
    hold(
      {
        name: 'info with a recovery password',
        ours: ['info', locked, '--json', '--recovery-key', RECOVERY],
        theirs: ['bdeinfo', '-r', RECOVERY, locked],
        atMost: 2.5,
        compare: sameFacts,
      },
      scratch,
    ),
    exported(`export --volume, XTS-AES-128, ${size / MIB} MiB, clear key`, xts, 1 / 1.5),
    exported(`export --volume, AES-CBC-128 + Elephant, ${size / 2 / MIB} MiB, clear key`, elephant, 1),
  ];
  process.exitCode = results.every(Boolean) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
