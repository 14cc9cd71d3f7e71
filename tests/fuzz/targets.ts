import type { FuzzTarget } from './target.js';
import { cliTargets } from './targets/cli.js';
import { coreTargets } from './targets/core.js';
import { diskTargets } from './targets/disk.js';
import { encryptionTargets } from './targets/encryption.js';
import { fatTargets } from './targets/fat.js';
import { imageTargets } from './targets/image.js';
import { ntfsTargets } from './targets/ntfs.js';
import { partitionTargets } from './targets/partitions.js';
import { repairTargets } from './targets/repair.js';
import { reportTargets } from './targets/report.js';
import { triageTargets } from './targets/triage.js';
import { windowsTargets } from './targets/windows.js';

/** Everything that reads untrusted bytes, in the order of the packages. */
export const targets: readonly FuzzTarget[] = [
  ...coreTargets,
  ...imageTargets,
  ...partitionTargets,
  ...encryptionTargets,
  ...ntfsTargets,
  ...fatTargets,
  ...diskTargets,
  ...windowsTargets,
  ...triageTargets,
  ...repairTargets,
  ...reportTargets,
  ...cliTargets,
];
