/** Options that several verbs share, as commander gives them. */
export interface CommonOptions {
  volume?: number;
  json?: boolean;
  ndjson?: boolean;
  output?: string;
  quiet?: boolean;
  /** commander's form of `--no-progress`. */
  progress?: boolean;
  color?: 'auto' | 'always' | 'never';
  timeZone?: string;
  recoveryKey?: string[];
  password?: string[];
  startupKey?: string[];
  keys?: string[];
  parent?: string[];
  snapshot?: string;
  header?: string[];
  /** Go on through links inside the volume (`ls`, `stat`, `cat`). */
  follow?: boolean;
}
