import { healthyDisk } from './healthy-disk.js';
import type { SparseMemory } from './sparse-memory.js';
import { imageFile } from './windows-files.js';

/** A server has about 300 drivers that start with it; most are 50 to 150 KB. */
export const BOOT_DRIVERS = 300;

/** A healthy disk of such a server. */
export function busyServer(): Promise<SparseMemory> {
  return healthyDisk({
    change(draft) {
      for (let number = 0; number < BOOT_DRIVERS; number += 1) {
        const name = `vendor${String(number).padStart(3, '0')}`;
        draft.system[`ControlSet001\\Services\\${name}`] = {
          Start: 0,
          Type: 1,
          ErrorControl: 1,
          Group: 'Base',
          ImagePath: { expand: `System32\\drivers\\${name}.sys` },
        };
        draft.files[`/Windows/System32/drivers/${name}.sys`] = imageFile(`${name}.sys`, draft.kind, {
          code: { size: 80 << 10, seed: number },
        });
      }
    },
  });
}
