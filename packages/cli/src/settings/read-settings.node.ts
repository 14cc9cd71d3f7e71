import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KIB } from '@deadbox/core';
import { closest } from '../closest.js';
import type { ConfigEntry, ConfigValue } from './config-file.js';
import { configPath } from './config-path.node.js';
import { type Setting, settingTable, whyNoDefault } from './defaults.js';
import { OPTIONS } from './option-table.js';
import { settingError } from './setting-error.js';
import type { GivenSetting, SettingOrigin, Settings } from './settings.js';

const MAX_BYTES = 64 * KIB;

/**
 * The defaults that variables and the configuration file set; a variable goes before the file.
 * @throws SettingError when the file cannot be read, or something in it or in a variable cannot be followed
 */
export async function readSettings(environment: NodeJS.ProcessEnv): Promise<Settings> {
  const path = configPath(environment);
  const fileFound = existsSync(path);
  if (!fileFound && (environment.DEADBOX_CONFIG ?? '') !== '')
    throw settingError('unreadable', { path, reason: 'ENOENT' });
  const entries = fileFound ? (await import('./config-file.js')).parseConfig(textOf(path), path) : [];
  const table = settingTable();
  const given = new Map<string, GivenSetting>();
  for (const entry of entries) given.set(entry.key, ofEntry(entry, path, table));
  for (const setting of table) {
    const value = environment[setting.variable] ?? '';
    if (value === '') continue;
    const origin: SettingOrigin = { kind: 'variable', name: setting.variable };
    given.set(setting.key, { setting, value: checked(setting, worded(setting, value), setting.variable), origin });
  }
  return { path, fileFound, given };
}

function textOf(path: string): string {
  try {
    if (statSync(path).size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw settingError('unreadable', { path, reason: (error as Error).message });
  }
}

function ofEntry({ key, value, line }: ConfigEntry, path: string, table: readonly Setting[]): GivenSetting {
  const setting = table.find((one) => one.key === key);
  const place = `${path}:${line}`;
  if (setting === undefined) {
    const why = whyNoDefault(key);
    if (why !== undefined) throw settingError('refused', { place, key, why });
    const meant = closest(
      key,
      table.map((one) => one.key),
    );
    throw settingError('unknown', { place, key, meant: meant ?? null });
  }
  if (key === 'queue' && typeof value === 'string' && /\/\/[^/]*@/.test(value))
    throw settingError('refused', { place, key, why: 'secret' });
  const origin: SettingOrigin = { kind: 'file', path, line };
  return { setting, value: placed(setting, checked(setting, value, place), path), origin };
}

/** The value that the text of a variable stands for. */
function worded({ options: [option] }: Setting, text: string): ConfigValue {
  const kind = OPTIONS[option].value;
  if (kind === 'list') return text.split(',').map((part) => part.trim());
  if (kind === 'number') return /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (kind === 'text') return text;
  return /^(1|true|yes|on)$/i.test(text) ? true : /^(0|false|no|off)$/i.test(text) ? false : text;
}

/** The value, when it is one that the option takes. */
function checked({ key, options: [option] }: Setting, value: ConfigValue, place: string): ConfigValue {
  const { value: kind, choices } = OPTIONS[option];
  const refuse = (meant?: string): never => {
    throw settingError('value', {
      place,
      key,
      value: Array.isArray(value) ? value.join(', ') : String(value),
      takes: choices ?? kind,
      meant: meant ?? null,
    });
  };
  if (kind === 'none') return typeof value === 'boolean' ? value : refuse();
  if (kind === 'number') return Number.isSafeInteger(value) && Number(value) > 0 && value !== true ? value : refuse();
  if (kind === 'list') return Array.isArray(value) ? value : typeof value === 'string' ? [value] : refuse();
  if (typeof value !== 'string' || value === '') return refuse();
  return choices === undefined || choices.includes(value) ? value : refuse(closest(value, choices));
}

/** A folder that the file names lies where the file says, not where deadbox happens to be called. */
function placed({ key }: Setting, value: ConfigValue, path: string): ConfigValue {
  return key === 'rules' && typeof value === 'string' ? resolve(dirname(path), value) : value;
}
