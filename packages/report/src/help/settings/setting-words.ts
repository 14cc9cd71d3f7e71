import type { Phrase } from '../../document/phrase.js';

/**
 * Why an option has no default in variables or the configuration file: it is a secret, it makes something be written,
 * it makes an answer say less, or it belongs to the image that a call is about.
 */
export type NoDefault = 'secret' | 'writes' | 'weakens' | 'each-call';

/** What was wrong with a default that the user has set, by id with its facts. */
export interface SettingFacts {
  readonly unreadable: { readonly path: string; readonly reason: string };
  /** `expected`: a sign, `value`, or `end` where nothing more may follow. */
  readonly malformed: { readonly path: string; readonly line: number; readonly expected: string };
  readonly unknown: { readonly place: string; readonly key: string; readonly meant: string | null };
  readonly refused: { readonly place: string; readonly key: string; readonly why: NoDefault };
  /** `place`: a variable, or file and line; `takes`: the values, or what kind they are of. */
  readonly value: {
    readonly place: string;
    readonly key: string;
    readonly value: string;
    readonly takes: readonly string[] | 'none' | 'text' | 'number' | 'list';
    readonly meant: string | null;
  };
}

/** Ids of such faults. */
export type SettingFaultId = keyof SettingFacts;

/** One such fault. */
export type SettingFault = {
  readonly [Id in SettingFaultId]: { readonly id: Id; readonly facts: SettingFacts[Id] };
}[SettingFaultId];

/** What is said of them. */
export type SettingWords = { readonly [Id in SettingFaultId]: (facts: SettingFacts[Id]) => Phrase };
