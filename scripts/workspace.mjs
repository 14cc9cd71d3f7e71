// What every script needs to know about the checkout. Runs before anything is installed: built-in modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The checkout's root folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Everything the scripts make and nobody commits. */
export const cache = join(root, '.cache');

/** Where the scripts leave what they found, as JSON. */
export const reports = process.env.DEADBOX_REPORTS ?? join(cache, 'reports');

const rootPackage = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** `pnpm@x.y.z`, as package.json pins it. */
export const pnpm = rootPackage.packageManager;

/** The published packages, nearest to the bytes first: `{ name, folder, manifest }`. */
export function publishedPackages() {
  const order = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).references.map(
    (reference) => reference.path,
  );
  return order.map((path) => {
    const folder = join(root, path);
    return {
      name: path.slice('packages/'.length),
      folder,
      manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
    };
  });
}

/** Path of an installed development tool. */
export function tool(name) {
  const file = join(root, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name);
  if (!existsSync(file)) throw new Error(`${name} is not installed: run npm run build`);
  return file;
}

/**
 * Runs a command to its end.
 * With `capture` its output comes back as text; with `toStderr` all of it goes to our stderr; else it goes where ours
 * goes.
 */
export function run(command, args, { capture = false, toStderr = false, cwd = root, env = {} } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['inherit', toStderr ? 2 : 'inherit', 'inherit'],
    maxBuffer: 1 << 28,
    shell: process.platform === 'win32',
  });
  if (result.error !== undefined) return { status: 127, stdout: '', stderr: `${command}: ${result.error.message}\n` };
  // A child ended by a signal has no status; shells report 128 + its number, we only need "not 0".
  return { status: result.status ?? 130, stdout: String(result.stdout ?? ''), stderr: String(result.stderr ?? '') };
}

/**
 * Prints the comment at the head of the script that was started, and ends, when it was asked for help: what a script
 * does must not begin then. Nothing happens in a script that another one imports.
 */
export function helpIfAsked(url) {
  const file = fileURLToPath(url);
  const asked = process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h');
  if (!asked || realpathSync(process.argv[1]) !== file) return;
  const [head] = /^(?:\/\/.*\r?\n)+/.exec(readFileSync(file, 'utf8')) ?? [''];
  process.stdout.write(head.replaceAll(/^\/\/ ?/gm, ''));
  process.exit(0);
}

/**
 * What a script was asked for, as `parseArgs` gives it. Ends with 2 and one line where an option is unknown or has no
 * value, where one of `numbers` has another value than a number above zero or one of `counts` another than a whole
 * number, and where one of `lists` (commas between names) names what is none of its names.
 */
export function argumentsAsked({ numbers = [], counts = [], lists = {}, ...config }) {
  let parsed;
  try {
    parsed = parseArgs(config);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    // The rest of the message explains how to escape a dash.
    refuse(cause.message.split('. ')[0]);
  }
  const given = (names) => names.map((name) => [name, parsed.values[name]]).filter(([, value]) => value !== undefined);
  for (const [name, value] of given(numbers)) {
    if (!(Number(value) > 0)) refuse(`--${name} takes a number above zero, not '${value}'`);
  }
  for (const [name, value] of given(counts)) {
    if (!/^\d+$/.test(value)) refuse(`--${name} takes a whole number, not '${value}'`);
  }
  for (const [name, value] of given(Object.keys(lists))) {
    const unknown = value.split(',').find((part) => !lists[name].includes(part));
    if (unknown !== undefined) refuse(`--${name} knows no '${unknown}'. There are: ${lists[name].join(', ')}`);
  }
  return parsed;
}

/** @returns {never} */
function refuse(reason) {
  process.stderr.write(`${reason}. --help says what there is.\n`);
  process.exit(2);
}

/** Ends this process with `status` when it is not 0. */
export function exitUnlessOk({ status }) {
  if (status !== 0) process.exit(status);
}

/** Every file below `folder`, sorted, without node_modules, dist and hidden folders. */
export function filesBelow(folder, accept = () => true) {
  if (!existsSync(folder)) return [];
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path, accept));
    else if (accept(path)) found.push(path);
  }
  return found.sort();
}

/** A text that changes when a file of the list is added, removed or written. */
export function stampOf(files) {
  return files
    .map((file) => {
      const { size, mtimeMs } = statSync(file);
      return `${file} ${size} ${mtimeMs}`;
    })
    .join('\n');
}
