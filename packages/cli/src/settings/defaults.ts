import type { NoDefault, OptionId } from '@deadbox/report/internals';
import { OPTIONS } from './option-table.js';

/**
 * Which options may have a default, in a variable or in the configuration file, and why the others have none. Nothing
 * that writes, that shortens an answer, or that is a secret comes from anywhere but the call itself.
 */
const DEFAULTS: Readonly<Record<OptionId, 'default' | NoDefault>> = {
  include: 'default',
  target: 'default',
  rules: 'default',
  jobs: 'default',
  queue: 'default',
  'submit-site': 'default',
  'work-sites': 'default',
  lease: 'default',
  quiet: 'default',
  verbose: 'default',
  'no-progress': 'default',
  color: 'default',
  'time-zone': 'default',
  lang: 'default',
  quick: 'weakens',
  'time-limit': 'weakens',
  'force-chain': 'weakens',
  incomplete: 'weakens',
  force: 'weakens',
  blank: 'writes',
  report: 'writes',
  diagnostics: 'writes',
  'diagnostics-contents': 'secret',
  journal: 'writes',
  'write-journal': 'writes',
  write: 'writes',
  'undo-file': 'writes',
  overlay: 'writes',
  'disable-driver': 'writes',
  finish: 'writes',
  output: 'writes',
  'recovery-key': 'secret',
  password: 'secret',
  'startup-key': 'secret',
  keys: 'secret',
  header: 'secret',
  deep: 'each-call',
  explain: 'each-call',
  targets: 'each-call',
  'newest-clean': 'each-call',
  shard: 'each-call',
  drain: 'each-call',
  watch: 'each-call',
  'check-ntfs': 'each-call',
  'volume-only': 'each-call',
  volume: 'each-call',
  recursive: 'each-call',
  'recursive-keys': 'each-call',
  long: 'each-call',
  follow: 'each-call',
  streams: 'each-call',
  all: 'each-call',
  'all-fields': 'each-call',
  deleted: 'each-call',
  hash: 'each-call',
  'no-hash': 'each-call',
  format: 'each-call',
  'check-undo': 'each-call',
  parent: 'each-call',
  member: 'each-call',
  disk: 'each-call',
  snapshot: 'each-call',
  json: 'each-call',
  ndjson: 'each-call',
  markdown: 'each-call',
  help: 'each-call',
  version: 'each-call',
};

/** A default that may be set. */
export interface Setting {
  /** Its name in the configuration file: the option's, without dashes before it. */
  readonly key: string;
  /** Its environment variable. */
  readonly variable: string;
  /** The options that it stands for: of several verbs, where they share their letters. */
  readonly options: readonly OptionId[];
}

/** The name of an option as it is typed, without dashes before it. */
function keyOf(option: OptionId): string {
  return /--([a-z-]+)/.exec(OPTIONS[option].flags)?.[1] ?? option;
}

/** Every default that may be set, in the order of the table above. */
export function settingTable(): Setting[] {
  const byKey = new Map<string, OptionId[]>();
  for (const [id, kind] of Object.entries(DEFAULTS) as [OptionId, string][])
    if (kind === 'default') byKey.set(keyOf(id), [...(byKey.get(keyOf(id)) ?? []), id]);
  return [...byKey].map(([key, options]) => ({
    key,
    variable: `DEADBOX_${key.replaceAll('-', '_').toUpperCase()}`,
    options,
  }));
}

/** Why an option has no default; `undefined` for a name that no option has. */
export function whyNoDefault(key: string): NoDefault | undefined {
  for (const [id, kind] of Object.entries(DEFAULTS) as [OptionId, 'default' | NoDefault][])
    if (kind !== 'default' && keyOf(id) === key) return kind;
  return undefined;
}
