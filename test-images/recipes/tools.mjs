// Running other people's tools with a frozen clock, so that a recipe gives the same bytes every time.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/** The moment at which disks are made, unless a step says otherwise: after the incident, before anybody repaired anything. */
const MADE_AT = '2024-07-19 06:30:00';

/** faketime's library. The faketime command itself would wait for ntfs-3g's daemon, so the library is loaded directly. */
function fakeTimeLibrary() {
  for (const folder of ['/usr/lib', ...readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`)]) {
    const path = `${folder}/faketime/libfaketime.so.1`;
    if (existsSync(path)) return path;
  }
  throw new Error('faketime is not installed');
}

/** Runs a tool; its stdout as bytes, or an error with its stderr. */
export function run(tool, args, { input, env = {} } = {}) {
  const result = spawnSync(tool, args, {
    input,
    maxBuffer: 1 << 28,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...env },
  });
  if (result.error) throw result.error;
  if (result.status !== 0)
    throw new Error(
      `${tool} ${args.join(' ')} ended with ${result.status}\n${String(result.stderr)}${String(result.stdout)}`,
    );
  return result.stdout;
}

/** Runs a tool for which the clock stands still. */
export function frozen(tool, args, { at = MADE_AT, ...options } = {}) {
  const clock = {
    LD_PRELOAD: fakeTimeLibrary(),
    FAKETIME: at,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DONT_RESET: '1',
  };
  return run(tool, args, { ...options, env: { ...options.env, ...clock } });
}
