import type { Evidence, Json, ReadOptions } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { BootFindingId, BootVerdict } from '@deadbox/windows';
import type { BootManagerCauseId, KnownCauseId } from '../cause-kinds/cause-kinds.js';
import { isTooLong } from '../machine/boot-report.js';
import { diskEvidence } from '../obstacles/obstacle-evidence.js';
import type { BootReport } from '../report/report-types.js';
import type { DiskSubject } from '../subject/disk-subject.js';
import type { FoundCause } from './cause.js';

type MappedId = BootManagerCauseId | 'loader-file-bad';

/**
 * Verdicts of the boot check that are one cause. A missing system partition is the firmware's business, a loader that
 * is not found has several.
 */
const BY_VERDICT: Readonly<Partial<Record<BootVerdict, MappedId>>> = {
  'identity-changed': 'bcd-identity',
  'partition-missing': 'bcd-device',
  'converted-disk': 'bcd-device',
  'store-missing': 'bcd-missing',
  'store-damaged': 'bcd-damaged',
  'default-entry-missing': 'bcd-default-missing',
};

/** What the store of a disk tells. */
const FROM_STORE: readonly KnownCauseId[] = [
  'bcd-identity',
  'bcd-device',
  'bcd-default-missing',
  'bcd-wrong-loader-name',
  'bcd-systemroot-wrong',
  'bcd-default-setup',
  'bcd-imc',
  'bcd-bootsequence',
  'bcd-resume-stale',
  'bcd-custom-kernel',
  'bcd-debug-wait',
  'bcd-memory-limit',
  'recovery-loop',
  'winre-broken',
  'safe-boot-left',
  'loader-file-bad',
];

/** Where a GPT header and an MBR keep the identity of the disk. */
const GPT_DISK_ID = { offset: 56, length: 16 } as const;
const MBR_SIGNATURE = { offset: 0x1b8, length: 4 } as const;

/** What the boot check found, as a cause: one at most, as its verdict is the worst. */
export async function bootCheckCauses(
  { disk, boot, doubts }: DiskSubject,
  options: ReadOptions,
): Promise<readonly FoundCause[]> {
  if (boot === undefined) return [];
  const { store } = boot;
  if (store !== null && isTooLong(boot))
    doubts.add(FROM_STORE, { volume: store.partition, path: store.path, reason: 'too-many' });
  const id = causeOf(boot);
  if (id === undefined) return [];
  return [
    {
      id,
      severity: boot.severity,
      confidence: 'proves',
      volume: boot.store?.partition ?? null,
      installation: null,
      codes: boot.codes,
      data: factsOf(boot),
      evidence: id === 'bcd-identity' ? await identityEvidence(disk, options) : [],
    },
  ];
}

function causeOf(boot: BootReport): MappedId | undefined {
  if (boot.verdict !== 'loader-missing') return BY_VERDICT[boot.verdict];
  const found = (id: BootFindingId): BootReport['findings'][number] | undefined =>
    boot.findings.find((finding) => finding.id === id);
  if (found('loader-wrong-firmware') !== undefined) return 'bcd-wrong-loader-name';
  if (found('system-root-missing') !== undefined) return 'bcd-systemroot-wrong';
  const missing = found('loader-file-missing');
  // A boot manager that is not there is no fault of the store.
  if (missing === undefined) return undefined;
  return missing.data.found === undefined ? 'loader-file-bad' : 'bcd-wrong-loader-name';
}

/** The facts of all findings together, and which store and identity they are about. */
function factsOf({ findings, store, identity }: BootReport): Record<string, Json> {
  return {
    ...Object.assign({}, ...findings.map(({ data }) => data)),
    store: store?.path ?? null,
    current: identity?.current ?? null,
    former: identity?.former ?? null,
  };
}

function identityEvidence(disk: Disk, options: ReadOptions): Promise<Evidence[]> {
  const { kind, sectorSize } = disk.table;
  if (kind === 'none') return Promise.resolve([]);
  const { offset, length } =
    kind === 'gpt' ? { ...GPT_DISK_ID, offset: sectorSize + GPT_DISK_ID.offset } : MBR_SIGNATURE;
  return diskEvidence(disk, 'disk identity', offset, length, options);
}
