import type { ByteSource } from '@deadbox/core';
import { NtfsVolume } from '@deadbox/ntfs';
import { findWindowsFolders } from '@deadbox/triage';
import { findBootStores, Hive } from '@deadbox/windows';
import type { ListedHive } from './api.js';
import { currentDisk, fileAt, type State } from './state.js';

const HIVES = ['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT', 'COMPONENTS', 'DRIVERS'];

/** The registry hives of the disk, then its boot stores. */
export async function findHives(state: State): Promise<readonly ListedHive[]> {
  const found: ListedHive[] = [];
  for (const volume of currentDisk(state).volumes) {
    const tree = await volume.fileTree({ signal: state.signal }).catch(() => undefined);
    if (tree === undefined) continue;
    if (tree instanceof NtfsVolume)
      for (const { path } of await findWindowsFolders(tree, { signal: state.signal }))
        for (const name of HIVES) {
          const hive = `${path}/System32/config/${name}`;
          if ((await tree.lookup(hive, { signal: state.signal })) !== undefined)
            found.push({ label: name, volume: volume.number, path: hive });
        }
    for (const { path } of await findBootStores(tree, volume.number, { signal: state.signal }))
      found.push({ label: 'BCD', volume: volume.number, path });
  }
  // Boot stores last: the registry is what one looks for here.
  return found.sort((a, b) => Number(a.label === 'BCD') - Number(b.label === 'BCD'));
}

/** A hive with its logs. */
export async function openHive(state: State, { volume, path }: ListedHive): Promise<Hive> {
  const log = async (ending: string): Promise<ByteSource | undefined> =>
    fileAt(state, volume, `${path}${ending}`).then(
      (file) => file.stream(undefined, { signal: state.signal }),
      () => undefined,
    );
  const file = await fileAt(state, volume, path);
  return Hive.open(await file.stream(undefined, { signal: state.signal }), {
    signal: state.signal,
    openLogs: async () => ({ log1: await log('.LOG1'), log2: await log('.LOG2'), log: await log('.LOG') }),
  });
}
