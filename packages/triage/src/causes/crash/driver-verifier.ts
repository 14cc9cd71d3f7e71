import type { InstallationDetector } from '../detector.js';
import { foundIn, registryEvidence } from '../session/found.js';
import { sessionManager } from '../session/session-manager-facts.js';
import { newestCrash } from './third-party-crash.js';

/** Stop codes of Driver Verifier. */
const CODES: ReadonlySet<number> = new Set([0xc4, 0xc9, 0xe6]);

/** Driver Verifier is switched on: it stops the machine at the first fault of a driver that it watches. */
export const driverVerifier: InstallationDetector = {
  causes: ['driver-verifier'],
  async detect(subject, options) {
    const manager = await subject.fact(sessionManager, options);
    const verifier = manager?.verifier;
    if (verifier === undefined || ((verifier.drivers ?? '') === '' && (verifier.level ?? 0) === 0)) return [];
    const codes = [...(subject.crash?.events ?? []).map(({ code }) => code), Number(newestCrash(subject)?.code)];
    const stopped = codes.some((code) => code !== undefined && CODES.has(code));
    const name = verifier.level === undefined ? 'VerifyDrivers' : 'VerifyDriverLevel';
    return [
      foundIn(subject, 'driver-verifier', {
        severity: stopped ? 'act' : 'review',
        confidence: stopped ? 'strong' : 'hint',
        data: {
          key: verifier.key.path,
          name,
          drivers: verifier.drivers ?? null,
          level: verifier.level ?? null,
          stopped,
        },
        evidence: await registryEvidence(subject, 'SYSTEM', verifier.key, name, options),
      }),
    ];
  },
};
