import { isDamage, type ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { NtfsVolume } from '@deadbox/ntfs';
import { findWindowsFolders } from './find-windows.js';

/** Looks into a volume for what its role depends on: Windows, a boot manager, the recovery environment. */
export async function refineVolumeRole(volume: Volume, options: ReadOptions = {}): Promise<void> {
  if (volume.locked) return;
  try {
    const tree = await volume.fileTree(options);
    if (!(tree instanceof NtfsVolume)) return;
    const holdsWindows = (await findWindowsFolders(tree, options)).length > 0;
    if (holdsWindows) volume.refineRole({ holdsWindows });
    else {
      const there = async (path: string): Promise<boolean> => (await tree.lookup(path, options)) !== undefined;
      volume.refineRole({
        holdsBootManager: (await there('/bootmgr')) || (await there('/Boot/BCD')),
        holdsRecovery: await there('/Recovery/WindowsRE/Winre.wim'),
      });
    }
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
  }
}
