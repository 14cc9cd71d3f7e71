// Makes the disks of test-images and their golden answers: node test-images/recipes/build.mjs [NAME…]
// Needs root, /dev/fuse, and the Debian packages ntfs-3g dosfstools mtools gdisk fdisk faketime attr sleuthkit.
// With --verify nothing is written: the disks must come out the same byte for byte.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { LAYOUTS, ntfsVolume } from './disk-layout.mjs';
import { golden } from './golden.mjs';
import { CROWDSTRIKE, STATES } from './states.mjs';
import { clearValidDataLength } from './valid-data-length.mjs';
import { writeBootFiles, writeChannelFile, writeWindows } from './windows-tree.mjs';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const WINDOWS_MIB = 16;
/** The states of each table. The volume is the same on both, so MBR has only some. */
const DISKS = { gpt: Object.keys(STATES), mbr: ['faulty', 'superseded', 'absent'] };
const INSTALLED_AT = '2024-05-14 10:11:12';

/** libfaketime reads local time without fraction; a file's times on disk then start where its name says. */
const clock = (iso) => iso.slice(0, 19).replace('T', ' ');

function build(table, stateName, work) {
  const id = `${table}-${stateName}`;
  const [layout, state] = [LAYOUTS[table], STATES[stateName]];
  const volume = join(work, 'windows.img');
  // Each channel file is written while the clock stands at its own time, so that both sets of NTFS times look as the sensor leaves them.
  const deliveries = state.files.map((file) => ({
    at: clock(file.modified),
    write: (mount) => writeChannelFile(mount, file),
  }));
  const installed = (mount) => {
    writeWindows(mount, layout);
    if (table === 'mbr') writeBootFiles(mount, layout);
  };
  const steps = [{ at: INSTALLED_AT, write: installed }, ...deliveries];
  ntfsVolume(volume, { mebibytes: WINDOWS_MIB, label: 'Windows', startSector: layout.windowsStart, steps, work });
  for (const file of state.files)
    if (file.content === 'unwritten') clearValidDataLength(volume, `${CROWDSTRIKE}/${file.name}`);
  const disk = join(work, `${id}.img`);
  layout.assemble(disk, volume, WINDOWS_MIB, work);
  return { disk, answers: golden({ id, table, disk, volume, layout, state }) };
}

const verify = process.argv.includes('--verify');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const work = mkdtempSync(join(tmpdir(), 'deadbox-recipe-'));
let different = 0;
try {
  for (const [table, states] of Object.entries(DISKS)) {
    for (const state of states) {
      const id = `${table}-${state}`;
      if (wanted.length > 0 && !wanted.includes(id)) continue;
      const { disk, answers } = build(table, state, work);
      const [packed, json] = [join(folder, `${id}.img.gz`), join(folder, `${id}.json`)];
      const text = `${JSON.stringify(answers, null, 2)}\n`;
      if (verify) {
        const same = gunzipSync(readFileSync(packed)).equals(readFileSync(disk)) && readFileSync(json, 'utf8') === text;
        if (!same) different += 1;
        console.log(`${id}: ${same ? 'same' : 'DIFFERENT'}`);
      } else {
        writeFileSync(packed, gzipSync(readFileSync(disk), { level: 9, memLevel: 8 }));
        writeFileSync(json, text);
        console.log(`${id}: ${answers.sha256}`);
      }
      rmSync(disk);
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = different === 0 ? 0 : 1;
