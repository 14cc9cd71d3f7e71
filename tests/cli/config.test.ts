import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closest } from '../../packages/cli/src/closest.js';
import type { CommonOptions } from '../../packages/cli/src/options.js';
import { makeProgram } from '../../packages/cli/src/program/program.node.js';
import { VERBS } from '../../packages/cli/src/program/verb-table.node.js';
import { parseConfig } from '../../packages/cli/src/settings/config-file.js';
import { configPath } from '../../packages/cli/src/settings/config-path.node.js';
import { settingTable, whyNoDefault } from '../../packages/cli/src/settings/defaults.js';
import { readSettings } from '../../packages/cli/src/settings/read-settings.node.js';
import { SettingError } from '../../packages/cli/src/settings/setting-error.js';
import { deadbox, deadboxJson } from '../support/cli.js';
import { testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();
let files = 0;

function fileOf(text: string): string {
  const path = join(folder, `config-${(files += 1)}.json`);
  writeFileSync(path, text);
  return path;
}

/** The fault of a file, or of variables. */
async function faultOf(text: string, variables: Record<string, string> = {}): Promise<object> {
  try {
    await readSettings({ ...variables, DEADBOX_CONFIG: fileOf(text) });
  } catch (error) {
    if (error instanceof SettingError) return error.fault;
    throw error;
  }
  throw new Error('no fault');
}

/** The options that a call gives a verb under these defaults. */
async function optionsOf(argv: readonly string[], text: string, variables: Record<string, string> = {}): Promise<any> {
  const settings = await readSettings({ ...variables, DEADBOX_CONFIG: fileOf(text) });
  const spec = VERBS.find(({ id }) => id === argv[0]);
  if (spec === undefined || 'verbs' in spec) throw new Error('no verb');
  const seen: CommonOptions[] = [];
  const watched = { ...spec, run: async (_: unknown, options: CommonOptions) => seen.push(options) };
  const place = VERBS.indexOf(spec);
  (VERBS as unknown[])[place] = watched;
  try {
    await makeProgram(
      argv[0],
      async (verb) => void (await verb({} as never)),
      () => undefined,
      settings,
    ).parseAsync([...argv], { from: 'user' });
  } finally {
    (VERBS as unknown[])[place] = spec;
  }
  return seen[0];
}

describe('the configuration file', () => {
  test('is JSON with comments, every entry with its line', () => {
    expect(
      parseConfig('// mine\n{\n  "jobs": 4, // cores\n  "site": ["a", "\\u0062"],\n\n  "quiet": true\n}\n', 'c'),
    ).toEqual([
      { key: 'jobs', value: 4, line: 3 },
      { key: 'site', value: ['a', 'b'], line: 4 },
      { key: 'quiet', value: true, line: 6 },
    ]);
    expect(parseConfig('', 'c')).toEqual([]);
    expect(parseConfig('{}', 'c')).toEqual([]);
  });

  test.each([
    ['{\n  "jobs" 4 }', 2, ':'],
    ['{\n\n"jobs": }', 3, 'value'],
    ['{"jobs": 4\n"quiet": true}', 2, '}'],
    ['{"jobs": 4} x', 1, 'end'],
    ['[]', 1, '{'],
    ['{"jobs": 4,}', 1, '"'],
    ['{"jobs": 04}', 1, 'value'],
    ['{"a": {"b": 1}}', 1, 'value'],
    ['{"a": "b\nc"}', 1, 'value'],
    ['{', 1, '"'],
  ])('names the line of what is wrong in %j', (text, line, expected) => {
    expect(() => parseConfig(text, 'c.json')).toThrowError(SettingError);
    try {
      parseConfig(text, 'c.json');
    } catch (error) {
      expect((error as SettingError).fault).toEqual({
        id: 'malformed',
        facts: { path: 'c.json', line, expected },
      });
    }
  });

  test('takes no time over a file that only begins things', () => {
    const before = performance.now();
    expect(() => parseConfig('{"a": ['.repeat(9000), 'c')).toThrowError(SettingError);
    expect(() => parseConfig(`{"a": "${'\\'.repeat(60_000)}`, 'c')).toThrowError(SettingError);
    expect(() => parseConfig(`${' '.repeat(60_000)}//${'/'.repeat(60_000)}`, 'c')).not.toThrow();
    expect(performance.now() - before).toBeLessThan(500);
  });

  test('is found where such files are, or where DEADBOX_CONFIG says', () => {
    expect(configPath({ XDG_CONFIG_HOME: '/x' })).toBe(join('/x', 'deadbox', 'config.json'));
    expect(configPath({ DEADBOX_CONFIG: '/y.json', XDG_CONFIG_HOME: '/x' })).toBe('/y.json');
    expect(configPath({})).toMatch(/[\\/]\.config[\\/]deadbox[\\/]config\.json$/);
    const homeless = (): never => {
      throw Object.assign(new Error('uv_os_homedir returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' });
    };
    expect(configPath({}, homeless)).toBe(join('/', '.config', 'deadbox', 'config.json'));
  });
});

describe('a default', () => {
  test('comes from the call, else from its variable, else from the file', async () => {
    const file = '{"time-zone": "Asia/Tokyo", "jobs": 2, "no-progress": true}';
    expect(await optionsOf(['scan', 'a.img'], file)).toMatchObject({
      timeZone: 'Asia/Tokyo',
      jobs: 2,
      progress: false,
    });
    const variables = { DEADBOX_TIME_ZONE: 'Europe/Berlin', DEADBOX_JOBS: '3' };
    expect(await optionsOf(['scan', 'a.img'], file, variables)).toMatchObject({ timeZone: 'Europe/Berlin', jobs: 3 });
    expect(await optionsOf(['scan', 'a.img', '--time-zone', 'UTC', '--jobs', '1'], file, variables)).toMatchObject({
      timeZone: 'UTC',
      jobs: 1,
    });
  });

  test('concerns only verbs that have the option, and yields to --quick', async () => {
    expect(await optionsOf(['cat', 'a.img', '/x'], '{"jobs": 2, "target": "azure-nvme"}')).not.toHaveProperty('jobs');
    expect(await optionsOf(['scan', 'a.img'], '{"target": "azure-nvme"}')).toMatchObject({ target: 'azure-nvme' });
    expect(await optionsOf(['scan', '--quick', 'a.img'], '{"target": "azure-nvme"}')).not.toHaveProperty('target');
  });

  test('is refused where it is a secret, writes, or makes an answer say less', async () => {
    for (const [key, why] of [
      ['password', 'secret'],
      ['recovery-key', 'secret'],
      ['header', 'secret'],
      ['write', 'writes'],
      ['output', 'writes'],
      ['journal', 'writes'],
      ['quick', 'weakens'],
      ['force-chain', 'weakens'],
      ['volume', 'each-call'],
    ])
      expect(await faultOf(`{\n"${key}": "x"}`)).toMatchObject({ id: 'refused', facts: { key, why } });
    expect(await faultOf('{"queue": "redis://:secret@host"}')).toMatchObject({ id: 'refused' });
  });

  test('no option that writes or weakens has one, whatever the table says', () => {
    const keys = settingTable().map(({ key }) => key);
    for (const key of ['write', 'undo', 'overlay', 'output', 'report', 'journal', 'blank', 'force', 'quick']) {
      expect(keys).not.toContain(key);
      expect(whyNoDefault(key), key).toBeDefined();
    }
  });

  test('with a wrong name or value is named with its place, and with what was meant', async () => {
    expect(await faultOf('{\n\n"time_zone": "UTC"}')).toMatchObject({
      id: 'unknown',
      facts: { key: 'time_zone', meant: 'time-zone', place: expect.stringMatching(/config-\d+\.json:3$/) },
    });
    expect(await faultOf('{"color": "allways"}')).toMatchObject({ facts: { meant: 'always' } });
    expect(await faultOf('{"jobs": 0}')).toMatchObject({ facts: { takes: 'number' } });
    expect(await faultOf('{}', { DEADBOX_JOBS: 'many' })).toMatchObject({ facts: { place: 'DEADBOX_JOBS' } });
    expect(await faultOf('{}', { DEADBOX_QUIET: 'maybe' })).toMatchObject({ facts: { takes: 'none' } });
  });
});

describe('the command line', () => {
  test('config shows every default with where it comes from', () => {
    const home = join(folder, 'home', 'deadbox');
    mkdirSync(home, { recursive: true });
    const path = join(home, 'config.json');
    writeFileSync(path, '{\n  "lang": "ja",\n  "jobs": 5\n}\n');
    const env = { XDG_CONFIG_HOME: join(folder, 'home'), DEADBOX_CONFIG: '', DEADBOX_COLOR: 'never', DEADBOX_LANG: '' };
    const { settings, file } = JSON.parse(deadbox(['config', '--json'], { env }).stdout);
    expect(file).toEqual({ path, exists: true });
    const byKey = Object.fromEntries(settings.map((one: { key: string }) => [one.key, one]));
    expect(byKey.lang).toMatchObject({ value: 'ja', from: 'file', line: 2, variable: 'DEADBOX_LANG' });
    expect(byKey.color).toMatchObject({ value: 'never', from: 'variable', line: null });
    expect(byKey.target).toMatchObject({ value: null, from: 'built-in' });
    expect(deadbox(['config'], { env }).stdout).toContain('2 行目');
  });

  test('a broken file stops every verb with its line, and help is still there', () => {
    const env = { DEADBOX_CONFIG: fileOf('{\n  "jobs": }') };
    const { code, stderr } = deadbox(['info', testImagePath('gpt-faulty')], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/config-\d+\.json:2: a text in double quotes/);
    expect(deadbox(['info', '--help'], { env }).code).toBe(0);
  });

  test('a fault that a default causes names the default', () => {
    const { stderr } = deadbox(['scan', testImagePath('gpt-faulty')], { env: { DEADBOX_TARGET: 'azure-nvm' } });
    expect(stderr).toContain('did you mean azure-nvme?');
    expect(stderr).toContain('target is set in DEADBOX_TARGET');
  });
});

describe('did you mean', () => {
  test.each([
    ['Sytem32', ['System32', 'SysWOW64'], 'System32'],
    ['azure', ['azure-nvme', 'azure-scsi'], undefined],
    ['jp', ['en', 'ja'], 'ja'],
    ['xyzzy', ['plugh'], undefined],
    ['', ['a'], undefined],
    ['CSAGNET', ['CSAgent'], 'CSAgent'],
  ])('%j among %j is %j', (word, names, meant) => {
    expect(closest(word, names)).toBe(meant);
  });

  test.each([
    [['stat', testImagePath('gpt-faulty'), '/Windows/Sytem32/drivrs'], '/Windows/System32/drivers', 1],
    [['info', '--jsn', 'a.img'], '--json', 2],
    [['scn', 'a.img'], 'scan', 2],
    [['timeline', '--format', 'cvs', 'a.img'], 'csv', 2],
    [['rules', 'lst'], 'list', 2],
    [['completion', 'bahs'], 'bash', 2],
    [['scan', '--report', 'a.jsn', testImagePath('gpt-faulty')], '.json', 2],
    [['info', '--lang', 'jp', 'a.img'], 'ja', 2],
  ])('%j asks about %s in both languages', (argv, meant, code) => {
    for (const [language, question] of [
      ['en', `did you mean ${meant}?`],
      ['ja', `もしかして: ${meant}`],
    ]) {
      const ran = deadbox(argv, { env: { DEADBOX_LANG: language } });
      expect(ran.stderr).toContain(question);
      expect(ran.code).toBe(code);
    }
  });
});

test('--verbose says on stderr what was opened and how far it could be read; the answer is the same', () => {
  const image = testImagePath('gpt-faulty');
  const { stderr, stdout } = deadbox(['scan', '--json', '-v', image]);
  expect(stderr).toContain(`opened ${image}: raw (flat), 53 MiB, partition table gpt`);
  expect(stderr).toMatch(/volume 3 at byte 37748736: \w+, ntfs, encryption none/);
  expect(stderr).toMatch(/read [\d.]+ KiB of 53 MiB in \d+ reads/);
  expect(JSON.parse(stdout).images[0].verdict).toBe(deadboxJson(['scan', '--json', image]).images[0].verdict);
  expect(deadbox(['scan', '--json', '-v', '--lang', 'ja', image]).stderr).toContain('を開きました');
  expect(deadbox(['scan', '--json', image]).stderr).toBe('');
});
