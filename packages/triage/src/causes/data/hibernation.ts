import { fileTimeFromUnixMs, fileTimeText, unixMsOfFileTime } from '@deadbox/core';
import { hibernationTime } from '@deadbox/ntfs/internals';
import { contentEvidence } from '../../obstacles/obstacle-evidence.js';
import type { VolumeDetector } from '../detector.js';
import { foundIn } from '../session/found.js';

/** Windows writes its last words while the image is written. */
const SLACK_MS = 10 * 60_000;
const HEAD = 4096;
/** A clock that was never set, and a time that only damage gives. */
const PLAUSIBLE_MS = [Date.UTC(2006, 0, 1), Date.UTC(2100, 0, 1)] as const;

/** Windows is hibernated, and something changed the volume after that: what it goes on with no longer fits. */
export const hibernationMismatch: VolumeDetector = {
  causes: ['hibernated-mismatch'],
  async detect(subject, options) {
    const { tree, volume, crash, machine } = subject;
    if ((await tree.hibernation(options)) !== 'hibernated') return [];
    const file = await tree.lookup('/hiberfil.sys', options);
    const stream = await file?.stream('', options);
    const head = stream === undefined ? undefined : await stream.read(0, Math.min(HEAD, stream.size), options);
    const written = head === undefined ? undefined : hibernationTime(head);
    const ms = written === undefined ? undefined : unixMsOfFileTime(written);
    if (file === undefined || ms === undefined || ms < PLAUSIBLE_MS[0] || ms > PLAUSIBLE_MS[1]) return [];
    const limit = fileTimeText(fileTimeFromUnixMs(ms + SLACK_MS)) ?? '';
    const later = [
      ...(crash?.sources ?? []).map(({ path, newest }) => ({ path, at: newest })),
      ...(machine?.machine.readSources ?? []).map(({ path, newest }) => ({ path, at: newest })),
    ].find(({ at }) => at !== null && at > limit);
    if (later === undefined) return [];
    return [
      foundIn(subject, 'hibernated-mismatch', {
        severity: 'act',
        confidence: 'strong',
        data: { path: later.path, at: later.at, written: fileTimeText(written) },
        evidence: await contentEvidence(
          volume,
          () => Promise.resolve(file),
          'start of hiberfil.sys',
          tree.geometry.recordSize,
          options,
        ),
      }),
    ];
  },
};
