import { makeInput, type Recipe } from './mutate.js';
import { type Failure, runInput } from './run-input.js';
import type { FuzzTarget } from './target.js';

/** The recipe with as few edits as fail in the same way. */
export async function minimise(target: FuzzTarget, seed: Uint8Array, recipe: Recipe, kind: Failure): Promise<Recipe> {
  let best = recipe;
  const fails = async (candidate: Recipe): Promise<boolean> =>
    (await runInput(target, makeInput(target, seed, candidate))).kind === kind;
  if (recipe.repaired && (await fails({ ...recipe, repaired: false }))) best = { ...recipe, repaired: false };
  for (let i = best.edits.length - 1; i >= 0; i -= 1) {
    const fewer = { ...best, edits: best.edits.toSpliced(i, 1) };
    if (fewer.edits.length > 0 && (await fails(fewer))) best = fewer;
  }
  return best;
}
