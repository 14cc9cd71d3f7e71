import { fileTimeFromUnixMs, fileTimeText } from '@deadbox/core';
import { expirationDate } from '@deadbox/windows/internals';
import { driverFacts } from '../../drivers/driver-facts.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn, KNOWN, LIKELY } from '../kernel/found.js';

/** The end of an evaluation or preview. */
export const expiry: InstallationDetector = {
  causes: ['os-expired'],
  async detect(subject, options) {
    const facts = await subject.fact(driverFacts, options);
    const policy = await (await facts?.set.key.key('Control\\ProductOptions'))?.bytes('ProductPolicy');
    const expires = policy === undefined ? undefined : expirationDate(policy);
    if (expires === undefined) return [];
    const now = fileTimeText(fileTimeFromUnixMs(Date.now())) ?? '';
    // Both are ISO-8601 texts of one form.
    return [foundIn(subject, 'os-expired', expires < now ? LIKELY : KNOWN, { expires })];
  },
};
