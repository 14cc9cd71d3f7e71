/** Base image of a bundle, and the state behind a first snapshot. */
export const PARALLELS_STATES = {
  base: '{5fbaabe3-6958-40ff-92a7-860e329aab41}',
  top: '{11111111-2222-3333-4444-555555555555}',
} as const;

/** A Parallels expandable image (QEMU docs/interop/parallels; synthetic) with these entries in its table. */
export function writeParallels(recipe: {
  sectors: number;
  clusterSectors?: number;
  extended?: boolean;
  entries?: readonly number[];
  inUse?: boolean;
  flags?: number;
  /** Where it lies in the file, and what. */
  data?: { offset: number; bytes: Uint8Array };
}): Uint8Array<ArrayBuffer> {
  const { sectors, clusterSectors = 8, entries = [], data } = recipe;
  const bytes = new Uint8Array(
    Math.max(64 + entries.length * 4, data === undefined ? 0 : data.offset + data.bytes.length),
  );
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from(recipe.extended === true ? 'WithouFreSpacExt' : 'WithoutFreeSpace', 'latin1'));
  view.setUint32(16, 2, true);
  view.setUint32(28, clusterSectors, true);
  view.setUint32(32, entries.length, true);
  view.setBigUint64(36, BigInt(sectors), true);
  view.setUint32(44, recipe.inUse === true ? 0x746f_6e59 : 0x312e_3276, true);
  view.setUint32(52, recipe.flags ?? 0, true);
  entries.forEach((entry, index) => view.setUint32(64 + index * 4, entry, true));
  if (data !== undefined) bytes.set(data.bytes, data.offset);
  return bytes;
}

/** A `DiskDescriptor.xml` (QEMU docs/interop/prl-xml) of these parts. */
export function parallelsDescriptor(recipe: {
  storages: readonly {
    start: number | string;
    end: number | string;
    images: readonly { guid: string; file: string; type?: string }[];
  }[];
  size?: number;
  parameters?: string;
  snapshots?: string;
}): Uint8Array<ArrayBuffer> {
  const storages = recipe.storages.map(({ start, end, images }) => {
    const files = images.map(
      ({ guid, file, type = 'Compressed' }) =>
        `<Image><GUID>${guid}</GUID><Type>${type}</Type><File>${file}</File></Image>`,
    );
    return `<Storage><Start>${start}</Start><End>${end}</End>${files.join('')}</Storage>`;
  });
  const size = recipe.size === undefined ? '' : `<Disk_size>${recipe.size}</Disk_size>`;
  const xml = `<?xml version='1.0' encoding='UTF-8'?>
<Parallels_disk_image Version="1.0"><Disk_Parameters>${size}${recipe.parameters ?? ''}</Disk_Parameters>
<StorageData>${storages.join('')}</StorageData>${recipe.snapshots ?? ''}</Parallels_disk_image>`;
  return new TextEncoder().encode(xml);
}

/** The `Snapshots` element: which state is the newest, and what each was made on. */
export function parallelsSnapshots(top: string | undefined, shots: readonly (readonly [string, string])[]): string {
  const list = shots.map(([guid, parent]) => `<Shot><GUID>${guid}</GUID><ParentGUID>${parent}</ParentGUID></Shot>`);
  return `<Snapshots>${top === undefined ? '' : `<TopGUID>${top}</TopGUID>`}${list.join('')}</Snapshots>`;
}
