/** An input that is made to cost more than its size. */
export interface Attack {
  readonly name: string;
  /** What is shared, cyclic or absurd in it. */
  readonly idea: string;
  /** The file, byte for byte. */
  readonly bytes: () => Uint8Array<ArrayBuffer>;
  /** File name, whose extension may choose the format. */
  readonly file: string;
  /**
   * Arguments of the command line for each verb that reads it; `FILE` is its path, `FOLDER` its folder, `OUT` a file to
   * write.
   */
  readonly verbs: readonly (readonly string[])[];
  /** Variables of the environment, with the same names of places. */
  readonly environment?: Readonly<Record<string, string>>;
}

export const MIB: number = 1 << 20;
/** Bytes of a volume that is attacked. */
export const VOLUME: number = 10 * MIB;

/** Every verb that reads an image, with the options that make it read more or write in another form. */
export const imageVerbs: readonly (readonly string[])[] = [
  ['info', 'FILE'],
  ['info', '--check', 'FILE'],
  ['info', '--incomplete', '--json', 'FILE'],
  ['verify', 'FILE'],
  ['scan', 'FILE'],
  ['scan', '--quick', 'FILE'],
  ['scan', '--deep', 'FILE'],
  ['scan', '--deep', '--explain', '--include', 'old,vss', 'FILE'],
  ['scan', '--deep', '--target', 'azure-nvme', '--json', 'FILE'],
  ['why', '0x7B', 'FILE'],
  ['why', '0xC000000E', '--json', 'FILE'],
  ['ls', '-r', 'FILE'],
  ['ls', '-r', '-l', '--follow', 'FILE'],
  ['ls', '-r', '--streams', '--deleted', '--all', '--json', 'FILE'],
  ['ls', '-r', '--hash', 'sha256', 'FILE'],
  ['stat', 'FILE', '/Windows/System32/drivers'],
  ['stat', '--json', 'FILE', '#0'],
  ['cat', 'FILE', '/Windows/System32/ntoskrnl.exe'],
  ['timeline', 'FILE'],
  ['timeline', '--format', 'csv', 'FILE'],
  ['export', 'FILE', '-o', 'OUT'],
  ['export', '--volume', '1', 'FILE', '-o', 'OUT'],
  ['reg', '-r', 'FILE', 'SYSTEM'],
  ['reg', '-r', '--json', 'FILE', 'SOFTWARE'],
  ['reg', 'FILE', 'SYSTEM\\ControlSet001\\Services'],
  ['boot', 'FILE'],
  ['boot', '--json', 'FILE'],
  ['fix', 'FILE'],
  ['fix', '--json', 'FILE'],
];
