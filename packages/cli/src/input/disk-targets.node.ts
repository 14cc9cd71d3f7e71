import { usageError } from '../exit-code.js';
import type { MachineTarget } from './machines.node.js';
import { isUrl } from './targets.node.js';

/** One disk to work on: an image, a device or an address, alone or as one of a machine. */
export type DiskTarget = Pick<MachineTarget, 'path' | 'disk'> &
  Partial<Pick<MachineTarget, 'machine'>> & {
    /** Id of the snapshot inside the image; its present state when absent. */
    readonly snapshot?: string;
    /** Its file system did not answer in time: nobody is to ask it again. */
    readonly silent?: true;
  };

/** Endings of the files that describe a machine, and of the archives of one. */
const DESCRIPTION = /\.(vmx|vbox|pvs|xml|ovf)$/i;
const ARCHIVE = /\.ova$/i;

/** The disks that each name stands for: those of a machine together, everything else alone. */
export async function diskTargets(names: readonly string[], wanted: number | undefined): Promise<DiskTarget[][]> {
  const groups: DiskTarget[][] = [];
  for (const name of names) {
    const disks = await machineDisks(name);
    if (disks === undefined) groups.push([{ path: name, ...(wanted === undefined ? {} : { disk: wanted }) }]);
    else groups.push(wanted === undefined ? disks : [nth(disks, wanted)]);
  }
  return groups;
}

/** The disks of the machine that `name` describes or archives; `undefined` for everything else. */
async function machineDisks(name: string): Promise<MachineTarget[] | undefined> {
  if (isUrl(name)) return undefined;
  if (ARCHIVE.test(name)) return (await import('./machines.node.js')).archivedDisks(name);
  return describedDisks(name);
}

/** The disks of the machine that the file describes; loaded only for files that may. */
export async function describedDisks(name: string): Promise<MachineTarget[] | undefined> {
  return DESCRIPTION.test(name) && !isUrl(name) ? (await import('./machines.node.js')).describedDisks(name) : undefined;
}

/** @throws UsageError when the machine has fewer disks */
export function nth(disks: readonly MachineTarget[], number: number): MachineTarget {
  const target = disks[number - 1];
  if (target !== undefined) return target;
  const [first] = disks;
  throw usageError('no-such-disk', {
    image: first?.machine.path ?? '',
    number,
    disks: disks.map(({ machine }) => machine.recorded),
  });
}
