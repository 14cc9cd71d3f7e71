import type { ByteSource, Bytes, ReadOptions } from '@deadbox/core';
import type { EncryptionFinding } from '../finding/finding.js';
import { headEvidence, probeEvidence, type VolumeProbe } from '../finding/volume-probe.js';
import {
  completeLuks2,
  isLuksMagic,
  isSecondaryMagic,
  LUKS2_SECONDARY_OFFSETS,
  type LuksHeader,
  parseLuksHeader,
} from './luks.js';

/** Recognises a LUKS header at the start of the volume; reads on only for LUKS2 metadata larger than the probe. */
export async function detectLuks(probe: VolumeProbe, options?: ReadOptions): Promise<EncryptionFinding | undefined> {
  if (!isLuksMagic(probe.head)) return undefined;
  const header = parseLuksHeader(probe.head, 0);
  if (header === undefined) return detectSecondary(probe, options, true);
  const finding = emptyFinding(header);
  finding.evidence.push(await headEvidence(probe, `LUKS${header.version} header`, 0, 48, options));
  await complete(probe.source, header, probe.head, finding, options);
  if (header.version === 2 && finding.issues.length > 0) finding.flags.push('metadata-damaged');
  return finding;
}

/**
 * Looks for a secondary LUKS2 header where the start of the volume is damaged: at most seven reads.
 * @param thorough - also look beyond the first 64 KiB, where only uncommon header sizes put it
 */
export async function detectSecondary(
  probe: VolumeProbe,
  options: ReadOptions | undefined,
  thorough: boolean,
): Promise<EncryptionFinding | undefined> {
  const { source } = probe;
  const nearEnd = Math.min(0x14000, source.size);
  const near = nearEnd > 0x4000 ? await source.read(0x4000, nearEnd - 0x4000, options) : undefined;
  for (const offset of LUKS2_SECONDARY_OFFSETS) {
    if (offset + 4096 > source.size) break;
    let bytes: Bytes;
    if (near !== undefined && offset + 4096 <= nearEnd) bytes = near.subarray(offset - 0x4000, offset - 0x4000 + 4096);
    else if (thorough) bytes = await source.read(offset, 4096, options);
    else break;
    if (!isSecondaryMagic(bytes)) continue;
    const header = parseLuksHeader(bytes, offset);
    if (header === undefined) continue;
    const finding = emptyFinding(header);
    finding.flags.push('metadata-damaged');
    finding.evidence.push(await probeEvidence(probe, 'LUKS2 secondary header', offset, bytes.subarray(0, 48), options));
    finding.issues.push({
      code: 'luks.primary-damaged',
      severity: 'warning',
      at: { layer: 'volume', offset: 0 },
      data: { secondary: offset },
    });
    await complete(source, header, bytes, finding, options);
    return finding;
  }
  return undefined;
}

function emptyFinding(header: LuksHeader): EncryptionFinding {
  const details: Record<string, string> = { uuid: header.uuid };
  if (header.label !== undefined) details['label'] = header.label;
  if (header.subsystem !== undefined) details['subsystem'] = header.subsystem;
  return {
    verdict: 'encrypted-locked',
    product: `LUKS${header.version}`,
    confidence: 'verified',
    state: 'locked',
    flags: [],
    keyProtectors: [],
    needs: ['password'],
    evidence: [],
    issues: [],
    details,
  };
}

async function complete(
  source: ByteSource,
  header: LuksHeader,
  known: Bytes,
  finding: EncryptionFinding,
  options?: ReadOptions,
): Promise<void> {
  if (header.version === 2) {
    const length = Math.min(header.headerSize, source.size - header.offset);
    const bytes =
      known.length >= length ? known.subarray(0, length) : await source.read(header.offset, length, options);
    completeLuks2(header, bytes, (issue) => finding.issues.push(issue));
  }
  if (header.method !== undefined) finding.method = header.method;
  finding.keyProtectors = header.keySlots;
}
