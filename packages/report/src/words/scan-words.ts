import type { FileContent, ProvisionalReason, ScanVerdict, TimelineKind } from '@deadbox/triage';
import type { Part, Phrase } from '../document/phrase.js';

/** What a crash is known by, as far as it is. */
export interface CrashFacts {
  readonly time: string | null;
  readonly code: string | null;
  readonly codeName: string | null;
  readonly module: string | null;
  readonly path: string;
}

export interface ScanWords {
  readonly labels: Readonly<
    Record<
      | 'class'
      | 'modified'
      | 'created'
      | 'size'
      | 'record'
      | 'note'
      | 'changed'
      | 'accessed'
      | 'nameCreated'
      | 'nameModified'
      | 'nameChanged'
      | 'nameAccessed'
      | 'run',
      string
    >
  >;
  readonly titles: Readonly<Record<ScanVerdict, string>>;
  readonly sentences: Readonly<Record<Exclude<ScanVerdict, 'blocked-encrypted'>, Phrase>>;
  readonly contents: Readonly<Record<FileContent, string>>;
  readonly provisional: Readonly<Record<ProvisionalReason, string>>;
  /** Classes of files that are shown and not judged. */
  readonly shownClasses: Readonly<Record<'deleted' | 'quarantined' | 'look-alike', string>>;
  readonly foundBy: Readonly<Record<'index' | 'mft' | 'index-slack' | 'folder', string>>;
  readonly crashAfterNewestFile: Phrase;
  readonly confidence: Readonly<Record<'confirmed' | 'likely' | 'contradicted', Phrase>>;
  readonly next: string;
  readonly notActive: string;
  installation(root: string, volume: number): Phrase;
  shadowCopy(number: number, created: string | null): Phrase;
  /** A rule that says nothing of its own. */
  ruleVerdict(rule: string, verdict: string): Phrase;
  provisionalBecause(reason: string): Phrase;
  class(name: Part, content: string): Phrase;
  size(bytes: number, written: number): Phrase;
  record(record: number, sequence: number, foundBy: string): Phrase;
  /** A run of clusters; `lcn` and `offset` are `null` for a hole. */
  run(clusters: number, lcn: number | null, offset: number | null): Phrase;
  readonly columns: Readonly<Record<'onDisk' | 'inFile' | 'bytes' | 'what' | 'inHive' | 'value', string>>;
  /**
   * Leads to a table of places.
   * @param path - of the image's file; `undefined` where the bytes do not lie in one verbatim
   */
  evidenceIn(path: string | undefined): Phrase;
  registryIn(hive: string): Phrase;
  bootDevicesIn(store: string): Phrase;
  bootDevice(facts: { role: string; id: string; element: string; status: string; fileOffset: number }): Phrase;
  host(facts: {
    name: string | undefined;
    domain: string | undefined;
    product: string | undefined;
    version: string | undefined;
    domainController: boolean;
    addresses: readonly string[];
  }): Phrase;
  /** On which platforms an installation can start by its storage drivers: surely, most likely. */
  platforms(facts: { yes: readonly string[]; likely: readonly string[] }): Phrase;
  crash(facts: CrashFacts): Phrase;
  /** An event is written at the restart after the crash. */
  crashEvent(facts: CrashFacts): Phrase;
  cannotBeJudged(volume: number, size: string, reason: Phrase): Phrase;
  nothingToJudge(table: 'gpt' | 'mbr' | 'none'): Phrase;
  /** In place of the disk, where only a mounted folder was seen. */
  readonly folderOnly: string;
  disk(facts: {
    format: string;
    variant: string;
    size: string;
    table: 'gpt' | 'mbr' | 'none';
    volumes: number;
  }): Phrase;
  /** Of a disk without Windows, where another disk of the machine holds it. */
  readonly dataDisk: Phrase;
  /** Which disk of a machine the image is. */
  machineDisk(facts: { machine: string; disk: number; disks: number; recorded: string }): Phrase;
  cost(reads: number, bytes: number, milliseconds: number): Phrase;
  images(count: number, parts: Phrase): Phrase;
  countOf(count: number, severity: string): string;
  /** How many of several images start, each part a count with its word. */
  starts(parts: readonly Phrase[]): Phrase;
  couldNotBeOpened(count: number): string;
  sharedIdentity(diskId: string): Phrase;
}

/** Words of the time line of an installation. */
export interface TimelineWords {
  readonly title: string;
  /** What happened, by kind. @param what - stop code, package, device or path; `undefined` where nothing tells */
  readonly events: Readonly<Record<TimelineKind, (what: Part | undefined) => Phrase>>;
  readonly failed: string;
  lastRan(time: string, event: Phrase): Phrase;
  changed(time: string, event: Phrase): Phrase;
  firstFailed(time: string, event: Phrase): Phrase;
  readonly noFailure: Phrase;
}
