// docs/figures/architecture.svg (and architecture.ja.svg) is drawn from the imports of the sources.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace.mjs';
import { architecturePicture } from './architecture-picture.mjs';
import { importGraph, nearest } from './import-graph.mjs';

const PICTURES = { en: 'docs/figures/architecture.svg', ja: 'docs/figures/architecture.ja.svg' };

/** Problems with the pictures; `update` draws them instead. */
export function checkArchitecture({ update }) {
  const graph = nearest(importGraph());
  return Object.entries(PICTURES).flatMap(([language, path]) => {
    const file = join(root, path);
    const picture = architecturePicture(graph, language);
    if (existsSync(file) && readFileSync(file, 'utf8') === picture) return [];
    if (update) writeFileSync(file, picture);
    return update
      ? []
      : [`${path} does not show the imports (npm run check -- --only architecture --update-architecture draws it)`];
  });
}
