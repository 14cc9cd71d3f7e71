import type { RuleText } from '../report/rule-text.js';
import type { FileContent, RuleConfidence, Severity } from '../report/words.js';
import type {
  BOOT_FAILURE_CONDITIONS,
  Conditions,
  CRASH_CONDITIONS,
  FAILED_START_CONDITIONS,
  FILE_CONDITIONS,
  FILTER_CONDITIONS,
  PRODUCT_CONDITIONS,
  REGISTRY_CONDITIONS,
  SERVICE_CONDITIONS,
  UPDATE_CONDITIONS,
  WINDOWS_CONDITIONS,
} from './rule-keys.js';

// A rule as the engine uses it: the keys are those of the rule file (docs/rules.md).

/** Conditions on one file; all must hold. */
export type FileTests = Conditions<typeof FILE_CONDITIONS>;

/** A note on a file, given in addition to its class when its own tests hold. */
export interface FileNote extends FileTests {
  readonly note: string;
  readonly text?: RuleText;
}

/** One class of a FILE selection; the first that fits is the file's class. */
export interface FileClass extends FileTests {
  readonly class: string;
  /** Files of this class are what the rule is about: the time of their stay is the bad period of the history. */
  readonly bad?: boolean;
  readonly text?: RuleText;
  readonly notes: readonly FileNote[];
}

/** Files by location. Paths follow ForensicArtifacts: backslashes, `%%environ_systemroot%%`, `*`, `?`, `**`. */
export interface FileSelection extends FileTests {
  readonly type: 'FILE';
  readonly paths: readonly string[];
  readonly kind: 'file' | 'directory';
  /** Names that look alike: shown, never judged. */
  readonly lookalikes: readonly string[];
  /** Places where a security product keeps removed files: shown, never judged. */
  readonly quarantine: readonly string[];
  readonly classes: readonly FileClass[];
  readonly content?: readonly FileContent[];
  /** `false` inverts the selection: it holds when nothing is there. */
  readonly exists: boolean;
  /** Keeps only files of which a field differs from the same field of another selection's file. */
  readonly compare?: { readonly field: 'pe.version' | 'sha256' | 'size'; readonly other: string };
}

/**
 * A registry key or value of the installation. `HKLM\SYSTEM\CurrentControlSet` follows `Select\Current`; `*` and `?`
 * may stand in the last part of the key, and `value: '*'` means any value of it.
 */
export interface RegistrySelection extends Conditions<typeof REGISTRY_CONDITIONS> {
  readonly type: 'REGISTRY_KEY' | 'REGISTRY_VALUE';
  readonly key: string;
  readonly value?: string;
  readonly exists: boolean;
}

/** Crash evidence: dumps, error reports, events. */
export interface CrashSelection extends Conditions<typeof CRASH_CONDITIONS> {
  readonly type: 'CRASH';
}

/** The Windows that is installed: build, revision, role, edition. */
export interface WindowsSelection extends Conditions<typeof WINDOWS_CONDITIONS> {
  readonly type: 'WINDOWS';
}

/** A package of component-based servicing. */
export interface UpdateSelection extends Conditions<typeof UPDATE_CONDITIONS> {
  readonly type: 'UPDATE';
  /** `false` inverts the selection: it holds when no such package is there. */
  readonly exists: boolean;
}

/** A service or driver; `start` is what counts for the machine that this Windows ran on last (`StartOverride`). */
export interface ServiceSelection extends Conditions<typeof SERVICE_CONDITIONS> {
  readonly type: 'SERVICE';
  /** Name of its key; `*` and `?` may stand in it. */
  readonly name: string;
  readonly exists: boolean;
}

/** A driver's name in the filter lists of the device classes on the way to the disk. */
export interface FilterSelection extends Conditions<typeof FILTER_CONDITIONS> {
  readonly type: 'FILTER';
  readonly name: string;
  readonly exists: boolean;
}

/** A security product, as the report names it. */
export interface ProductSelection extends Conditions<typeof PRODUCT_CONDITIONS> {
  readonly type: 'PRODUCT';
  /** `*` and `?` may stand in it. */
  readonly name: string;
  readonly exists: boolean;
}

/** A start that did not come to its end, as the System log, the boot status or the start-up repair log tells. */
export interface FailedStartSelection extends Conditions<typeof FAILED_START_CONDITIONS> {
  readonly type: 'FAILED_START';
}

/** What the boot manager recorded of the last start: the code that the screen showed, and the file that it named. */
export interface BootFailureSelection extends Conditions<typeof BOOT_FAILURE_CONDITIONS> {
  readonly type: 'BOOT_FAILURE';
}

/** Selections that are answered from the registry of the installation. */
export type MachineSelection =
  | WindowsSelection
  | UpdateSelection
  | ServiceSelection
  | FilterSelection
  | ProductSelection;

/** A narrowing of a FILE selection by class, content or note. */
export interface DerivedSelection {
  readonly type: 'OF';
  readonly of: string;
  readonly class?: string;
  readonly content?: readonly FileContent[];
  readonly note?: string;
}

/** Any named selection of a rule. */
export type Selection =
  | FileSelection
  | RegistrySelection
  | MachineSelection
  | CrashSelection
  | FailedStartSelection
  | BootFailureSelection
  | DerivedSelection;

/** One row of the verdict table; the first whose condition holds is the verdict. */
export interface VerdictRow {
  /** Condition text, e.g. `bad and not newer`. */
  readonly when: string;
  readonly verdict: string;
  readonly severity: Severity;
  readonly confidence?: 'lower';
  /** Key of `texts` where it is not the verdict word. */
  readonly text?: string;
}

/** A condition that settles the confidence, the words for a confidence, or both. */
export interface ConfidenceRow {
  readonly when?: string;
  readonly value: Exclude<RuleConfidence, 'normal'>;
  readonly text?: RuleText;
}

/** Title and sentence of a verdict. */
export interface VerdictText {
  readonly title?: RuleText;
  readonly sentence?: RuleText;
}

/** Words for what the history shows: the first row that fits. */
export interface HistoryRow {
  /**
   * `period`: it is known when the bad files came and went; `since`: only when they came; `none`: no trace of one in
   * the change journal.
   */
  readonly shows: 'period' | 'since' | 'none';
  /** Only for these verdicts; empty: for all. */
  readonly verdicts: readonly string[];
  readonly text: RuleText;
}

/** One thing to do, in the order to try it. */
export interface StepRow {
  readonly id: string;
  /** Only for these verdicts; empty: for all. */
  readonly verdicts: readonly string[];
  /** Only when this condition holds. */
  readonly when?: string;
  /** The selections whose files `{paths}` and `{del}` mean; without a file the step is left out. */
  readonly files?: readonly string[];
  /**
   * Letter of the drive in `{paths}`, `{del}` and `{hive}`: `C` where Windows itself runs, another where the disk is
   * attached elsewhere.
   */
  readonly drive: string;
  /** Left out for a step that the report has words for. */
  readonly text?: RuleText;
}

/** A rule: what to look for in a Windows installation, and what it means. */
export interface Rule {
  /** One line for people. */
  readonly title: string;
  /** UUID. */
  readonly id: string;
  /** Short, unique name for the command line. */
  readonly name: string;
  /** How well tested it is. */
  readonly status: 'stable' | 'test' | 'experimental';
  /** What happened and what the rule looks for. */
  readonly description: string;
  /** Where the facts come from; at least one. */
  readonly references: readonly string[];
  readonly author: string;
  /** Day it was written, ISO. */
  readonly date: string;
  /** Day of its last change, ISO. */
  readonly modified: string;
  /** Sigma's tags, e.g. `vendor.example`. */
  readonly tags: readonly string[];
  /** How bad the rule's problem is. */
  readonly level: 'informational' | 'low' | 'medium' | 'high' | 'critical';
  /** When it fires without the problem. */
  readonly falsepositives: readonly string[];
  /** What to look for, by name. */
  readonly selections: Readonly<Record<string, Selection>>;
  /** Condition under which the rule's problem is there (Sigma's `condition`). */
  readonly condition: string;
  /** The verdict table; the first row that holds decides. */
  readonly verdicts: readonly VerdictRow[];
  /**
   * Verdict words from worst to mildest among those of one severity; words that are not listed follow in the order of
   * the table.
   */
  readonly order: readonly string[];
  readonly confidence: readonly ConfidenceRow[];
  /** Titles and sentences by verdict word, or by the `text` of a row. */
  readonly texts: Readonly<Record<string, VerdictText>>;
  readonly history: readonly HistoryRow[];
  readonly steps: readonly StepRow[];
  /** What would cure it. */
  readonly remediation: {
    readonly action: 'rename-file' | 'blank-file' | 'restore-disk-identity' | 'advise';
    /** The selection whose files it is about. */
    readonly target?: string;
    readonly vendor_advice?: string;
    readonly warnings: readonly string[];
  };
  /** SHA-256 of the rule file's bytes. */
  readonly sha256: string;
}
