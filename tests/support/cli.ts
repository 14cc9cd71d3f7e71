import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './workspace.js';

/** The command line as it ships: `npm test` builds it first. */
export const cliPath: string = join(root, 'packages/cli/bin/deadbox.js');

/** What a run of the command line gave. */
export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `deadbox` with `args` and waits. */
export function deadbox(
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string; cwd?: string } = {},
): CliResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cliPath, ...args], {
    maxBuffer: 1 << 30,
    env: { ...process.env, NO_COLOR: '', COLUMNS: '', TZ: 'UTC', ...options.env },
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  return { code: status, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

/** Runs `deadbox` without blocking this process, for tests that serve it something. */
export function deadboxAsync(args: readonly string[]): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cliPath, ...args], {
      env: { ...process.env, NO_COLOR: '', COLUMNS: '', TZ: 'UTC' },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
    );
  });
}

/** The JSON that a verb printed. */
export function deadboxJson(args: readonly string[]): any {
  const { stdout, stderr } = deadbox(args);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`deadbox ${args.join(' ')} printed no JSON: ${stderr}`);
  }
}
