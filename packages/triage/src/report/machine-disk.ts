import type { MachineDescription } from '@deadbox/image';

/** Which disk of which machine an image is, where the machine was named: by its description, or by an archive of it. */
export interface MachineDisk {
  /** Path of the description or archive, as it was given. */
  readonly path: string;
  /** Whose description it is. */
  readonly kind: MachineDescription['kind'];
  /** What the description calls the machine; `null` when it says nothing. */
  readonly name: string | null;
  /** Number of this disk, from 1 in the order of the description. */
  readonly disk: number;
  /** How many disks the machine has. */
  readonly disks: number;
  /** What the description calls this disk. */
  readonly recorded: string;
}
