import {
  type ByteSource,
  type Bytes,
  Cursor,
  hasAscii,
  IssueLog,
  type IssueSink,
  isZero,
  type ReadOptions,
  readAround,
  SECTOR,
} from '@deadbox/core';
import type { EncryptionIssueCode } from '../errors.js';
import { type EncryptionFinding, lockedBy, noEncryption, type UnlockNeed } from '../finding/finding.js';
import { headEvidence, readOrNote, type VolumeProbe } from '../finding/volume-probe.js';
import { diskCryptorConfiguration, matchDiskBootCode } from './boot-code.js';
import { isRandomSector } from './chi-square.js';

/** A partition as the table tells it. */
export interface DiskPartition {
  /** Byte offset and length on the disk. */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
}

/** Options of {@link detectDiskEncryption}. */
export interface DiskDetectOptions extends ReadOptions {
  /** The disk's first bytes where they were read already; 32 KiB make another read unnecessary. */
  readonly head?: Bytes;
  /** The partitions: without them neither VeraCrypt's system header nor a locked drive can be told. */
  readonly partitions?: readonly DiskPartition[];
  /** Takes the places that could not be read. */
  readonly issues?: IssueSink<EncryptionIssueCode>;
  /** First sector of a partition that was read already, by its offset on the disk. */
  readonly firstSector?: (partition: DiskPartition) => Bytes | undefined;
}

/**
 * VeraCrypt's and TrueCrypt's header of an encrypted system: the last sector before the first cylinder's end. Source:
 * VeraCrypt `BootDefs.h`.
 */
const SYSTEM_HEADER = 31744;
const DISK_HEAD = 32 * 1024;
/**
 * A locked self-encrypting drive shows a pre-boot system of at most this size in place of its data (TCG Opal, shadow
 * MBR).
 */
const SHADOW_MBR = 128 * 1024 * 1024;
const LEAST_DRIVE = 8 * 1024 * 1024 * 1024;
const DRIVE_SAMPLES = 8;

/**
 * Looks for what encrypts a disk as a whole: boot loaders of BIOS-era products, VeraCrypt's system header, a locked
 * self-encrypting drive. One read of 32 KiB unless `head` has it; more only where the partition table does not fit the
 * drive.
 */
export async function detectDiskEncryption(
  disk: ByteSource,
  options: DiskDetectOptions = {},
): Promise<EncryptionFinding[]> {
  const wanted = Math.min(DISK_HEAD, disk.size);
  const unread = options.issues ?? new IssueLog();
  const head =
    options.head !== undefined && options.head.length >= wanted
      ? options.head
      : await readAround(disk, { offset: 0, length: wanted }, options, (offset, { code }) => {
          const data = { length: SECTOR, reason: code };
          unread.add({ code: 'encryption.unreadable', severity: 'warning', at: { layer: 'disk', offset }, data });
        });
  const probe: VolumeProbe = { source: disk, head };
  const findings: EncryptionFinding[] = [];
  for (const match of matchDiskBootCode(head)) {
    const evidence = [await headEvidence(probe, match.what, match.offset, match.length, options)];
    findings.push({ ...lockedBy(match.product, KEYS), confidence: match.confidence, evidence });
  }
  const configuration = diskCryptorConfiguration(head);
  if (configuration !== undefined && !findings.some((finding) => finding.product === 'DiskCryptor')) {
    const evidence = [await headEvidence(probe, 'DiskCryptor loader configuration', configuration, 8, options)];
    findings.push({ ...lockedBy('DiskCryptor', KEYS), confidence: 'corroborated', evidence });
  }
  if (findings.length > 0) return findings;
  const system = await detectSystemHeader(probe, unread, options);
  if (system !== undefined) return [system];
  const drive = await detectLockedDrive(probe, unread, options);
  return drive === undefined ? [] : [drive];
}

const KEYS: readonly UnlockNeed[] = ['password', 'product'];

/**
 * Without a boot loader, two random sectors where plain ones belong are circumstances, not proof: the header's place
 * and the start of a partition. GRUB's compressed core can fill the first alone, so both are required.
 */
async function detectSystemHeader(
  probe: VolumeProbe,
  unread: IssueSink<EncryptionIssueCode>,
  options: DiskDetectOptions,
): Promise<EncryptionFinding | undefined> {
  const header = probe.head.subarray(SYSTEM_HEADER, SYSTEM_HEADER + 512);
  if (!isRandomSector(header)) return undefined;
  for (const partition of options.partitions ?? []) {
    if (partition.length < 512 || partition.offset < DISK_HEAD || partition.offset + 512 > probe.source.size) continue;
    const sector =
      options.firstSector?.(partition) ?? (await readOrNote(probe.source, partition.offset, 512, unread, options));
    if (sector === undefined || !isRandomSector(sector)) continue;
    const start = { source: probe.source, head: sector };
    const first = await headEvidence(start, 'first sector of a partition, looks random', 0, 512);
    return {
      ...lockedBy('VeraCrypt or TrueCrypt system encryption', KEYS),
      verdict: 'encrypted-unknown-product',
      confidence: 'heuristic',
      evidence: [
        await headEvidence(probe, 'sector of the system encryption header, looks random', SYSTEM_HEADER, 512, options),
        { ...first, offset: partition.offset },
      ],
      details: { partitionOffset: String(partition.offset) },
    };
  }
  return undefined;
}

/**
 * Practitioners' knowledge only, so never more than a hint: the table ends within 128 MiB of a large drive, and the
 * rest reads as zeros.
 */
async function detectLockedDrive(
  probe: VolumeProbe,
  unread: IssueSink<EncryptionIssueCode>,
  options: DiskDetectOptions,
): Promise<EncryptionFinding | undefined> {
  const { source, head } = probe;
  const partitions = options.partitions ?? [];
  if (source.size < LEAST_DRIVE || partitions.length === 0 || !tableEndsEarly(head)) return undefined;
  if (partitions.some((item) => item.offset + item.length > SHADOW_MBR)) return undefined;
  for (let i = 0; i < DRIVE_SAMPLES; i += 1) {
    const offset = SHADOW_MBR + Math.floor(((source.size - SHADOW_MBR) / DRIVE_SAMPLES) * i);
    const sample = await readOrNote(source, offset - (offset % 4096), 4096, unread, options);
    if (sample === undefined || !isZero(sample)) return undefined;
  }
  return {
    ...noEncryption(),
    verdict: 'not-enough-data',
    product: 'locked self-encrypting drive (possible)',
    confidence: 'heuristic',
    needs: KEYS,
    evidence: [await headEvidence(probe, 'partition table of a disk much smaller than the drive', 0, 512, options)],
  };
}

/**
 * A GPT whose backup lies inside the shadow area, or an MBR with boot code: a whole pre-boot system, not a disk that
 * was merely begun.
 */
function tableEndsEarly(head: Bytes): boolean {
  if (hasAscii(head, 512, 'EFI PART')) return new Cursor(head).u64Number(512 + 32) * 512 < SHADOW_MBR;
  return !isZero(head.subarray(0, 440));
}
