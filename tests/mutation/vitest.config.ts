import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const conditions = ['deadbox-source', 'node', 'import', 'default'];
// Stryker works on a copy: node_modules there leads back to the packages that it did not change.
const root = process.cwd();

/** Each package's exports, as files of this copy. */
const alias = readdirSync(join(root, 'packages')).flatMap((folder) => {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'));
  const exported = Object.entries<Record<string, string> | string>(manifest.exports ?? {});
  return exported.flatMap(([key, target]) => {
    const source = typeof target === 'string' ? undefined : target['deadbox-source'];
    if (source === undefined) return [];
    const find = new RegExp(`^${manifest.name}${key.slice(1)}$`);
    return [{ find, replacement: join(root, 'packages', folder, source) }];
  });
});

/** Tests for Stryker: those of the part that it changes, in one process. */
export default defineConfig({
  resolve: { conditions, alias },
  ssr: { resolve: { conditions, externalConditions: conditions }, noExternal: [/^@deadbox\//, 'deadbox'] },
  test: {
    root,
    include: (process.env.DEADBOX_MUTATED_TESTS ?? '').split(',').filter((path) => path !== ''),
    testTimeout: 60_000,
    hookTimeout: 300_000,
    isolate: false,
  },
});
