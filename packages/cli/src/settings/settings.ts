import type { Setting } from './defaults.js';

/** Where a default comes from. */
export type SettingOrigin =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string; readonly line: number };

/** A default that the user has set. */
export interface GivenSetting {
  readonly setting: Setting;
  readonly value: string | number | boolean | readonly string[];
  readonly origin: SettingOrigin;
}

/** The defaults of this user. */
export interface Settings {
  /** Where the configuration file is, or would be. */
  readonly path: string;
  readonly fileFound: boolean;
  readonly given: ReadonlyMap<string, GivenSetting>;
}

/** An origin on one line: the variable, or the file with the line. */
export function originText(origin: SettingOrigin): string {
  return origin.kind === 'variable' ? origin.name : `${origin.path}:${origin.line}`;
}
