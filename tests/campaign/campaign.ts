import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { canMount, hasTool } from '../support/tools.js';
import { type Difference, type Family, PeerRefused, type Scale } from './family.js';
import { numbersOf } from './numbers.js';

/** What became of one case. */
export type Outcome =
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'different'; readonly differences: readonly Difference[] };

/** What a family needs and this machine has not; `undefined` when it can run. */
export function missing({ tools, mounts }: Family): string | undefined {
  const absent = tools.filter((tool) => !hasTool(tool));
  if (absent.length > 0) return absent.join(', ');
  return mounts === true && !canMount ? 'root with /dev/fuse' : undefined;
}

/** The case of a number. */
export function draw(family: Family, seed: number, index: number, scale: Scale): unknown {
  return family.draw(numbersOf(seed, index), scale);
}

/** Runs one case in a folder of its own, which is removed. */
export async function runCase(family: Family, one: unknown, scratch: string): Promise<Outcome> {
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, `${family.name}-`));
  try {
    const differences = await family.run(one, folder);
    return differences.length === 0 ? { kind: 'same' } : { kind: 'different', differences };
  } catch (error) {
    if (error instanceof PeerRefused) return { kind: 'refused', reason: error.message };
    // Whatever we throw at an input that the other program reads is a difference.
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'different', differences: [{ kind: `error ${said.split('\n')[0].slice(0, 60)}`, detail: said }] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The case with parts left out for as long as the same difference remains, by halves, quarters and so on, for at most
 * `milliseconds`.
 */
export async function minimise(
  family: Family,
  one: unknown,
  kind: string,
  scratch: string,
  milliseconds: number,
): Promise<unknown> {
  let best = one;
  const end = performance.now() + milliseconds;
  for (let found = true; found; ) {
    found = false;
    for (const smaller of withoutParts(best)) {
      if (performance.now() > end) return best;
      const outcome = await runCase(family, smaller, scratch);
      if (outcome.kind !== 'different' || outcome.differences[0].kind !== kind) continue;
      best = smaller;
      found = true;
      break;
    }
  }
  return best;
}

/**
 * Every copy of plain data in which a part of one list, or a key of one table of things, is left out; large parts
 * first.
 */
export function* withoutParts(data: unknown): Generator {
  if (Array.isArray(data)) {
    for (let size = data.length; size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < data.length; from += size)
        yield data.filter((_, index) => index < from || index >= from + size);
      if (size === 1) break;
    }
    for (const [index, element] of data.entries())
      for (const smaller of withoutParts(element)) yield data.with(index, smaller);
  } else if (typeof data === 'object' && data !== null) {
    for (const [key, value] of Object.entries(data))
      for (const smaller of withoutParts(value)) yield { ...data, [key]: smaller };
  }
}
