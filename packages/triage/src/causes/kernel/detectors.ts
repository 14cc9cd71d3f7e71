import type { InstallationDetector } from '../detector.js';
import { classFilters } from './class-filters.js';
import { devices } from './devices.js';
import { driverFiles } from './driver-files.js';
import { guestResidue } from './guest-residue.js';
import { policies } from './policies.js';
import { startTypes } from './start-types.js';
import { targetPlatform } from './target-platform.js';

/** Causes between the loader and a running kernel. */
export const KERNEL_DETECTORS: readonly InstallationDetector[] = [
  startTypes,
  driverFiles,
  classFilters,
  devices,
  guestResidue,
  policies,
  targetPlatform,
];
