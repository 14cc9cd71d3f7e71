import {
  type Bytes,
  defined,
  type Evidence,
  type Issue,
  IssueLog,
  type IssueSink,
  type ReadOptions,
} from '@deadbox/core';
import type { EncryptionIssueCode } from '../errors.js';
import type { EncryptionFinding } from '../finding/finding.js';
import { headEvidence, probeEvidence, readOrNote, type VolumeProbe } from '../finding/volume-probe.js';
import {
  isLuksMagic,
  isSecondaryMagic,
  LUKS2_SECONDARY_OFFSETS,
  type LuksHeader,
  type LuksMetadata,
  parseLuks2Metadata,
  parseLuksHeader,
} from './luks.js';

/** Bytes of the binary header of LUKS2. */
const BINARY_HEADER = 4096;
/** The places of a second header that one read covers. */
const NEAR = { from: 0x4000, to: 0x14000 } as const;
const SHOWN_HEADER = 48;

/** Recognises a LUKS header at the start of the volume; reads on only for LUKS2 metadata larger than the probe. */
export async function detectLuks(probe: VolumeProbe, options?: ReadOptions): Promise<EncryptionFinding | undefined> {
  if (!isLuksMagic(probe.head)) return undefined;
  const header = parseLuksHeader(probe.head, 0);
  const issues = new IssueLog();
  if (header === undefined) return detectSecondary(probe, true, issues, options);
  const evidence = await headEvidence(probe, `LUKS${header.version} header`, 0, SHOWN_HEADER, options);
  const metadata = await metadataOf(probe, header, probe.head, issues, options);
  return luksFinding(header, metadata, evidence, issues.issues);
}

/**
 * Looks for a secondary LUKS2 header where the start of the volume is damaged: at most seven reads.
 * @param thorough - also look beyond the first 64 KiB, where only uncommon header sizes put it
 * @param unread - takes the places that could not be read
 */
export async function detectSecondary(
  probe: VolumeProbe,
  thorough: boolean,
  unread: IssueSink<EncryptionIssueCode>,
  options?: ReadOptions,
): Promise<EncryptionFinding | undefined> {
  const { source } = probe;
  const nearEnd = Math.min(NEAR.to, source.size);
  const near =
    nearEnd > NEAR.from ? await readOrNote(source, NEAR.from, nearEnd - NEAR.from, unread, options) : undefined;
  for (const offset of LUKS2_SECONDARY_OFFSETS) {
    if (offset + BINARY_HEADER > source.size) break;
    let bytes: Bytes | undefined;
    if (near !== undefined && offset + BINARY_HEADER <= nearEnd)
      bytes = near.subarray(offset - NEAR.from, offset - NEAR.from + BINARY_HEADER);
    else if (thorough) bytes = await readOrNote(source, offset, BINARY_HEADER, unread, options);
    else break;
    if (bytes === undefined) continue;
    const header = isSecondaryMagic(bytes) ? parseLuksHeader(bytes, offset) : undefined;
    if (header === undefined) continue;
    const issues = new IssueLog();
    const at = { layer: 'volume', offset: 0 };
    issues.add({ code: 'luks.primary-damaged', severity: 'warning', at, data: { secondary: offset } });
    const shown = bytes.subarray(0, SHOWN_HEADER);
    const evidence = await probeEvidence(probe, 'LUKS2 secondary header', offset, shown, options);
    return luksFinding(header, await metadataOf(probe, header, bytes, issues, options), evidence, issues.issues);
  }
  return undefined;
}

/** @param known - bytes from the header's first byte on that were read already */
async function metadataOf(
  { source }: VolumeProbe,
  header: LuksHeader,
  known: Bytes,
  issues: IssueLog,
  options?: ReadOptions,
): Promise<LuksMetadata> {
  if (header.metadata !== undefined) return header.metadata;
  const length = Math.min(header.headerSize, source.size - header.offset);
  const bytes =
    known.length >= length
      ? known.subarray(0, length)
      : await readOrNote(source, header.offset, length, issues, options);
  return bytes === undefined ? { keySlots: [] } : parseLuks2Metadata(header, bytes, issues);
}

function luksFinding(
  header: LuksHeader,
  { method, keySlots }: LuksMetadata,
  evidence: Evidence,
  issues: readonly Issue[],
): EncryptionFinding {
  const { version, uuid, label, subsystem } = header;
  return {
    verdict: 'encrypted-locked',
    product: `LUKS${version}`,
    confidence: 'verified',
    state: 'locked',
    flags: issues.length > 0 ? ['metadata-damaged'] : [],
    keyProtectors: keySlots,
    needs: ['password'],
    evidence: [evidence],
    issues,
    details: { uuid, ...defined({ label, subsystem }) },
    ...defined({ method }),
  };
}
