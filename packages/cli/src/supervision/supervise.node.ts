import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { standardOutput } from '../output/standard-streams.node.js';
import { INTERRUPTS } from './interrupts.node.js';

/** Set for the process that does the work. */
const MARK = 'DEADBOX_SUPERVISED';
/** Threads of the supervised process for asking file systems: each that is silent keeps one. */
const THREADS = '64';
/** Milliseconds that it has to end by itself after it has said its exit code. */
const LAST_WORDS = 1000;

/**
 * Whether the command line is to be run below a process of its own. A thread that waits for a dead disk or server can
 * be ended by nothing but the end of its process, which would wait for the thread: somebody else has to end it.
 */
export function needsSupervisor(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): boolean {
  return env[MARK] === undefined && argv.some((arg) => arg === '--time-limit' || arg.startsWith('--time-limit='));
}

/** Runs this program again with the same arguments, and gives its exit code, whether or not it can end. */
export function superviseSelf(): Promise<number> {
  const [program, script] = process.argv;
  // An executable of its own has its own path where a script would stand.
  const own = script === program ? [] : [...process.execArgv, script];
  const child = spawn(process.execPath, [...own, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { UV_THREADPOOL_SIZE: THREADS, ...process.env, [MARK]: '1' },
  });
  // A terminal sends them to both, another program perhaps to this one alone; the child knows what to do.
  for (const signal of INTERRUPTS) {
    process.on(signal, () => {
      if (child.connected) child.send(signal);
    });
  }
  return new Promise((resolve, reject) => {
    let said: number | undefined;
    child.on('message', (code) => {
      if (typeof code !== 'number') return;
      said = code;
      setTimeout(() => {
        // A thread that waits for a block device outlives even this: nobody waits for it.
        child.kill('SIGKILL');
        child.unref();
        if (child.connected) child.disconnect();
        resolve(code);
      }, LAST_WORDS);
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(said ?? code ?? 1));
  });
}

/** Tells the supervisor, where there is one, what this process ends with. */
export function tellSupervisor(code: number): void {
  if (process.env[MARK] === undefined || process.send === undefined) return;
  // Whoever reads the output sees its end, though this process may not come to one.
  standardOutput().write('', () => {
    for (const stream of [1, 2]) closeQuietly(stream);
    process.send?.(code, () => process.disconnect());
  });
}

function closeQuietly(file: number): void {
  try {
    closeSync(file);
  } catch {
    // It was closed before.
  }
}
