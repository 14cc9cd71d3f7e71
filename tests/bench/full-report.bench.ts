// npm run bench -- full-report [files]: what the whole report of a server costs, on a disk of 60 GiB with hives, boot store and dumps.
import { join } from 'node:path';
import { cachedCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { crashedMachine } from '../support/disk-writer/crashed-machine.js';
import { timeScans } from './scan-timing.js';

const files = Number(process.argv[2] ?? 400_000);
const path = cachedCrashedDisk(crashedMachine({ files, diskBytes: 60 * 2 ** 30 }));
const name = `60 GiB, ${files} files, SYSTEM, SOFTWARE, boot store, dumps`;
const cases = [
  { name, path, args: [], mostReads: 400, mostBytes: 16 << 20, mostTimes: 12 },
  { name, path, args: ['--quick'], mostReads: 40, mostBytes: 1 << 20, mostTimes: 3 },
];
process.exitCode = timeScans(join(import.meta.dirname, '../../packages/cli/bin/deadbox.js'), cases) === 0 ? 0 : 1;
