import type { DiskDetector } from '../detector.js';

/** Causes from the firmware to the boot manager's file. */
export const FIRMWARE_DETECTORS: readonly DiskDetector[] = [];
