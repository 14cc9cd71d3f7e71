import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Ran, type RunOptions, toolEnvironment } from '../support/tools.js';

/** A text as one word of a shell. */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * One small shell that starts the tools of a whole campaign: a process is copied when it starts another, which costs
 * this one ten times as much as it costs a shell.
 */
export class ToolShell {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #commands: number;
  readonly #answers: number;

  /** @param folder - one that is there, for what tools are given and print */
  constructor(folder: string) {
    this.#folder = resolve(folder);
    const pipes = ['commands', 'answers'].map((name) => join(this.#folder, name));
    for (const pipe of pipes) {
      rmSync(pipe, { force: true });
      spawnSync('mkfifo', [pipe]);
    }
    // Opened for both directions, a pipe waits for nobody.
    [this.#commands, this.#answers] = pipes.map((pipe) => openSync(pipe, 'r+'));
    this.#child = spawn('sh', [pipes[0]], { stdio: ['ignore', 'ignore', 'inherit'], env: toolEnvironment() });
    this.#child.unref();
  }

  /** Runs a tool to its end; the process waits. */
  run(tool: string, args: readonly string[], { input, env = {}, cwd = '.' }: RunOptions): Ran {
    const [given, stdout, stderr] = ['in', 'out', 'err'].map((name) => join(this.#folder, name));
    if (input !== undefined) writeFileSync(given, input);
    const set = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
    const words = [...set, ...[tool, ...args].map(quoted)].join(' ');
    const from = input === undefined ? '/dev/null' : quoted(given);
    const into = `> ${quoted(stdout)} 2> ${quoted(stderr)}`;
    writeSync(
      this.#commands,
      `(cd ${quoted(cwd)} && ${words} < ${from} ${into}); echo $? > ${quoted(join(this.#folder, 'answers'))}\n`,
    );
    const answer = Buffer.alloc(16);
    const length = readSync(this.#answers, answer);
    return {
      status: Number(answer.toString('latin1', 0, length)),
      stdout: readFileSync(stdout),
      stderr: readFileSync(stderr),
    };
  }

  close(): void {
    closeSync(this.#commands);
    closeSync(this.#answers);
    this.#child.kill();
  }
}
