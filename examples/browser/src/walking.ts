import { targetOfCause, type Walk, type WalkTarget, walkTo } from '@deadbox/triage/walk';
import { currentDisk, type State } from './state.js';

export function walk(state: State, target: WalkTarget): Promise<Walk> {
  return walkTo(currentDisk(state), target, { signal: state.signal });
}

/** Where the walk to the proof of a cause ends; `null` where there is none. */
export async function targetOf(state: State, id: string): Promise<WalkTarget | null> {
  const { report, signal } = state;
  if (report === undefined) return null;
  return (await targetOfCause(currentDisk(state), report, id, { signal })) ?? null;
}
