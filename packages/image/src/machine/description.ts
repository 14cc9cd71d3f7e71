/** A machine as its hypervisor's description names it. */
export interface MachineDescription {
  /** Whose description it is. */
  readonly kind: 'vmx' | 'vbox' | 'libvirt' | 'pvs' | 'ovf';
  /** Name of the machine. */
  readonly name?: string;
  /**
   * Where its disks lie, in the order in which they are attached: the newest link of each chain, as the description
   * writes the path, absolute or from the folder of the description. Of a disk whose place it does not tell, its name
   * or number in the machine: it is a disk all the same.
   */
  readonly disks: readonly string[];
  /** Links of snapshot chains that the description records: a disk, and what was made on it. */
  readonly links: readonly { readonly parent: string; readonly child: string }[];
}
