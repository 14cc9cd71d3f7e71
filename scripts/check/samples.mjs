// The output that README.md shows is what the command line prints.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLED, bundledImage } from '../bundled-image.mjs';
import { root, run } from '../workspace.mjs';

/** `<!-- sample: scan disk.img -->` and the block after it. */
const SAMPLE = /(<!-- sample: (.+?) -->\n```text\n)([\s\S]*?)(```)/g;

/** What differs from run to run. */
const steady = (text) => text.replace(/\d+(\.\d+)? ms\b/g, 'N ms');

function outputOf(folder, args) {
  const { stdout } = run(process.execPath, [join(root, 'packages/cli/bin/deadbox.js'), ...args.split(' ')], {
    capture: true,
    cwd: folder,
    env: { TZ: 'UTC', NO_COLOR: '1', LC_ALL: 'C.UTF-8' },
  });
  return `${stdout.trimEnd()}\n`;
}

/** Problems with the samples; `update` writes them instead. */
export function checkSamples({ update }) {
  const readme = join(root, 'README.md');
  const text = readFileSync(readme, 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'deadbox-sample-'));
  try {
    copyFileSync(bundledImage(), join(folder, BUNDLED));
    const stale = [];
    const fresh = text.replace(SAMPLE, (whole, open, args, shown, close) => {
      const output = outputOf(folder, args);
      if (steady(output) === steady(shown)) return whole;
      stale.push(
        `README.md shows another output of deadbox ${args} (npm run check -- --update-samples accepts this one):\n${output}`,
      );
      return `${open}${output}${close}`;
    });
    if (!text.includes('<!-- sample: ')) return ['README.md shows no output'];
    if (update && stale.length > 0) writeFileSync(readme, fresh);
    return update ? [] : stale;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
