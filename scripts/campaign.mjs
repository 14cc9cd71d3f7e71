// npm run campaign [-- --minutes N | --seconds N | --cases N] [--seed S] [--only
// trees,disks,hives,fat,tables,bitlocker] [--small | --dense] [--json FILE] [--replay FILE]
//
// Random inputs that another program writes or reads, too: NTFS trees against ntfs-3g and fls, disks against qemu-img,
// hives against hivex, FAT against mtools, partition tables against sfdisk, BitLocker against dislocker. The same seed
// gives the same cases. What the two sides disagree on is printed with its bytes, made small and left in
// .cache/campaign/failures; --replay runs such a file again. --dense draws smaller inputs, many trees to a volume.
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { bundleSource } from './bundle-source.mjs';
import { cache, helpIfAsked, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

const rest = process.argv.slice(2);
const at = rest.indexOf('--minutes');
if (at >= 0) rest.splice(at, 2, '--seconds', String(Number(rest[at + 1]) * 60));

await ensureBuilt();
const program = await bundleSource(join(root, 'tests/campaign/run.ts'), 'campaign', join(root, 'tests/support'));
const { status } = run(process.execPath, [program, '--folder', join(cache, 'campaign'), ...rest]);
process.exit(status);
