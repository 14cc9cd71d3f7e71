import type { DiskDetector } from '../detector.js';

/** Causes in the boot store. */
export const BOOT_MANAGER_DETECTORS: readonly DiskDetector[] = [];
