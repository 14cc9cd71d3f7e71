/** Options that several verbs share, as commander gives them. */
export interface CommonOptions {
  readonly volume?: number;
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly output?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** commander's form of `--no-progress`. */
  readonly progress?: boolean;
  readonly color?: 'auto' | 'always' | 'never';
  readonly timeZone?: string;
  readonly lang?: string;
  readonly markdown?: boolean;
  readonly recoveryKey?: string[];
  readonly password?: string[];
  readonly startupKey?: string[];
  readonly keys?: string[];
  readonly parent?: string[];
  readonly member?: string[];
  readonly snapshot?: string;
  /** Number of the disk of an archive or a machine, from 1. */
  readonly disk?: number;
  readonly forceChain?: boolean;
  readonly incomplete?: boolean;
  readonly header?: string[];
  /** Go on through links inside the volume (`ls`, `stat`, `cat`). */
  readonly follow?: boolean;
}
