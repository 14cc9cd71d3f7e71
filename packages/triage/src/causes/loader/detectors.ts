import type { DiskDetector, InstallationDetector } from '../detector.js';
import { bootManagerPolicies } from './boot-policies.js';
import { ciPolicies } from './ci-policies.js';
import { codePages } from './code-pages.js';
import { controlSets } from './control-sets.js';
import { coreFiles } from './core-files.js';
import { expiry } from './expiry.js';
import { loaderFile } from './loader-file.js';
import { signatures } from './signatures.js';

/** Causes in what the loader reads. */
export const LOADER_DETECTORS: readonly InstallationDetector[] = [
  controlSets,
  loaderFile,
  coreFiles,
  codePages,
  signatures,
  ciPolicies,
  expiry,
];

/** Those that the disk shows without a Windows. */
export const LOADER_DISK_DETECTORS: readonly DiskDetector[] = [bootManagerPolicies];
