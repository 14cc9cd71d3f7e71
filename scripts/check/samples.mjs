// The output that README.md and the pages of docs show is what the command line prints.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gunzipSync } from 'node:zlib';
import { root, run } from '../workspace.mjs';
import { checkPictures } from './terminal-picture.mjs';

/** `<!-- sample: scan disk.img -->` and the block after it; `, first 9 lines` cuts it there. */
const SAMPLE = /(<!-- sample: (.+?)(?:, first (\d+) lines)? -->\n```text\n)([\s\S]*?)(```)/g;
/** Pages whose samples are checked. */
const PAGES = ['README.md', 'README.ja.md', ...pagesOf('docs/guides')];

/** What differs from run to run. */
const steady = (text) => text.replace(/\d[\d,]*(\.\d+)? ms\b/g, 'N ms');

function pagesOf(folder) {
  return readdirSync(join(root, folder), 'utf8')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

function outputOf(folder, args, language) {
  const words = args.match(/'[^']*'|\S+/g).map((word) => word.replaceAll("'", ''));
  const { stdout } = run(process.execPath, [join(root, 'packages/cli/bin/deadbox.js'), ...words], {
    capture: true,
    cwd: folder,
    env: { TZ: 'UTC', NO_COLOR: '1', COLUMNS: '', LC_ALL: 'C.UTF-8', DEADBOX_LANG: language },
  });
  return stdout.trimEnd().split('\n');
}

/** Problems with the samples; `update` writes them instead. */
export function checkSamples({ update }) {
  const folder = mkdtempSync(join(tmpdir(), 'deadbox-sample-'));
  const problems = checkPictures({ update });
  try {
    for (const page of PAGES) problems.push(...checkPage(page, folder, update));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return problems;
}

function checkPage(page, folder, update) {
  const path = join(root, page);
  const text = readFileSync(path, 'utf8');
  const stale = [];
  const fresh = text.replace(SAMPLE, (whole, open, args, lines, shown, close) => {
    prepare(args, folder);
    const printed = outputOf(folder, args, page.endsWith('.ja.md') ? 'ja' : 'en');
    const output = `${printed.slice(0, lines === undefined ? printed.length : Number(lines)).join('\n')}\n`;
    if (steady(output) === steady(shown)) return whole;
    stale.push(
      `${page} shows another output of deadbox ${args} (npm run check -- --only samples --update-samples accepts this one):\n${output}`,
    );
    return `${open}${output}${close}`;
  });
  if (page === 'README.md' && !text.includes('<!-- sample: ')) return ['README.md shows no output'];
  if (update && stale.length > 0) writeFileSync(path, fresh);
  return update ? [] : stale;
}

/** Puts the disks that a command line names into `folder`. */
function prepare(args, folder) {
  for (const [name] of args.matchAll(/[\w-]+\.img/g)) {
    const path = join(folder, name);
    if (readdirSync(folder).includes(name)) continue;
    writeFileSync(path, name === 'moved.img' ? moved(unpacked('gpt-absent.img')) : unpacked(name));
  }
}

const unpacked = (name) => gunzipSync(readFileSync(join(root, 'test-images', `${name}.gz`)));

/** The disk after a helper machine gave it another identity, in both headers of its partition table. */
function moved(disk) {
  const primary = 512;
  const backup = Number(disk.readBigUInt64LE(primary + 32)) * 512;
  for (const header of [primary, backup]) {
    disk.writeUInt32LE(0x0badcafe, header + 56);
    disk.writeUInt32LE(0, header + 16);
    disk.writeUInt32LE(crc32(disk.subarray(header, header + 92)), header + 16);
  }
  return disk;
}
