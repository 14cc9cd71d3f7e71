import type { Volume } from '@deadbox/disk';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { DiskDetector } from '../detector.js';
import { speaksFor } from '../disk-cause.js';

/**
 * Whether BitLocker asks for the recovery key once the machine, its TPM or its Secure Boot is another than the one that
 * sealed the key.
 */
export const BITLOCKER: DiskDetector = {
  causes: ['bitlocker-will-ask'],
  detect(subject) {
    const found = subject.disk.volumes.filter((volume) => mayHoldWindows(subject, volume)).flatMap(willAsk);
    return Promise.resolve(found);
  },
};

/** A locked volume that a boot store starts, or the largest of the disk, holds Windows as far as anybody can tell. */
function mayHoldWindows({ disk, installations, boot }: DiskSubject, volume: Volume): boolean {
  if (installations.some((installation) => installation.volume === volume)) return true;
  if (!volume.locked) return false;
  const named = boot?.entries.some(({ devices }) => devices.some(({ partition }) => partition === volume.number));
  return named === true || disk.volumes.every((other) => other.length <= volume.length);
}

function willAsk({ number, encryption }: Volume): ReturnType<typeof speaksFor>[] {
  const { keyProtectors } = encryption;
  if (encryption.product !== 'BitLocker' || encryption.state === 'decrypted') return [];
  // A clear key opens the volume for everybody; a password is asked for at every start.
  if (keyProtectors.some(({ type }) => type === 'clear-key' || type === 'password')) return [];
  const bound = keyProtectors.filter(({ type }) => type.startsWith('tpm'));
  const external = keyProtectors.filter(({ type }) => type === 'startup-key');
  if (bound.length === 0 && external.length === 0) return [];
  const recovery = keyProtectors.filter(({ type }) => type === 'recovery-password').map(({ id }) => id);
  const data = { protectors: [...bound, ...external].map(({ type }) => type), recovery };
  return [speaksFor('bitlocker-will-ask', { volume: number, data, evidence: encryption.evidence })];
}
