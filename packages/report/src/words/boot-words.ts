import type {
  BootDevice,
  BootFinding,
  BootObjectKind,
  BootRemedy,
  BootVerdict,
  CheckedEntry,
  DeviceStatus,
  HiveHealthVerdict,
  HiveState,
} from '@deadbox/windows';
import type { Phrase } from '../document/phrase.js';
import type { Sentence } from './facts.js';

/** What a verdict's sentence is built from. */
export interface BootFacts {
  /** The store in parentheses, with a space before; empty when there is none. */
  readonly store: Phrase;
  readonly current: string | undefined;
  readonly former: string | undefined;
}

/** Words of the boot store and its check. */
export interface BootWords {
  readonly check: string;
  /** Nothing to say for `not-checked`. */
  readonly verdicts: Readonly<Record<Exclude<BootVerdict, 'not-checked'>, (facts: BootFacts) => Phrase>>;
  readonly verdictTitles: Readonly<Record<BootVerdict, string>>;
  readonly findings: Readonly<Record<BootFinding['id'], Sentence>>;
  /** What a remedy does, as a part of a sentence. */
  readonly remedies: Readonly<Record<BootRemedy, string>>;
  storeAt(path: string, volume: number): Phrase;
  wouldShow(codes: Phrase): Phrase;
  wouldMend(remedies: Phrase): Phrase;
  undo(remedy: string): Phrase;
  /** Between remedies of which one is enough. */
  readonly remedySeparator: string;
  readonly kinds: Readonly<Record<BootObjectKind, string>>;
  readonly roles: Readonly<Record<CheckedEntry['role'], string>>;
  readonly deviceStatus: Readonly<Record<DeviceStatus, string>>;
  readonly storeRoles: Readonly<Record<'uefi' | 'bios' | 'recovery' | 'file', string>>;
  readonly storeStates: Readonly<Record<StoreState, string>>;
  store(path: string, volume: number | null, role: string, state: string): Phrase;
  readonly devices: {
    readonly [Kind in BootDevice['kind']]: (
      device: Extract<BootDevice, { kind: Kind }>,
      inner: Phrase | undefined,
    ) => Phrase;
  };
  readonly notUnderstood: string;
  onOff(on: boolean): string;
}

/** Condition of a store: of a hive on a disk, or how the file given was opened. */
export type StoreState = HiveHealthVerdict | HiveState['recovery'];
