import type { DiskDetector, InstallationDetector } from '../detector.js';
import { criticalServices } from './critical-services.js';
import { directoryService } from './directory-service.js';
import { imageOptions } from './image-options.js';
import { lsaPackages } from './lsa-packages.js';
import { profiles } from './profiles.js';
import { rpcHost } from './rpc-host.js';
import { winlogon } from './winlogon.js';

/** Causes at the logon. */
export const LOGON_DETECTORS: readonly InstallationDetector[] = [
  winlogon,
  imageOptions,
  lsaPackages,
  criticalServices,
  rpcHost,
  profiles,
];

/** Causes at the logon that may lie on another volume of the disk. */
export const LOGON_DISK_DETECTORS: readonly DiskDetector[] = [directoryService];
