import type { InstallationDetector } from '../detector.js';
import { blockedDriver } from './blocked-driver.js';
import { driverVerifier } from './driver-verifier.js';
import { thirdPartyCrash } from './third-party-crash.js';

/** Causes that dumps and logs tell of. */
export const CRASH_DETECTORS: readonly InstallationDetector[] = [thirdPartyCrash, driverVerifier, blockedDriver];
