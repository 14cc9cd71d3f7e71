import type { InstallationDetector } from '../detector.js';

/** Causes from the session manager to the logon. */
export const SESSION_DETECTORS: readonly InstallationDetector[] = [];
