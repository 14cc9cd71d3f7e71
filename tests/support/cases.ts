import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeWithTools } from './tools.js';
import { root } from './workspace.js';

const folder: string | undefined = process.env.DEADBOX_CASES;
const required: boolean = (process.env.DEADBOX_REQUIRE ?? '').split(/[ ,]+/).includes('cases');

/**
 * Runs `define` with the files of a case from the field, e.g. `15-hive-grown-by-log`: its script makes them in a folder
 * of their own, which `made` names once tests run. Skips, with a line that says why, without the cases or one of the
 * tools that the script needs.
 */
export function describeWithCase(
  name: string,
  id: string,
  tools: readonly string[],
  define: (made: (file: string) => string) => void,
): void {
  const present = folder !== undefined && existsSync(join(folder, id, 'make.sh'));
  if (!present) {
    if (required)
      throw new Error(`DEADBOX_REQUIRE asks for cases, but DEADBOX_CASES does not name a folder with ${id}`);
    describe.skip(`${name} (skipped: DEADBOX_CASES names no folder with ${id})`, () => void 0);
    return;
  }
  describeWithTools(tools, name, () => {
    const out = mkdtempSync(join(tmpdir(), 'deadbox-case-'));
    beforeAll(() => {
      const make = () => {
        rmSync(out, { recursive: true, force: true });
        return spawnSync('bash', [join(folder, id, 'make.sh'), out, root], { encoding: 'utf8' });
      };
      let result = make();
      // Making a LUKS header measures the processor first, and gives up where it is too busy.
      for (let round = 0; round < 9 && result.stderr.includes('accurate CPU usage'); round += 1) result = make();
      if (result.status !== 0) throw new Error(`make.sh of ${id} ended with ${result.status}: ${result.stderr}`);
    });
    afterAll(() => rmSync(out, { recursive: true, force: true }));
    define((file) => join(out, file));
  });
}
