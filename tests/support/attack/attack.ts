/** An input that is made to cost more than its size. */
export interface Attack {
  readonly name: string;
  /** What is shared, cyclic or absurd in it. */
  readonly idea: string;
  /** The file, byte for byte. */
  readonly bytes: () => Uint8Array<ArrayBuffer>;
  /** File name, whose extension may choose the format. */
  readonly file: string;
  /** Arguments of the command line for each verb that reads it; `FILE` is its path, `FOLDER` its folder, `OUT` a file to write. */
  readonly verbs: readonly (readonly string[])[];
}

export const MIB: number = 1 << 20;
/** Bytes of a volume that is attacked. */
export const VOLUME: number = 10 * MIB;

/** Every verb that reads an image. */
export const imageVerbs: readonly (readonly string[])[] = [
  ['info', 'FILE'],
  ['info', '--check', 'FILE'],
  ['scan', 'FILE'],
  ['scan', '--quick', 'FILE'],
  ['scan', '--deep', 'FILE'],
  ['scan', '--deep', '--explain', '--include', 'old,vss', 'FILE'],
  ['ls', '-r', 'FILE'],
  ['ls', '-r', '--streams', '--deleted', '--all', '--json', 'FILE'],
  ['ls', '-r', '--hash', 'sha256', 'FILE'],
  ['stat', 'FILE', '/Windows/System32/drivers'],
  ['cat', 'FILE', '/Windows/System32/ntoskrnl.exe'],
  ['timeline', 'FILE'],
  ['timeline', '--format', 'csv', 'FILE'],
  ['export', 'FILE', '-o', 'OUT'],
  ['reg', '-r', 'FILE', 'SYSTEM'],
  ['reg', 'FILE', 'SYSTEM\\ControlSet001\\Services'],
  ['boot', 'FILE'],
  ['fix', 'FILE'],
];
