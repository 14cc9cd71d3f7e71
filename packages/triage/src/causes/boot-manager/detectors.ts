import type { DiskDetector } from '../detector.js';
import { DEFAULT_ENTRY } from './default-entry.js';
import { MANAGER_SETTINGS } from './manager-settings.js';
import { RECOVERY } from './recovery.js';

/** Causes in the boot store. */
export const BOOT_MANAGER_DETECTORS: readonly DiskDetector[] = [DEFAULT_ENTRY, MANAGER_SETTINGS, RECOVERY];
