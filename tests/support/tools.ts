import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';

const required: boolean = (process.env.DEADBOX_REQUIRE ?? '').split(/[ ,]+/).includes('tools');

const onPath = (name: string): boolean =>
  spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin"; command -v ${name}`]).status === 0;

/**
 * Whether `name` is on the PATH (sbin included). Throws when it is not and DEADBOX_REQUIRE asks for tools: a condition
 * must not hide a test then.
 */
export function hasTool(name: string): boolean {
  if (onPath(name)) return true;
  if (required) throw new Error(`DEADBOX_REQUIRE asks for tools, but ${name} is missing`);
  return false;
}

/**
 * Runs `define` when every tool is there; else skips with a line that names the missing ones, or fails when
 * DEADBOX_REQUIRE asks for tools.
 */
export function describeWithTools(tools: readonly string[], name: string, define: () => void): void {
  const missing = tools.filter((tool) => !onPath(tool));
  if (missing.length === 0) describe(name, define);
  else if (required)
    describe(name, () => {
      throw new Error(`${name}: DEADBOX_REQUIRE asks for tools, but ${missing.join(', ')} is missing`);
    });
  else describe.skip(`${name} (skipped: needs ${missing.join(', ')})`, () => void 0);
}

/** Whether this process may mount file systems (root with /dev/fuse). */
export const canMount: boolean = process.getuid?.() === 0 && spawnSync('test', ['-e', '/dev/fuse']).status === 0;

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

/** What a tool left; `status` is `null` where a signal ended it. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

type Runner = (tool: string, args: readonly string[], options: RunOptions) => Ran;

/** What every tool gets of the environment. */
export const toolEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
});

let runner: Runner = (tool, args, { input, env, cwd }) => {
  const result = spawnSync(tool, args, {
    maxBuffer: 1 << 30,
    ...(input === undefined ? {} : { input }),
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...toolEnvironment(), ...env },
  });
  if (result.error !== undefined) throw result.error;
  return result;
};

/** Has another runner start the tools of this process from now on. */
export function startToolsBy(other: Runner): void {
  runner = other;
}

/** Runs a tool and returns its stdout; throws with stderr when it fails. */
export function run(tool: string, args: readonly string[], options: RunOptions = {}): string {
  return runBytes(tool, args, options).toString('utf8');
}

/** Like {@link run}, as bytes. */
export function runBytes(tool: string, args: readonly string[], options: RunOptions = {}): Buffer {
  const { status, stdout, stderr } = runner(tool, args, options);
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')} ended with ${status}: ${stderr.toString('utf8')}`);
  return stdout;
}

/** A temporary folder, removed after the suite. Call inside `describe`. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'deadbox-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
