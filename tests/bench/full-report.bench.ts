// npm run bench -- full-report [files]: what the whole report of a server costs, on a disk of 60 GiB with hives, boot
// store and dumps.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../support/corpus.js';
import { cachedCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { crashedMachine } from '../support/disk-writer/crashed-machine.js';
import { BOOT_DRIVERS, busyServer } from '../support/healthy/busy-server.js';
import { timeScans } from './scan-timing.js';

const files = Number(process.argv[2] ?? 400_000);
const path = cachedCrashedDisk(crashedMachine({ files, diskBytes: 60 * 2 ** 30 }));
const name = `60 GiB, ${files} files, SYSTEM, SOFTWARE, boot store, dumps`;
mkdirSync(cacheFolder, { recursive: true });
const busy = join(cacheFolder, 'busy-server.raw');
(await busyServer()).save(busy);
const cases = [
  {
    name: `healthy, ${BOOT_DRIVERS} boot-start drivers, every core file`,
    path: busy,
    args: [],
    verdict: 'not-applicable',
    mostReads: 900,
    mostBytes: 32 << 20,
    mostTimes: 12,
  },
  { name, path, args: [], verdict: 'faulty', mostReads: 400, mostBytes: 16 << 20, mostTimes: 12 },
  { name, path, args: ['--quick'], verdict: 'faulty', mostReads: 40, mostBytes: 1 << 20, mostTimes: 3 },
];
process.exitCode = timeScans(cases) === 0 ? 0 : 1;
