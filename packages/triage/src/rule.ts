import type { FileContent, Severity } from './words.js';

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
  modified?: TimeTest;
  created?: TimeTest;
  size?: { gte?: number; lt?: number };
  /** Regular expression on the file name, case-insensitive. */
  nameMatches?: string;
  /** YARA-like hex string (`AA ?? 01`) at `offset`. */
  header?: { offset: number; hex: string };
  sha256?: readonly string[];
  peVersion?: { lt?: string; gte?: string };
  peOriginalName?: string;
}

/** One class of a FILE selection; the first that fits is the file's class. */
export interface FileClass {
  class: string;
  tests: FileTests;
  /** Notes given in addition, each when its own tests hold. */
  notes: readonly { note: string; tests: FileTests }[];
}

/** Files by location. Paths follow ForensicArtifacts: backslashes, `%%environ_systemroot%%`, `*`, `?`, `**`. */
export interface FileSelection {
  type: 'FILE';
  paths: readonly string[];
  kind: 'file' | 'directory';
  /** Names that look alike: shown, never judged. */
  lookalikes: readonly string[];
  /** Places where a security product keeps removed files: shown, never judged. */
  quarantine: readonly string[];
  classes: readonly FileClass[];
  tests: FileTests;
  content?: readonly FileContent[];
  /** `false` turns the selection round: it holds when nothing is there. */
  exists: boolean;
  /** Holds when a field of the file differs from the same field of another selection's file. */
  differsFrom?: { field: 'pe.version' | 'sha256' | 'size'; other: string };
}

/**
 * A registry key or value of the installation. `HKLM\SYSTEM\CurrentControlSet` follows `Select\Current`; `*` and `?` may stand in the last
 * part of the key, and `value: '*'` means any value of it.
 */
export interface RegistrySelection {
  type: 'REGISTRY_KEY' | 'REGISTRY_VALUE';
  key: string;
  value?: string;
  data?: string | number;
  /** Regular expression on the data as text, case-insensitive. */
  dataMatches?: string;
  dataLt?: number;
  dataGte?: number;
  exists: boolean;
}

/** Crash evidence: dumps, error reports. */
export interface CrashSelection {
  type: 'CRASH';
  module?: string;
  code?: string;
  timeGte?: string;
  timeLt?: string;
}

/** A narrowing of a FILE selection by class, content or note. */
export interface DerivedSelection {
  type: 'OF';
  of: string;
  class?: string;
  content?: readonly FileContent[];
  note?: string;
}

/** Any named selection of a rule. */
export type Selection = FileSelection | RegistrySelection | CrashSelection | DerivedSelection;

/** One row of the verdict table; the first whose condition holds is the verdict. */
export interface VerdictRow {
  /** Condition text, e.g. `faulty and not newer-ok`. */
  when: string;
  verdict: string;
  severity: Severity;
  confidence?: 'lower';
}

/** A rule: what to look for in a Windows installation, and what it means. */
export interface Rule {
  /** One line for people. */
  title: string;
  /** UUID. */
  id: string;
  /** Short, unique name for the command line. */
  name: string;
  /** How well tested it is. */
  status: 'stable' | 'test' | 'experimental';
  /** What happened and what the rule looks for. */
  description: string;
  /** Where the facts come from; at least one. */
  references: readonly string[];
  /** Who wrote it. */
  author: string;
  /** Day it was written, ISO. */
  date: string;
  /** Day of its last change, ISO. */
  modified: string;
  /** Sigma's tags, e.g. `vendor.crowdstrike`. */
  tags: readonly string[];
  /** How bad the rule's problem is. */
  level: 'informational' | 'low' | 'medium' | 'high' | 'critical';
  /** When it fires without the problem. */
  falsepositives: readonly string[];
  /** What to look for, by name. */
  selections: Readonly<Record<string, Selection>>;
  /** Condition under which the rule's problem is there (Sigma's `condition`). */
  condition: string;
  /** The verdict table; the first row that holds decides. */
  verdicts: readonly VerdictRow[];
  /** Conditions that raise or lower the confidence. */
  confidence: readonly { when: string; value: string }[];
  /** Texts of this rule's verdicts, for rules whose words the report does not know. */
  texts: Readonly<Record<string, string>>;
  /** What would cure it. */
  remediation: {
    action: 'rename-file' | 'blank-file' | 'restore-disk-identity' | 'advise';
    target?: string;
    vendorAdvice?: string;
    warnings: readonly string[];
  };
  /** SHA-256 of the rule file's bytes. */
  sha256: string;
}
