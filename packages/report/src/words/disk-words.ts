import type { HibernationState, LogCondition, VolumeCheck } from '@deadbox/ntfs';
import type { PartitionRole } from '@deadbox/partitions';
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
