import type { InstallationDetector, VolumeDetector } from '../detector.js';
import { bootExecute } from './boot-execute.js';
import { coreProcesses } from './core-processes.js';
import { diskCheck } from './disk-check.js';
import { knownDlls } from './known-dlls.js';
import { pendingRenames } from './pending-renames.js';
import { servicingLogFull, servicingStuck } from './servicing.js';
import { setupMode, sysprepInterrupted, upgradeInterrupted } from './setup.js';
import { subSystems } from './sub-systems.js';
import { updateMixed } from './update-mixed.js';
import { diskFull, pageFileElsewhere } from './volume-room.js';

/** Causes from the session manager to the logon. */
export const SESSION_DETECTORS: readonly InstallationDetector[] = [
  coreProcesses,
  subSystems,
  bootExecute,
  knownDlls,
  pendingRenames,
  servicingStuck,
  servicingLogFull,
  updateMixed,
  setupMode,
  sysprepInterrupted,
  upgradeInterrupted,
  pageFileElsewhere,
];

/** Those that look at the volume itself. */
export const SESSION_VOLUME_DETECTORS: readonly VolumeDetector[] = [diskFull, diskCheck];
