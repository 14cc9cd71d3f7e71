/** One piece of an LDM volume. */
export interface LdmPart {
  /** GUID of the disk that holds it, upper case; `undefined` when the database does not know the disk. */
  readonly diskId: string | undefined;
  /** Name of the disk in the group, e.g. `Disk1`. */
  readonly diskName: string;
  /** First byte on that disk; only known for the disk that the database was read from. */
  readonly offset: number | undefined;
  /** Length in bytes. */
  readonly length: number;
  /** Byte of the volume (of the copy, when mirrored) that the part begins with; of a striped volume, in its column. */
  readonly volumeOffset: number;
  /** Column of a striped or RAID-5 volume, from 0 on. */
  readonly column: number;
  /** Number of the copy that the part belongs to, from 0 on; only a mirrored volume has more than one. */
  readonly copy: number;
}

/** A volume of a dynamic disk's group. */
export interface LdmVolume {
  /** Name in the group, e.g. `Volume1`. */
  readonly name: string;
  /** Volume GUID, upper case. */
  readonly id: string;
  /** Length in bytes. */
  readonly length: number;
  /** How the volume lies on its disks. */
  readonly layout: 'simple' | 'spanned' | 'striped' | 'mirrored' | 'raid5';
  /** MBR type byte that the volume would have as a partition. */
  readonly partitionType: number;
  /** Drive letter that Windows last gave it, e.g. `E:`; empty when none is kept. */
  readonly driveLetter: string;
  /** Bytes that lie together in one column of a striped or RAID-5 volume; 0 for others. */
  readonly stripeLength: number;
  /** All parts, those on other disks too. */
  readonly parts: readonly LdmPart[];
  /** Names of other disks that hold parts: what is missing to read a volume that is not simple or mirrored. */
  readonly otherDisks: readonly string[];
  /** Byte offset of the volume's record on the disk. */
  readonly recordOffset: number;
}

/** A dynamic disk's group and its volumes. */
export interface LdmDatabase {
  /** GUID of this disk in the group, upper case. */
  readonly diskId: string;
  /** GUID of the disk group, upper case. */
  readonly groupId: string;
  /** Name of the disk group. */
  readonly groupName: string;
  /** Every volume of the group, those on other disks too. */
  readonly volumes: readonly LdmVolume[];
}

/** A volume of a dynamic disk that does not lie on this disk in one piece. */
export interface DynamicVolume {
  readonly layout: LdmVolume['layout'];
  /** Names of the other disks of the group that it needs, as the database has them. */
  readonly otherDisks: readonly string[];
}
