import type { InstallationDetector } from '../detector.js';

/** Causes between the loader and a running kernel. */
export const KERNEL_DETECTORS: readonly InstallationDetector[] = [];
