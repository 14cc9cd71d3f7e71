// npm run bench -- quick-scan [files]: what `deadbox scan --quick` costs, against `node -e 0`.
import { type CrashedDiskOptions, cachedCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { timeScans } from './scan-timing.js';

const files = Number(process.argv[2] ?? 400_000);
const disks: [string, CrashedDiskOptions][] = [
  [`${files} files`, { files }],
  [`${files} files, 20,000 entries in the CrowdStrike folder`, { files, crowdStrikeEntries: 20_000 }],
  [`${files} files, $MFT in 300 fragments`, { files, mftFragments: 300 }],
];
const cases = disks.map(([name, options]) => ({
  name,
  path: cachedCrashedDisk(options),
  args: ['--quick'],
  verdict: 'faulty',
  mostReads: 40,
  mostBytes: 1 << 20,
  mostTimes: 3,
}));
process.exitCode = timeScans(cases) === 0 ? 0 : 1;
