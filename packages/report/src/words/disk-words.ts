import type { ImageCheck, ImageVerification } from '@deadbox/image';
import type { HibernationState, LogCondition, VolumeCheck } from '@deadbox/ntfs';
import type { DynamicVolume, PartitionRole } from '@deadbox/partitions';
import type { Phrase } from '../document/phrase.js';

/** Words of container, partition table and volumes. */
export interface DiskWords {
  readonly labels: Readonly<
    Record<
      | 'format'
      | 'virtualSize'
      | 'storedHash'
      | 'parent'
      | 'partitions'
      | 'issue'
      | 'place'
      | 'partition'
      | 'dynamic'
      | 'serial'
      | 'ntfs'
      | 'journal'
      | 'hibernation'
      | 'bootSector'
      | 'encryption'
      | 'made'
      | 'protector'
      | 'check'
      | 'error',
      string
    >
  >;
  readonly roles: Readonly<Record<PartitionRole, string>>;
  /** File systems whose name is not the same in every language. */
  readonly noFileSystem: string;
  readonly hibernation: Readonly<Record<HibernationState, string>>;
  readonly journal: Readonly<Record<LogCondition, string>>;
  volume(number: number): string;
  volumes(count: number): string;
  readonly noTable: string;
  table(kind: 'gpt' | 'mbr' | 'none', sectorSize: number, diskId: string | null): Phrase;
  /** Where a volume lies. */
  place(size: string, offset: number): Phrase;
  partition(type: string, id: string | null, name: string): Phrase;
  virtualSize(size: string, bytes: string): Phrase;
  ntfs(facts: { version: string; cluster: string; record: string; dirty: boolean }): Phrase;
  journalState(state: string, version: string | null): Phrase;
  /** A volume of a dynamic disk, and the other disks that hold parts of it. */
  dynamic(layout: DynamicVolume['layout'], otherDisks: readonly string[]): Phrase;
  readonly backupBootSector: string;
  readonly check: CheckWords;
  hash(facts: { algorithm: string; stored: string; computed: string; match: boolean }): Phrase;
  readonly noHash: string;
}

/** Words for the health of a volume's structures. */
export interface CheckWords {
  readonly sound: string;
  readonly notSound: string;
  readonly bootSectors: Readonly<Record<VolumeCheck['boot']['primary'], string>>;
  readonly backupBootSectors: Readonly<Record<VolumeCheck['boot']['backup'], string>>;
  boot(primary: string, backup: string, firstDifference: number | undefined): Phrase;
  mirrorUnreadable(why: string): Phrase;
  readonly mirrorEqual: string;
  mirrorDiffers(records: readonly number[]): Phrase;
  records(inUse: number, records: number, bad: number): Phrase;
  usedButFree(count: number): Phrase;
  freeButUsed(count: number): Phrase;
  indexes(directories: number, entries: number, damaged: number): Phrase;
  entriesWithoutRecord(count: number, names: Phrase): Phrase;
  recordsWithoutEntry(count: number, names: Phrase): Phrase;
  outOfOrder(count: number, names: Phrase): Phrase;
}

/** Words of `verify`. */
export interface VerifyWords {
  readonly labels: Readonly<Record<'structures' | 'content' | 'unreadable' | 'result', string>>;
  readonly verdicts: Readonly<Record<ImageVerification['verdict'], string>>;
  structures(outcome: ImageCheck['outcome']): Phrase;
  /** @param unreadable - how much of the disk cannot be read; `undefined` when all can */
  content(facts: { wrongBlocks: number; unreadable: string | undefined }): Phrase;
  /** A stored hash. @param file - the file that it is of; `undefined` for the disk itself */
  hash(facts: { stored: string; computed: string; file: string | undefined; outcome: ImageCheck['outcome'] }): Phrase;
  unreadable(size: string, offset: number, reason: Phrase): Phrase;
  /** Why the rest of a disk was not read. */
  notTried(failedReads: number): Phrase;
}
