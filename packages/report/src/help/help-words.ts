import type { Phrase } from '../document/phrase.js';
import type { SettingWords } from './settings/setting-words.js';
import type { VerboseWords } from './verbose/verbose-words.js';

/** Every command; a command of a command is named by both words. */
export type VerbId =
  | 'scan'
  | 'report'
  | 'info'
  | 'verify'
  | 'export'
  | 'ls'
  | 'stat'
  | 'cat'
  | 'timeline'
  | 'reg'
  | 'boot'
  | 'why'
  | 'walk'
  | 'page'
  | 'fix'
  | 'undo'
  | 'rules'
  | 'rules list'
  | 'rules show'
  | 'rules check'
  | 'completion'
  | 'config'
  | 'version'
  | 'fleet'
  | 'fleet submit'
  | 'fleet work'
  | 'fleet status'
  | 'fleet cancel';

/** Parts of the list of all commands. */
export type VerbGroup = 'judge' | 'fleet' | 'look' | 'take' | 'repair' | 'about';

/** Every option. Options of two commands that share their letters and not their meaning have ids of their own. */
export type OptionId =
  | 'quick'
  | 'deep'
  | 'include'
  | 'target'
  | 'rules'
  | 'explain'
  | 'report'
  | 'targets'
  | 'newest-clean'
  | 'jobs'
  | 'time-limit'
  | 'journal'
  | 'shard'
  | 'diagnostics'
  | 'diagnostics-contents'
  | 'queue'
  | 'submit-site'
  | 'work-sites'
  | 'drain'
  | 'lease'
  | 'watch'
  | 'write-journal'
  | 'check-ntfs'
  | 'volume-only'
  | 'volume'
  | 'recursive'
  | 'recursive-keys'
  | 'long'
  | 'follow'
  | 'streams'
  | 'all'
  | 'all-fields'
  | 'deleted'
  | 'hash'
  | 'no-hash'
  | 'format'
  | 'write'
  | 'undo-file'
  | 'overlay'
  | 'disable-driver'
  | 'blank'
  | 'force'
  | 'check-undo'
  | 'finish'
  | 'parent'
  | 'member'
  | 'disk'
  | 'snapshot'
  | 'force-chain'
  | 'incomplete'
  | 'header'
  | 'recovery-key'
  | 'password'
  | 'startup-key'
  | 'keys'
  | 'output'
  | 'quiet'
  | 'verbose'
  | 'no-progress'
  | 'json'
  | 'ndjson'
  | 'markdown'
  | 'color'
  | 'time-zone'
  | 'lang'
  | 'help'
  | 'version';

/** Parts of a command's list of options. */
export type OptionGroup = 'verb' | 'image' | 'keys' | 'output';

/** Every argument, by what it stands for. */
export type ArgumentId =
  | 'targets'
  | 'journals'
  | 'image'
  | 'image-or-mft'
  | 'image-or-hive'
  | 'image-or-store'
  | 'image-asked'
  | 'images-to-fix'
  | 'folder-or-file'
  | 'path-or-record'
  | 'path-stream-or-record'
  | 'registry-key'
  | 'walk-target'
  | 'screen'
  | 'undo-file'
  | 'rule-name'
  | 'rule-files'
  | 'shell';

/** What a command's exit codes mean. */
export type ExitTable = 'scan' | 'verify' | 'why' | 'fix' | 'others';

/** A command line, and what it is good for. */
export interface Example {
  readonly command: string;
  readonly does: string;
}

/** What is said of one command. */
export interface VerbWords {
  readonly summary: string;
  readonly examples: readonly [Example, Example, ...Example[]];
}

/**
 * The words of `--help`, of the manual page and of completions. Flags and the names of values are the same in every
 * language.
 */
export interface HelpWords {
  readonly summary: string;
  readonly headings: Readonly<
    Record<'usage' | 'commands' | 'arguments' | 'options' | 'examples' | 'exitCodes' | 'environment', string>
  >;
  readonly verbGroups: Readonly<Record<VerbGroup, string>>;
  readonly optionGroups: Readonly<Record<OptionGroup, string>>;
  readonly verbs: Readonly<Record<VerbId, VerbWords>>;
  readonly options: Readonly<Record<OptionId, string>>;
  readonly arguments: Readonly<Record<ArgumentId, string>>;
  /** Meanings by exit code. */
  readonly exitCodes: Readonly<Record<ExitTable, Readonly<Record<number, string>>>>;
  readonly interrupted: string;
  readonly environment: Readonly<
    Record<'DEADBOX_…' | 'DEADBOX_CONFIG' | 'DEADBOX_DEBUG' | 'COLUMNS' | 'NO_COLOR' | 'FORCE_COLOR', string>
  >;
  /** Between what an option does and what is said of its values. */
  readonly gap: string;
  /** Behind an option that may be given more than once. */
  readonly repeatable: string;
  choices(values: readonly string[]): string;
  preset(value: string): string;
  readonly versionLabels: Readonly<Record<'runtime' | 'formats' | 'fileSystems' | 'rules' | 'causes', string>>;
  readonly configLabels: Readonly<Record<'file' | 'absent' | 'key' | 'value' | 'from' | 'builtIn' | 'none', string>>;
  /** A line of the configuration file. */
  configLine(line: number): string;
  readonly settings: SettingWords;
  /** What to attach to a report of a fault of deadbox itself. */
  readonly attach: Phrase;
  readonly verbose: VerboseWords;
  /** Where a command's own help stands. */
  readonly more: string;
}
