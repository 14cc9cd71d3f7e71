import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { help } from '@deadbox/report/help/en';
import { beforeAll, describe, expect, test } from 'vitest';
import { candidatesFor } from '../../packages/cli/src/completion/candidates.node.js';
import { type Shell } from '../../packages/cli/src/completion-scripts.js';
import { VERBS } from '../../packages/cli/src/program/verb-table.node.js';
import { attackVolume } from '../support/attack/attack-volume.js';
import { cliPath, deadbox } from '../support/cli.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

const { signal } = new AbortController();
const image = testImagePath('gpt-faulty');

async function offered(...words: string[]): Promise<string[]> {
  return (await candidatesFor(words, help, signal)).words.map(({ value }) => value);
}

describe('completion', () => {
  const scratch = temporaryFolder();
  test('offers every verb, and those that go on as typed', async () => {
    expect(await offered('')).toEqual(VERBS.map(({ id }) => id));
    expect(await offered('st')).toEqual(['stat']);
    expect(await offered('rules', '')).toEqual(['list', 'show', 'check']);
    expect(await offered('nonsense', '')).toEqual([]);
  });

  test('offers options of the verb, and the values of those that have a choice', async () => {
    expect(await offered('scan', '--qu')).toEqual(['--quick', '--quiet']);
    expect(await offered('fix', '--force')).toEqual(['--force']);
    expect(await offered('timeline', '--format', '')).toEqual(['bodyfile', 'csv', 'ndjson']);
    expect(await offered('scan', '--target', 'azure-n')).toEqual(['azure-nvme']);
  });

  test('leaves files to the shell where files belong', async () => {
    for (const words of [
      ['scan', ''],
      ['scan', 'a.raw', ''],
      ['ls', ''],
      ['scan', '-o', ''],
      ['ls', '--parent', ''],
    ])
      expect(await candidatesFor(words, help, signal), words.join(' ')).toEqual({ files: true, words: [] });
    expect(await candidatesFor(['export', 'a.raw', ''], help, signal)).toEqual({ files: false, words: [] });
  });

  test('offers paths inside the image, in any case, and the numbers of its volumes', async () => {
    expect(await offered('ls', image, '')).toContain('/Windows/');
    expect(await offered('cat', image, 'windows/sys')).toEqual(['windows/System32/']);
    expect(await offered('stat', '--volume', '3', image, '/Windows/System32/dri')).toEqual([
      '/Windows/System32/drivers/',
    ]);
    expect(await offered('ls', image, '--volume', '')).toEqual(['1', '2', '3']);
  });

  test('offers nothing where there is no disk, no such folder or no such volume', async () => {
    expect(await offered('ls', '/nowhere/disk.raw', '')).toEqual([]);
    expect(await offered('ls', cliPath, '')).toEqual([]);
    expect(await offered('ls', image, 'Nothing/here/')).toEqual([]);
    expect(await offered('ls', '--volume', '9', image, '')).toEqual([]);
  });

  test('never puts a name of a disk into a command line that a shell could act on', async () => {
    const hostile = ['a;reboot', 'b`id`', 'c|x', 'd\u001b[2J', 'e\u202egnp', 'f\ng', 'h>i', 'j"k', "l'm", 'plain.txt'];
    const volume = attackVolume(0, Object.fromEntries(hostile.map((name) => [`/odd/${name}`, new Uint8Array(1)])));
    writeFileSync(join(scratch, 'hostile.img'), volume);
    expect(await offered('ls', join(scratch, 'hostile.img'), 'odd/')).toEqual(['odd/plain.txt']);
  });

  test('offers what could be an option, or the home of a user, as a path', async () => {
    const hostile = ['--output=report', '-rf', '~root', '=ls', '#x'];
    const volume = attackVolume(0, Object.fromEntries(hostile.map((name) => [`/${name}`, new Uint8Array(1)])));
    writeFileSync(join(scratch, 'options.img'), volume);
    const found = await offered('ls', join(scratch, 'options.img'), '');
    for (const name of hostile) expect(found).toContain(`/${name}`);
    expect(found.filter((name) => !name.startsWith('/'))).toEqual([]);
  });

  test('refuses a shell that it does not know', () => {
    const { code, stderr } = deadbox(['completion', 'csh']);
    expect(code).toBe(2);
    expect(stderr).toContain('bash, zsh, fish, powershell');
  });
});

/** A folder with the script of `shell`, an image whose name has a space, and `deadbox` on the PATH. */
function prepare(folder: string, shell: Shell): { env: Record<string, string>; cwd: string } {
  const starter = join(folder, 'deadbox');
  writeFileSync(starter, `#!/bin/sh\nexec '${process.execPath}' '${cliPath}' "$@"\n`);
  chmodSync(starter, 0o755);
  copyFileSync(image, join(folder, 'my disk.img'));
  writeFileSync(join(folder, 'script'), deadbox(['completion', shell]).stdout);
  return { env: { PATH: `${folder}:${process.env.PATH}` }, cwd: folder };
}

describeWithTools(['bash'], 'completion in bash', () => {
  const folder = temporaryFolder();
  let shell: ReturnType<typeof prepare>;
  beforeAll(() => void (shell = prepare(folder, 'bash')));

  const complete = (words: string): string[] =>
    run(
      'bash',
      [
        '-c',
        `source script; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _deadbox 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ],
      shell,
    )
      .trim()
      .split('\n');

  test('goes on inside the image, and through files', () => {
    expect(complete('deadbox ls "my disk.img" Windows/Sys')).toEqual(['Windows/System32/']);
    expect(complete('deadbox scan my')).toEqual(['my disk.img']);
    expect(complete('deadbox ver')).toEqual(['verify', 'version']);
  });

  test('leaves out names in which readline would leave a dollar sign as it is', () => {
    const names = ['/odd/$(touch x)', '/odd/${HOME}', '/odd/a$HOME', '/odd/a b'];
    const volume = attackVolume(0, Object.fromEntries(names.map((name) => [name, new Uint8Array(1)])));
    writeFileSync(join(folder, 'dollar.img'), volume);
    expect(complete('deadbox ls dollar.img /odd/')).toEqual(['/odd/a b']);
  });
});

describeWithTools(['fish'], 'completion in fish', () => {
  const folder = temporaryFolder();
  let shell: ReturnType<typeof prepare>;
  beforeAll(() => void (shell = prepare(folder, 'fish')));

  test('goes on inside the image, and says what an option does', () => {
    const complete = (line: string): string[] =>
      run('fish', ['-c', `source script; complete -C '${line}'`], shell)
        .trim()
        .split('\n');
    expect(complete('deadbox ls my\\\\ disk.img Windows/Sys')).toEqual(['Windows/System32/']);
    expect(complete('deadbox scan --dee')).toEqual([`--deep\t${help.options.deep}`]);
    expect(complete('deadbox scan my')).toEqual(['my disk.img']);
  });
});

describeWithTools(['zsh'], 'completion in zsh', () => {
  const folder = temporaryFolder();
  let shell: ReturnType<typeof prepare>;
  beforeAll(() => void (shell = prepare(folder, 'zsh')));

  test('goes on inside the image, and says what an option does', () => {
    // What the script calls of zsh's completion system prints what it was given.
    const frame =
      'compdef() { : }; _describe() { print -l -- "${(P@)2}" }; compadd() { print -- "$@" }; _files() { print FILES }; source ./script; CURRENT=${#words}; _deadbox';
    const complete = (words: string): string[] =>
      run('zsh', ['-f', '-c', `words=(${words}); ${frame}`], shell)
        .trim()
        .split('\n');
    expect(complete('deadbox ls "my\\ disk.img" Windows/Sys')).toEqual(['-S  -- Windows/System32/']);
    expect(complete('deadbox scan --dee')).toEqual([`--deep:${help.options.deep}`]);
    expect(complete('deadbox scan ""')).toEqual(['FILES']);
  });
});
