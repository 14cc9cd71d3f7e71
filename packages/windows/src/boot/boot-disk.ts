/** A partition of the disk that is checked. */
export interface BootPartition {
  /** 1-based, as the partition table's reader numbers them. */
  readonly number: number;
  /** Bytes from the beginning of the disk. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  /** GPT: the partition's own GUID. */
  readonly partitionId?: string | undefined;
  /** Marked as the EFI system partition (GPT type C12A7328…, MBR type 0xEF). */
  readonly efiSystem?: boolean | undefined;
  /** MBR: marked active. */
  readonly active?: boolean | undefined;
}

/** The identity and partitions of the disk that is checked; any reader of partition tables can give it. */
export interface BootDisk {
  /** Kind of partition table. */
  readonly table: 'gpt' | 'mbr';
  /** GPT: GUID of the disk. MBR: signature as hexadecimal digits. Braces, `0x` and case do not matter. */
  readonly diskId: string;
  /** GPT: the GUID in the backup header, when it could be read. */
  readonly backupDiskId?: string | undefined;
  /** The partitions that a store can name. */
  readonly partitions: readonly BootPartition[];
}

/**
 * An id in the form in which ids are compared: upper case, without braces or `0x`; MBR signatures have eight digits.
 */
export function normalId(id: string): string {
  const bare = id
    .trim()
    .toUpperCase()
    .replace(/^\{(.*)\}$/, '$1')
    .replace(/^0X/, '');
  return bare.includes('-') ? bare : bare.padStart(8, '0');
}

/** Whether two ids name the same disk or partition. */
export function sameId(left: string | undefined, right: string | undefined): boolean {
  return left !== undefined && right !== undefined && normalId(left) === normalId(right);
}

/** Pairs of disks with the same identity among several images: they must not be attached to one Windows together. */
export function sharedIdentities(
  disks: readonly { name: string; diskId: string }[],
): { diskId: string; names: string[] }[] {
  const shared: { diskId: string; names: string[] }[] = [];
  for (const { name, diskId } of disks) {
    if (/^0*$/.test(diskId.replace(/^0x/i, ''))) continue;
    const known = shared.find((group) => sameId(group.diskId, diskId));
    if (known === undefined) shared.push({ diskId, names: [name] });
    else known.names.push(name);
  }
  return shared.filter((group) => group.names.length > 1);
}
