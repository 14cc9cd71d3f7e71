import type { FileContent, Severity } from '../report/words.js';

/** A bound on a time or number, or a set of accepted values. */
export interface TimeTest {
  gte?: string;
  lt?: string;
  /** Later than another time of the same file by more than `seconds`. */
  laterThan?: { field: 'modified' | 'created'; seconds: number };
  exists?: boolean;
}

/** Conditions on one file; all must hold. Created times: one of `$STANDARD_INFORMATION` and `$FILE_NAME` must meet all bounds. */
export interface FileTests {
  readonly modified?: TimeTest;
  readonly created?: TimeTest;
  readonly size?: { gte?: number; lt?: number };
  /** Regular expression on the file name, case-insensitive. */
  readonly nameMatches?: string;
  /** YARA-like hex string (`AA ?? 01`) at `offset`. */
  readonly header?: { offset: number; hex: string };
  readonly sha256?: readonly string[];
  readonly peVersion?: { lt?: string; gte?: string };
  readonly peOriginalName?: string;
}

/** One class of a FILE selection; the first that fits is the file's class. */
export interface FileClass {
  readonly class: string;
  readonly tests: FileTests;
  /** Notes given in addition, each when its own tests hold. */
  readonly notes: readonly { note: string; tests: FileTests }[];
}

/** Files by location. Paths follow ForensicArtifacts: backslashes, `%%environ_systemroot%%`, `*`, `?`, `**`. */
export interface FileSelection {
  readonly type: 'FILE';
  readonly paths: readonly string[];
  readonly kind: 'file' | 'directory';
  /** Names that look alike: shown, never judged. */
  readonly lookalikes: readonly string[];
  /** Places where a security product keeps removed files: shown, never judged. */
  readonly quarantine: readonly string[];
  readonly classes: readonly FileClass[];
  readonly tests: FileTests;
  readonly content?: readonly FileContent[];
  /** `false` turns the selection round: it holds when nothing is there. */
  exists: boolean;
  /** Holds when a field of the file differs from the same field of another selection's file. */
  readonly differsFrom?: { field: 'pe.version' | 'sha256' | 'size'; other: string };
}

/**
 * A registry key or value of the installation. `HKLM\SYSTEM\CurrentControlSet` follows `Select\Current`; `*` and `?` may stand in the last
 * part of the key, and `value: '*'` means any value of it.
 */
export interface RegistrySelection {
  readonly type: 'REGISTRY_KEY' | 'REGISTRY_VALUE';
  readonly key: string;
  readonly value?: string;
  readonly data?: string | number;
  /** Regular expression on the data as text, case-insensitive. */
  readonly dataMatches?: string;
  readonly dataLt?: number;
  readonly dataGte?: number;
  exists: boolean;
}

/** Crash evidence: dumps, error reports. */
export interface CrashSelection {
  readonly type: 'CRASH';
  readonly module?: string;
  readonly code?: string;
  readonly timeGte?: string;
  readonly timeLt?: string;
}

/** A narrowing of a FILE selection by class, content or note. */
export interface DerivedSelection {
  readonly type: 'OF';
  readonly of: string;
  readonly class?: string;
  readonly content?: readonly FileContent[];
  readonly note?: string;
}

/** Any named selection of a rule. */
export type Selection = FileSelection | RegistrySelection | CrashSelection | DerivedSelection;

/** One row of the verdict table; the first whose condition holds is the verdict. */
export interface VerdictRow {
  /** Condition text, e.g. `faulty and not newer-ok`. */
  readonly when: string;
  verdict: string;
  readonly severity: Severity;
  readonly confidence?: 'lower';
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
  /** Who wrote it. */
  readonly author: string;
  /** Day it was written, ISO. */
  readonly date: string;
  /** Day of its last change, ISO. */
  readonly modified: string;
  /** Sigma's tags, e.g. `vendor.crowdstrike`. */
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
  /** Conditions that raise or lower the confidence. */
  readonly confidence: readonly { when: string; value: string }[];
  /** Texts of this rule's verdicts, for rules whose words the report does not know. */
  readonly texts: Readonly<Record<string, string>>;
  /** What would cure it. */
  readonly remediation: {
    action: 'rename-file' | 'blank-file' | 'restore-disk-identity' | 'advise';
    target?: string;
    vendorAdvice?: string;
    warnings: readonly string[];
  };
  /** SHA-256 of the rule file's bytes. */
  readonly sha256: string;
}
