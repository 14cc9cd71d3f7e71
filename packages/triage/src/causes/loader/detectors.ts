import type { InstallationDetector } from '../detector.js';

/** Causes in what the loader reads. */
export const LOADER_DETECTORS: readonly InstallationDetector[] = [];
