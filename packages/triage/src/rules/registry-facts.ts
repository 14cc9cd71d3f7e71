import { isDamage } from '@deadbox/core';
import {
  type Hive,
  type OpenMachine,
  openControlSet,
  type RegistryData,
  type RegistryKey,
  type RegistryValue,
} from '@deadbox/windows';
import { provesAbsence } from './absence.js';
import { wholeTextMatches } from './files/file-tests.js';
import { matchesName } from './files/path-pattern.js';
import type { RegistrySelection, Rule } from './rule.js';
import { type Conditions, REGISTRY_CONDITIONS } from './rule-keys.js';

/**
 * Answers a rule's registry selections from the hives of one installation. A selection on a hive that could not be read
 * has no answer:
 * it neither holds nor is absent.
 */
export async function registryFacts(rule: Rule, machine: OpenMachine): Promise<Map<string, boolean>> {
  const facts = new Map<string, boolean>();
  for (const [name, selection] of Object.entries(rule.selections)) {
    if (selection.type !== 'REGISTRY_KEY' && selection.type !== 'REGISTRY_VALUE') continue;
    const answer = await answerOf(selection, machine);
    // A hive that lost parts proves no absence: what calls for action is never weakened by doubt.
    if (answer === false && !provesAbsence(machine, hiveOf(selection))) continue;
    if (answer !== undefined) facts.set(name, answer === selection.exists);
  }
  return facts;
}

function hiveOf({ key }: RegistrySelection): 'system' | 'software' {
  return /^HKLM\\SYSTEM\\/i.test(key) ? 'system' : 'software';
}

async function answerOf(selection: RegistrySelection, machine: OpenMachine): Promise<boolean | undefined> {
  const [, hiveName = '', ...path] = selection.key.split('\\');
  const hive = hiveName.toUpperCase() === 'SYSTEM' ? machine.system : machine.software;
  if (hive === undefined) return undefined;
  try {
    const start = await startOf(hive, path[0] ?? '');
    if (start === undefined) return undefined;
    const answers: (boolean | undefined)[] = [];
    for (const key of await keysAt(start.key, path.slice(1))) {
      answers.push(selection.type === 'REGISTRY_KEY' || (await valueMeets(key, selection)));
      if (answers.at(-1) === true) break;
    }
    return anyOf(answers);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return undefined;
  }
}

/** The key that a path begins with; `undefined` when the hive does not even say which control set is in use. */
async function startOf(hive: Hive, first: string): Promise<{ key: RegistryKey | undefined } | undefined> {
  // The link CurrentControlSet exists only in a running Windows.
  if (first.toLowerCase() !== 'currentcontrolset') return { key: await hive.key(first) };
  const opened = await openControlSet(hive);
  return opened === undefined ? undefined : { key: opened.key };
}

/** The keys that a path names; wildcards may stand in its last part. */
async function keysAt(start: RegistryKey | undefined, path: readonly string[]): Promise<RegistryKey[]> {
  const last = path.at(-1) ?? '';
  if (!/[*?]/.test(last)) {
    const key = path.length === 0 ? start : await start?.key(path.join('\\'));
    return key === undefined ? [] : [key];
  }
  const parent = path.length === 1 ? start : await start?.key(path.slice(0, -1).join('\\'));
  return ((await parent?.subkeys()) ?? []).filter((key) => matchesName(last, key.name));
}

/** Whether one holds; unknown where none does and some are unknown. */
function anyOf(answers: readonly (boolean | undefined)[]): boolean | undefined {
  return answers.includes(true) || (answers.includes(undefined) ? undefined : false);
}

async function valueMeets(key: RegistryKey, selection: RegistrySelection): Promise<boolean | undefined> {
  const wanted = selection.value ?? '';
  const values = wanted === '*' ? await key.values() : [await key.value(wanted)];
  const answers: (boolean | undefined)[] = [];
  for (const value of values) {
    if (value !== undefined) answers.push(await dataMeets(value, selection));
    if (answers.at(-1) === true) break;
  }
  return anyOf(answers);
}

async function dataMeets(value: RegistryValue, selection: RegistrySelection): Promise<boolean | undefined> {
  const data = await value.data();
  // Of a list of texts (REG_MULTI_SZ) one is enough.
  return Array.isArray(data) && data.length > 0
    ? anyOf(data.map((text: string) => textMeets(text, selection)))
    : textMeets(data, selection);
}

type Test<Key extends keyof RegistryTests> = (
  wanted: NonNullable<RegistryTests[Key]>,
  text: string | undefined,
) => boolean | undefined;

type RegistryTests = Conditions<typeof REGISTRY_CONDITIONS>;

/** What each condition asks of a value's data; binary data has no text. */
const TESTS: { readonly [key in keyof RegistryTests]-?: Test<key> } = {
  data: (wanted, text) => text?.toLowerCase() === String(wanted).toLowerCase(),
  'data|re': (wanted, text) => wholeTextMatches(wanted, text ?? ''),
  'data|lt': (wanted, text) => numberOf(text) < wanted,
  'data|gte': (wanted, text) => numberOf(text) >= wanted,
};

function textMeets(data: RegistryData | undefined, tests: RegistryTests): boolean | undefined {
  const text =
    typeof data === 'string' || typeof data === 'number' || typeof data === 'bigint' ? String(data) : undefined;
  const answers = (Object.keys(REGISTRY_CONDITIONS) as (keyof RegistryTests)[]).map((key) => {
    const wanted = tests[key];
    return wanted === undefined || (TESTS[key] as Test<typeof key>)(wanted, text);
  });
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

/** Not a number compares with nothing. */
function numberOf(text: string | undefined): number {
  return text === undefined || text.trim() === '' ? Number.NaN : Number(text);
}
