import type { PlacedRecord } from './ldm-database.js';

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
  /** Byte of the volume (of the copy, when mirrored) that the part begins with. */
  readonly volumeOffset: number;
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
  /** All parts, those on other disks too. */
  readonly parts: readonly LdmPart[];
  /** Names of other disks that hold parts: what is missing to read a volume that is not simple or mirrored. */
  readonly otherDisks: readonly string[];
  /** Byte offset of the volume's record on the disk. */
  readonly recordOffset: number;
}

const SECTOR = 512;
const LAYOUT = { striped: 1, spanned: 2, raid: 3 } as const;

/**
 * Puts the records of a database together.
 * @param diskId - GUID of the disk at hand, upper case
 * @param dataOffset - byte of the disk that the parts' sectors count from
 * @param recordsOffset - byte of the disk that the records' `at` counts from
 */
export function assembleLdmVolumes(
  records: readonly PlacedRecord[],
  diskId: string,
  dataOffset: number,
  recordsOffset: number,
): LdmVolume[] {
  const of = <K extends PlacedRecord['kind']>(kind: K): Extract<PlacedRecord, { kind: K }>[] =>
    records.filter((record): record is Extract<PlacedRecord, { kind: K }> => record.kind === kind);
  const disks = new Map(of('disk').map((disk) => [disk.id, disk]));
  return of('volume').map((volume) => {
    const components = of('component').filter((component) => component.volume === volume.id);
    const parts = components.flatMap((component) =>
      of('part')
        .filter((part) => part.component === component.id)
        .toSorted((a, b) => a.volumeOffset - b.volumeOffset)
        .map((part) => {
          const disk = disks.get(part.disk);
          return {
            diskId: disk?.guid,
            diskName: disk?.name ?? '',
            offset: disk?.guid === diskId ? dataOffset + part.start * SECTOR : undefined,
            length: part.sectors * SECTOR,
            volumeOffset: part.volumeOffset * SECTOR,
          };
        }),
    );
    return {
      name: volume.name,
      id: volume.guid,
      length: volume.sectors * SECTOR,
      layout: layoutOf(volume.raid5, components, parts.length),
      partitionType: volume.partitionType,
      driveLetter: volume.hint,
      parts,
      otherDisks: [...new Set(parts.filter((part) => part.diskId !== diskId).map((part) => part.diskName))],
      recordOffset: recordsOffset + volume.at,
    };
  });
}

function layoutOf(raid5: boolean, components: readonly { layout: number }[], parts: number): LdmVolume['layout'] {
  if (raid5) return 'raid5';
  if (components.length > 1) return 'mirrored';
  if (components[0]?.layout === LAYOUT.striped) return 'striped';
  return parts > 1 ? 'spanned' : 'simple';
}
