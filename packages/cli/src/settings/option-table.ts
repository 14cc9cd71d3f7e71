import type { OptionGroup, OptionId } from '@deadbox/report/internals';

/** What an option's value is; `list`: the option may be given more than once. */
export type OptionValue = 'none' | 'text' | 'number' | 'list';

/** An option of the command line. Its words are in the report package, by its id. */
export interface OptionSpec {
  readonly flags: string;
  readonly group: OptionGroup;
  readonly value: OptionValue;
  readonly choices?: readonly string[];
  readonly preset?: string;
}

function flag(flags: string, group: OptionGroup = 'verb'): OptionSpec {
  return { flags, group, value: 'none' };
}

function value(flags: string, group: OptionGroup = 'verb', kind: OptionValue = 'text'): OptionSpec {
  return { flags, group, value: kind };
}

function choice(flags: string, group: OptionGroup, choices: readonly string[], preset?: string): OptionSpec {
  return preset === undefined
    ? { flags, group, value: 'text', choices }
    : { flags, group, value: 'text', choices, preset };
}

/** Every option, by id. */
export const OPTIONS: Readonly<Record<OptionId, OptionSpec>> = {
  quick: flag('--quick'),
  deep: flag('--deep'),
  include: value('--include <what>'),
  target: value('--target <platform>'),
  rules: value('--rules <folder>'),
  explain: flag('--explain'),
  report: value('--report <file>', 'verb', 'list'),
  targets: value('--targets <file>'),
  'newest-clean': flag('--newest-clean'),
  jobs: value('--jobs <n>', 'verb', 'number'),
  'time-limit': value('--time-limit <time>'),
  journal: value('--journal <file>'),
  shard: value('--shard <i/n>'),
  diagnostics: value('--diagnostics <file>'),
  'diagnostics-contents': flag('--diagnostics-contents'),
  queue: value('--queue <address>'),
  'submit-site': value('--site <name>', 'verb', 'list'),
  'work-sites': value('--site <name>', 'verb', 'list'),
  drain: flag('--drain'),
  lease: value('--lease <seconds>', 'verb', 'number'),
  watch: flag('--watch'),
  'write-journal': value('--journal <file>'),
  'check-ntfs': flag('--check'),
  'volume-only': value('--volume <n>', 'verb', 'number'),
  volume: value('--volume <n>', 'verb', 'number'),
  recursive: flag('-r, --recursive'),
  'recursive-keys': flag('-r, --recursive'),
  long: flag('-l, --long'),
  follow: flag('--follow'),
  streams: flag('--streams'),
  all: flag('--all'),
  'all-fields': flag('--all'),
  deleted: flag('--deleted'),
  hash: choice('--hash <algorithm>', 'verb', ['sha256']),
  'no-hash': flag('--no-hash'),
  format: choice('--format <format>', 'verb', ['bodyfile', 'csv', 'ndjson'], 'bodyfile'),
  write: flag('--write'),
  'undo-file': value('--undo <file>'),
  overlay: value('--overlay <file>'),
  'disable-driver': value('--disable-driver <name>', 'verb', 'list'),
  blank: flag('--blank'),
  force: flag('--force'),
  'check-undo': flag('--check'),
  finish: flag('--finish'),
  parent: value('--parent <file>', 'image', 'list'),
  member: value('--member <file>', 'image', 'list'),
  disk: value('--disk <n>', 'image', 'number'),
  snapshot: value('--snapshot <name>', 'image'),
  'force-chain': flag('--force-chain', 'image'),
  incomplete: flag('--incomplete', 'image'),
  header: value('--header <line>', 'image', 'list'),
  'recovery-key': value('--recovery-key <key>', 'keys', 'list'),
  password: value('--password <text>', 'keys', 'list'),
  'startup-key': value('--startup-key <file>', 'keys', 'list'),
  keys: value('--keys <file>', 'keys', 'list'),
  output: value('-o, --output <file>', 'output'),
  quiet: flag('-q, --quiet', 'output'),
  verbose: flag('-v, --verbose', 'output'),
  'no-progress': flag('--no-progress', 'output'),
  json: flag('--json', 'output'),
  ndjson: flag('--ndjson', 'output'),
  markdown: flag('--markdown', 'output'),
  color: choice('--color <when>', 'output', ['auto', 'always', 'never'], 'auto'),
  'time-zone': value('--time-zone <zone>', 'output'),
  lang: value('--lang <language>', 'output'),
  help: flag('-h, --help', 'output'),
  version: flag('-V, --version', 'output'),
};

/** Options of every verb that opens an image. */
const IMAGE = ['parent', 'member', 'disk', 'snapshot', 'header'] as const satisfies readonly OptionId[];
/** A disk put together in spite of doubts is read, and never written to. */
const DOUBTFUL_IMAGE = ['force-chain', 'incomplete'] as const satisfies readonly OptionId[];
const KEYS = ['recovery-key', 'password', 'startup-key', 'keys'] as const satisfies readonly OptionId[];
const BYTES = ['output', 'quiet', 'verbose', 'no-progress'] as const satisfies readonly OptionId[];
const LANGUAGE = ['lang', 'help'] as const satisfies readonly OptionId[];
/** Options of verbs that show text, or data for programs. */
const TEXT = ['json', 'ndjson', 'color', 'time-zone'] as const satisfies readonly OptionId[];

/** Options of a verb whose answer is a page, or data. */
export const PAGE_OPTIONS: readonly OptionId[] = [...TEXT, 'markdown', ...LANGUAGE];
/** The same for an answer of lines. */
export const LINE_OPTIONS: readonly OptionId[] = [...TEXT, ...LANGUAGE];
/** Options of a verb whose answer goes where `-o` says, and is always of one form. */
export const FILE_OPTIONS: readonly OptionId[] = ['output', ...LANGUAGE];
/** Options of a verb that opens an image that it may write to. */
export const IMAGE_OPTIONS: readonly OptionId[] = [...IMAGE, ...KEYS, ...BYTES];
/** Options of a verb that only reads an image. */
export const READING_OPTIONS: readonly OptionId[] = [...IMAGE, ...DOUBTFUL_IMAGE, ...KEYS, ...BYTES];
export const LANGUAGE_OPTIONS: readonly OptionId[] = LANGUAGE;
