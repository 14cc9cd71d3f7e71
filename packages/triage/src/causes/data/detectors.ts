import type { InstallationDetector } from '../detector.js';

/** Causes in NTFS and in the volume. */
export const DATA_DETECTORS: readonly InstallationDetector[] = [];
