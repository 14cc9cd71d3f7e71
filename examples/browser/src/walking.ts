import { targetOfCause, type Walk, type WalkTarget, walkTo } from '@deadbox/triage/walk';
import type { ListedHive } from './api.js';
import { findHives, openHive } from './hives.js';
import { currentDisk, type State } from './state.js';

export function walk(state: State, target: WalkTarget): Promise<Walk> {
  return walkTo(currentDisk(state), target, { signal: state.signal });
}

/** Where the walk to the proof of a cause ends; `null` where there is none. */
export async function targetOfCauseId(state: State, id: string): Promise<WalkTarget | null> {
  const { report, signal } = state;
  if (report === undefined) return null;
  return (await targetOfCause(currentDisk(state), report, id, { signal })) ?? null;
}

/** What somebody typed: a path, `HIVE\\key\\value`, `BCD\\{object}\\element`, `boot-log`, or the id of a cause. */
export async function targetOfText(state: State, text: string): Promise<WalkTarget> {
  if (/^boot-log$/i.test(text)) return { kind: 'boot-log' };
  const [first = '', ...names] = text.replace(/^\\/, '').split('\\');
  const hive = (await findHives(state)).find(({ label }) => label === first.toUpperCase());
  if (hive !== undefined && names.length > 0) return registryTarget(state, hive, names);
  return (await targetOfCauseId(state, text)) ?? { kind: 'file', path: text };
}

async function registryTarget(state: State, listed: ListedHive, names: readonly string[]): Promise<WalkTarget> {
  const place = { kind: 'registry', volume: listed.volume, hive: listed.path } as const;
  const [object = '', element] = names;
  if (listed.label === 'BCD' && /^\{.*\}$/.test(object) && element !== undefined)
    return { ...place, key: `Objects\\${object}\\Elements\\${element}`, value: 'Element' };
  const hive = await openHive(state, listed);
  const current = await (await (await hive.key('Select'))?.value('Current'))?.data();
  const set = `ControlSet${String(current ?? 1).padStart(3, '0')}`;
  const path = names.join('\\').replace(/^CurrentControlSet(?=\\|$)/i, set);
  if ((await hive.key(path)) !== undefined) return { ...place, key: path };
  // The name of a value may have backslashes of its own.
  const cuts = [...path.matchAll(/\\/g)].map(({ index }) => index).reverse();
  for (const cut of cuts) {
    const [key, value] = [path.slice(0, cut), path.slice(cut + 1)];
    const found = await (await hive.key(key))?.value(value);
    if (found !== undefined) return { ...place, key, value };
  }
  return { ...place, key: path };
}
