import type { Evidence, Issue, ReadOptions } from '@deadbox/core';
import type { EncryptionIssueCode } from '../errors.js';
import type { EncryptionFinding, EncryptionFlag } from '../finding/finding.js';
import { headEvidence, probeEvidence, type VolumeProbe } from '../finding/volume-probe.js';
import { CARVE_LIMIT } from '../limits.js';
import {
  type BitLockerVolume,
  bitLockerFacts,
  type ReadVolumeOptions,
  readBitLockerVolume,
} from './metadata/bitlocker-volume.js';
import { opensByItself } from './metadata/key-protector.js';
import { methodById } from './metadata/method.js';
import { isDecrypted, needsOf, stateId } from './metadata/state.js';

/**
 * Recognises BitLocker in all its layouts, with state and key protectors. No read beyond the probe unless it is
 * BitLocker, or its metadata is searched for with `carve`.
 * @returns `undefined` when it is not BitLocker
 */
export async function detectBitLocker(
  probe: VolumeProbe,
  options: ReadVolumeOptions,
): Promise<EncryptionFinding | undefined> {
  const volume = await readBitLockerVolume(probe, options);
  return volume === undefined ? undefined : bitLockerFinding(probe, volume, options);
}

/**
 * Where the start of a large volume was written over, copies of BitLocker's metadata may lie behind what is searched.
 */
export function searchEnd({ source }: VolumeProbe): Issue<EncryptionIssueCode>[] {
  if (source.size <= CARVE_LIMIT) return [];
  const data = { searched: CARVE_LIMIT, volumeSize: source.size };
  return [{ code: 'bitlocker.search-ended', severity: 'note', data }];
}

/** The finding for a BitLocker volume whose metadata was read. */
export async function bitLockerFinding(
  probe: VolumeProbe,
  volume: BitLockerVolume,
  options?: ReadOptions,
): Promise<EncryptionFinding> {
  const { block } = volume;
  // A clear key that is damaged opens nothing: what else there is decides what is needed.
  const usable = volume.protectors.filter((item) => item.info.type !== 'clear-key' || opensByItself(item));
  const protectors = usable.map((item) => item.info);
  const damaged = volume.metadata.copies.some((copy) => copy.status !== 'good' && copy.status !== 'missing');
  const flags: EncryptionFlag[] = volume.conversion === undefined ? [] : ['partial'];
  if (damaged || block === undefined || volume.header.carved === true) flags.push('metadata-damaged');
  const facts: EncryptionFinding = {
    verdict: 'encrypted-locked',
    product: 'BitLocker',
    confidence: 'verified',
    flags,
    keyProtectors: volume.protectors.map((item) => item.info),
    needs: protectors.length === 0 ? ['metadata'] : needsOf(protectors),
    evidence: await evidenceOf(probe, volume, options),
    issues: volume.issues.issues,
    bitlocker: bitLockerFacts(volume),
  };
  // Without metadata nothing says whether the data is still encrypted; the header alone is not proof, but reading on
  // would be a guess.
  if (block === undefined) return { ...facts, state: 'locked' };
  const state = stateId(block, protectors, volume.conversion);
  if (isDecrypted(block)) return { ...facts, verdict: 'none', state, needs: ['nothing'] };
  const method = methodById(block.method);
  if (method === undefined) {
    const at = { layer: 'BitLocker metadata', offset: block.offset + 100 };
    volume.issues.add({ code: 'bitlocker.unknown-method', at, data: { method: block.method } });
    return { ...facts, state, method: `unknown (0x${block.method.toString(16).padStart(4, '0')})` };
  }
  return {
    ...facts,
    verdict: volume.protectors.some(opensByItself) ? 'encrypted-unlockable' : 'encrypted-locked',
    state,
    method: method.name,
  };
}

async function evidenceOf(probe: VolumeProbe, volume: BitLockerVolume, options?: ReadOptions): Promise<Evidence[]> {
  const { header, block } = volume;
  const evidence: Evidence[] = [];
  if (header.carved !== true) {
    const what =
      header.variant === 'vista'
        ? 'BitLocker OEM name'
        : header.encryptOnWrite
          ? 'BitLocker GUID (conversion)'
          : 'BitLocker GUID';
    evidence.push(
      await headEvidence(probe, 'BitLocker volume header', 0, 16, options),
      await headEvidence(probe, what, header.signatureOffset, header.signatureLength, options),
    );
  }
  if (block === undefined) return evidence;
  const head = block.bytes.subarray(0, 64);
  evidence.push(await probeEvidence(probe, 'BitLocker metadata block', block.offset, head, options));
  const clear = volume.protectors.find((item) => item.clearKey !== undefined)?.entry;
  if (clear !== undefined) {
    // Only the entry's header and id: the key that follows is a secret, even where it lies in the open.
    const bytes = block.bytes.subarray(clear.offset, clear.offset + 36);
    evidence.push(await probeEvidence(probe, 'BitLocker clear key entry', block.offset + clear.offset, bytes, options));
  }
  return evidence;
}
