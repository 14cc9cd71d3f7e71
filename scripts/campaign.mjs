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
import { argumentsAsked, cache, helpIfAsked, root, run } from './workspace.mjs';

helpIfAsked(import.meta.url);

const { values: options } = argumentsAsked({
  numbers: ['minutes', 'seconds', 'cases'],
  counts: ['seed', 'from'],
  lists: { only: ['trees', 'disks', 'hives', 'fat', 'tables', 'bitlocker'] },
  options: {
    ...Object.fromEntries(
      ['minutes', 'seconds', 'cases', 'seed', 'from', 'only', 'replay', 'json'].map((name) => [
        name,
        { type: 'string' },
      ]),
    ),
    small: { type: 'boolean' },
    dense: { type: 'boolean' },
  },
});
const { minutes, ...rest } = options;
if (minutes !== undefined) rest.seconds = String(Number(minutes) * 60);
const given = Object.entries(rest).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, value]));

await ensureBuilt();
const program = await bundleSource(join(root, 'tests/campaign/run.ts'), 'campaign', join(root, 'tests/support'));
const { status } = run(process.execPath, [program, '--folder', join(cache, 'campaign'), ...given]);
process.exit(status);
