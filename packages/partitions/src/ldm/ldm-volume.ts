import { SECTOR } from '@deadbox/core';
import type { LdmVolume } from '../table/dynamic-disk.js';
import type { PlacedRecord } from './ldm-database.js';

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
  const componentsOf = groupedBy(of('component'), (component) => component.volume);
  const partsOf = groupedBy(of('part'), (part) => part.component);
  return of('volume').map((volume) => {
    const components = componentsOf.get(volume.id) ?? [];
    const parts = components.flatMap((component, copy) =>
      (partsOf.get(component.id) ?? [])
        .toSorted((a, b) => a.column - b.column || a.volumeOffset - b.volumeOffset)
        .map((part) => {
          const disk = disks.get(part.disk);
          return {
            diskId: disk?.guid,
            diskName: disk?.name ?? '',
            offset: disk?.guid === diskId ? dataOffset + part.start * SECTOR : undefined,
            length: part.sectors * SECTOR,
            volumeOffset: part.volumeOffset * SECTOR,
            column: part.column,
            copy,
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
      stripeLength: (components[0]?.stripeSectors ?? 0) * SECTOR,
      parts,
      otherDisks: [...new Set(parts.filter((part) => part.diskId !== diskId).map((part) => part.diskName))],
      recordOffset: recordsOffset + volume.at,
    };
  });
}

function groupedBy<T>(list: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of list) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function layoutOf(raid5: boolean, components: readonly { layout: number }[], parts: number): LdmVolume['layout'] {
  if (raid5) return 'raid5';
  if (components.length > 1) return 'mirrored';
  if (components[0]?.layout === LAYOUT.striped) return 'striped';
  return parts > 1 ? 'spanned' : 'simple';
}
