import { type ByteSource, MIB, type ReadOptions, survive } from '@deadbox/core';
import {
  type DiskPartition,
  type EncryptionFinding,
  noEncryption,
  type SamplingSummary,
  sampleVolume,
  type VolumeProbe,
} from '@deadbox/encryption';
import {
  applySampling,
  applyTraces,
  detectEfiBootManagers,
  type EncryptionTrace,
  isRandomSector,
  sweepBootArea,
} from '@deadbox/encryption/internals';
import type { Volume } from './volume.js';
import { readHead } from './volume-head.js';

/**
 * Smaller volumes give too few samples to say anything: they are not sampled, but random bytes at their start are not
 * called plain either.
 */
const SMALLEST_SAMPLED: number = 64 * MIB;

const UNDECIDED: SamplingSummary = {
  verdict: 'not-enough-data',
  windows: 0,
  used: 0,
  passed: 0,
  cost: { reads: 0, bytes: 0 },
};

/** Reads and bytes of the statistics, which are counted apart. */
export interface SamplingCost {
  readonly reads: number;
  /** Bytes read. */
  readonly bytes: number;
}

/** The disk that the volumes lie on, and what encrypts it as a whole: boot loaders, the hypervisor. */
export interface WholeDisk {
  readonly source: ByteSource;
  readonly partitions: readonly DiskPartition[];
  readonly encryption: readonly EncryptionFinding[];
}

/**
 * Asks the statistics about volumes that neither a signature nor a file system driver recognised, and joins what they
 * say with traces of encryption products elsewhere on the disk.
 */
export async function sampleUnrecognised(
  volumes: readonly Volume[],
  whole: WholeDisk,
  options: ReadOptions,
): Promise<SamplingCost> {
  const cost = { reads: 0, bytes: 0 };
  for (const volume of volumes) {
    if (volume.encryption.samplingAdvised !== true || volume.fileSystem !== 'unknown') continue;
    const head = await readHead(volume.source, volume.offset, options);
    const small = volume.length < SMALLEST_SAMPLED;
    const undecided = volume.encryption.verdict !== 'none';
    if (small && !undecided && !isRandomSector(head)) continue;
    if (await hasFileSystem(volume, options)) {
      // What could not be read at its start does not matter any more.
      if (undecided) volume.reclassify({ ...noEncryption(), issues: volume.encryption.issues });
      continue;
    }
    const summary = small ? UNDECIDED : await sampleVolume(volume.source, options);
    cost.reads += summary.cost.reads;
    cost.bytes += summary.cost.bytes;
    const probe: VolumeProbe = { source: volume.source, head, diskOffset: volume.offset };
    const sampled = await applySampling(probe, volume.encryption, summary, options);
    volume.reclassify(
      applyTraces(sampled, sampled.verdict === 'random-data' ? await tracesOn(volumes, whole, options) : []),
    );
  }
  return cost;
}

async function hasFileSystem(volume: Volume, options: ReadOptions): Promise<boolean> {
  return survive(
    async () => {
      await volume.fileTree(options);
      return true;
    },
    () => false,
    options,
  );
}

async function tracesOn(
  volumes: readonly Volume[],
  whole: WholeDisk,
  options: ReadOptions,
): Promise<EncryptionTrace[]> {
  const traces: EncryptionTrace[] = whole.encryption.flatMap((finding) =>
    finding.product === undefined
      ? []
      : [
          {
            product: finding.product,
            confidence: finding.confidence,
            what: finding.evidence[0]?.what ?? 'boot loader',
            path: 'boot area of the disk',
          },
        ],
  );
  const { partitions } = whole;
  const swept = await survive(
    async () => sweepBootArea(whole.source, { ...options, partitions }),
    () => [],
    options,
  );
  traces.push(...swept);
  for (const volume of volumes) {
    if (!volume.fileSystem.startsWith('fat')) continue;
    const found = await survive(
      async () => detectEfiBootManagers(await volume.fileTree(options), { ...options, readBootManager: true }),
      () => [],
      options,
    );
    traces.push(...found);
  }
  return traces;
}
