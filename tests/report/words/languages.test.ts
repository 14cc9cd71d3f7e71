import { readFileSync } from 'node:fs';
import { describeStat, openDisk } from '@deadbox/disk';
import { type Block, type Document, infoPage, type Phrase, scanPage, statPage, textWriter } from '@deadbox/report';
import { en } from '@deadbox/report/en';
import {
  bootPage,
  displayWidth,
  errorPhrase,
  problemPhrase,
  Reader,
  type UsageFacts,
  type UsageId,
  type UsageProblem,
} from '@deadbox/report/internals';
import { ja } from '@deadbox/report/ja';
import { SHIPPED_RULES, scanDisk, scanReport } from '@deadbox/triage';
import { MemorySource } from 'deadbox';
import { beforeAll, describe, expect, test } from 'vitest';
import { Facts } from '../../../packages/report/src/words/facts.js';
import { errorSentences } from '../../../packages/report/src/words/ja/error-sentences.js';
import { deadbox } from '../../support/cli.js';
import { testImagePath } from '../../support/test-image.js';

// That each language has every word is the compiler's work; these tests read what the words become.

const LANGUAGES = [en, ja] as const;
const WIDTHS = [80, 40] as const;
const plain = (phrase: Phrase): string => phrase.map(({ text }) => text).join('');

/** Every phrase of a document. */
function phrasesOf(blocks: Document): Phrase[] {
  return blocks.flatMap((block: Block): Phrase[] => {
    switch (block.kind) {
      case 'heading':
      case 'paragraph':
        return [block.content];
      case 'fields':
        return block.fields.flatMap(({ label, value }) => [[{ kind: 'text', text: label }], value]);
      case 'list':
        return [...block.items];
      case 'table':
        return [...block.head.map((text): Phrase => [{ kind: 'text', text }]), ...block.rows.flat()];
      case 'row':
        return block.cells.map(({ content }) => content);
      case 'group':
        return phrasesOf(block.blocks);
      default:
        return [];
    }
  });
}

/** Four English words in a row: more than any technical name or command has. */
const ENGLISH = /\b[a-z]{2,}[ ,]+[a-z]{2,}[ ,]+[a-z]{2,}[ ,]+[a-z]{2,}\b/;
const LEFT_OVER =
  /undefined|\[object|NaN|\{(file|path|modified|created|content|count|from|until|journal|del|paths|hive)\}/;

function expectReadable(document: Document, language: (typeof LANGUAGES)[number]): void {
  // A command is never broken: it is copied into a shell.
  const commands = phrasesOf(document).flatMap((phrase) => phrase.filter(({ kind }) => kind === 'code'));
  for (const width of WIDTHS) {
    const text = textWriter({ width })(document);
    const broken = text.split('\n').filter((line) => !commands.some((command) => line.includes(command.text)));
    expect(broken.filter((line) => displayWidth(line) > width)).toEqual([]);
    expect(text).not.toMatch(LEFT_OVER);
    // Kinsoku: what must not begin a line does not, unless it stands there alone.
    expect(text.split('\n').filter((line) => /^ *[、。」）］ー]/.test(line))).toEqual([]);
    expect(text.split('\n').filter((line) => /[「（［]$/.test(line))).toEqual([]);
  }
  if (language.code !== 'ja') return;
  const own = phrasesOf(document).map((phrase) => plain(phrase.filter(({ kind }) => kind === 'text')));
  expect(own.filter((words) => ENGLISH.test(words))).toEqual([]);
}

describe.each(LANGUAGES.map((language) => [language.code, language] as const))('in %s', (_code, language) => {
  const page = { language, zone: { name: 'Asia/Tokyo', whose: 'asked' } as const };
  let pages: Record<string, Document>;

  beforeAll(async () => {
    const disk = await openDisk(new MemorySource(new Uint8Array(readFileSync(testImagePath('gpt-faulty')))), {
      name: 'server-07.img',
    });
    const image = { ...(await scanDisk(disk, { explain: true, mode: 'deep' })), path: 'server-07.img' };
    const report = scanReport({
      tool: 'deadbox',
      version: '0',
      rules: SHIPPED_RULES,
      options: {},
      startedAt: '',
      finishedAt: '',
      images: [
        image,
        {
          path: 'gone.vhd',
          error: { code: 'SOURCE_NOT_FOUND', message: 'gone' },
          cause: null,
          starts: 'not-checked',
          causes: [],
          obstacles: [],
        },
      ],
    });
    const volume = disk.volumes[2];
    const file = await (await volume.fileTree()).lookup('/Windows/System32/config/SYSTEM');
    if (file === undefined) throw new Error('no SYSTEM hive');
    pages = {
      scan: scanPage(report, { ...page, explain: true }),
      info: infoPage(
        {
          schema: 'deadbox.info/1',
          ...JSON.parse(deadbox(['info', '--check', '--json', testImagePath('gpt-faulty')]).stdout),
        },
        page,
      ),
      boot: bootPage([], image.installations[0].boot, page),
      stat: statPage(await describeStat(volume, file), page),
    };
  });

  test.each(['scan', 'info', 'boot', 'stat'])(
    '%s of the bundled disk keeps to its width, and to its language',
    (name) => {
      expect(pages[name].length).toBeGreaterThan(1);
      expectReadable(pages[name], language);
    },
  );

  test.each(Object.keys(en.issues))('%s is a sentence, with its place and facts behind it', (code) => {
    const sentence = language.issues[code as keyof typeof en.issues];
    expect(sentence).toMatch(language.code === 'ja' ? /[ぁ-ん].*。$/ : /^[A-Z$].*\.$/);
    const issue = { code, severity: 'warning', at: { layer: 'disk', offset: 512 }, data: { copy: 'backup' } } as const;
    const phrase = new Reader({ language }).issue(issue);
    expect(plain(phrase)).toContain(code);
    expectReadable([{ kind: 'fields', fields: [{ label: 'Issue', value: phrase }] }], language);
  });

  test('an issue of a later version is shown by its code', () => {
    const issue = { code: 'ntfs.of-tomorrow', severity: 'note', data: {} } as const;
    expect(plain(new Reader({ language }).issue(issue))).toMatch(/^\S+: ntfs\.of-tomorrow$/);
  });

  test.each(Object.keys(errorSentences))('%s is a sentence, with and without facts', (code) => {
    const reader = new Reader({ language });
    const message = 'the message of the error';
    const facts = { path: '/images/server-07.vhdx', group: 3, line: 9, length: 512 };
    for (const error of [
      { code, message },
      { code, message, at: { layer: 'disk', offset: 4096 }, data: facts },
    ]) {
      const said = errorPhrase(error, reader);
      expectReadable([{ kind: 'paragraph', content: said }], language);
      expect(plain(said)).toContain(message);
      if (language.code === 'ja') expect(plain(said)).toMatch(/[。）]/);
    }
  });

  test.each(Object.entries(USAGE))('the fault %s is a sentence', (id, facts) => {
    const said = problemPhrase({ id, facts } as unknown as UsageProblem, new Reader({ language }));
    expect(plain(said).length).toBeGreaterThan(10);
    expectReadable([{ kind: 'paragraph', content: said }], language);
  });

  test('every finding, step and obstacle is said, with its facts and without', () => {
    const given = {
      path: '/EFI/Microsoft/Boot/BCD',
      verdict: 'damaged',
      id: '{x}',
      entry: '{y}',
      element: 'device',
      kind: 'resume',
      status: 'other-disk',
      firmware: 'uefi',
      expected: 'ControlSet001',
      fallback: true,
      former: 'A',
      current: 'B',
    };
    for (const facts of [new Facts(given, language.common.unknown), new Facts({}, language.common.unknown)]) {
      for (const table of [language.boot.findings, language.hives.findings, language.steps]) {
        for (const say of Object.values(table)) expectReadable([{ kind: 'paragraph', content: say(facts) }], language);
      }
    }
    for (const table of [
      language.obstacles.effects,
      language.obstacles.advice,
      language.boot.remedies,
      language.scan.contents,
      language.scan.provisional,
    ]) {
      for (const text of Object.values(table))
        expectReadable([{ kind: 'paragraph', content: [{ kind: 'text', text }] }], language);
    }
  });
});

/** Facts of every fault of a call. */
const USAGE: UsageFacts = {
  'target-unknown': { word: 'mars', known: 'hyper-v-gen2, virtio-blk', meant: null },
  'target-and-quick': {},
  'newest-clean-and-quick': {},
  'output-twice': { path: 'report.json' },
  'output-name': { path: 'aux', fault: 'device' as const },
  'include-unknown': { word: 'ols', meant: 'old' },
  'no-readable-volume': { image: 'a.vhd', volumes: 2 },
  'no-such-volume': { image: 'a.vhd', number: 9, numbers: [1, 2] },
  'no-such-disk': { image: 'vm.ova', number: 3, disks: ['a.vmdk', 'b.vmdk'] },
  'machine-without-disks': { path: 'vm.vmx' },
  'machine-too-many-disks': { path: 'vm.vmx', disks: 60_000, most: 512 },
  'records-need-ntfs': {},
  'timeline-needs-ntfs': {},
  'not-on-volume': { path: '/Windwos', meant: '/Windows' },
  'is-directory': { path: '/x' },
  'not-a-hive': { name: 'a.vhd', hives: ['SYSTEM', 'SOFTWARE'] },
  'page-not-built': {},
  'no-walk-target': { target: 'bcd-missing' },
  'no-key': { path: 'Selct', meant: 'Select' },
  'no-boot-store': { image: 'a.vhd' },
  'header-malformed': { position: 1 },
  'no-variable': { label: '--password #1', name: 'KEY' },
  'key-file-too-large': { label: '--keys #1', path: 'k.csv', mebibytes: 64 },
  'key-file-unreadable': { label: '--keys #1', path: 'k.csv', reason: 'EACCES' },
  'nothing-on-stdin': { label: '--password #1' },
  'folder-without-images': { path: '/images' },
  'folder-is-volume': { path: '/mnt' },
  'drive-elsewhere': { name: 'D:' },
  'no-match': { pattern: '*.vhd' },
  'rules-unreadable': { folder: 'rules', reason: 'ENOENT' },
  'rules-empty': { folder: 'rules' },
  'rules-twice': { folder: 'rules', name: 'a' },
  'rule-unreadable': { path: 'a.yaml', reason: 'ENOENT' },
  'no-rule': { name: 'a', meant: null },
  'zone-unknown': { zone: 'Mars/Olympus' },
  'write-needs-undo': {},
  'undo-needs-folder': { path: 'undo.json' },
  'write-or-overlay': {},
  'time-limit-malformed': { text: '0' },
  'fix-needs-no-export': { image: 'nbd://host/disk' },
  'fix-needs-file': { image: 'https://example.org/disk.img' },
  'language-unknown': { language: 'jp', meant: 'ja' },
  'export-needs-output': {},
  'two-forms': {},
  'no-targets': {},
  'targets-unreadable': { path: 'list.txt', reason: 'EACCES' },
  'targets-empty': { path: 'list.txt' },
  'no-queue': {},
  'one-site': {},
  'fleet-missing': { executable: true },
  'fleet-secret': { path: 'https://example.org/disk.vhd' },
  'shard-malformed': { text: '5/4' },
  'report-form': { path: 'report.pdf', known: '.json, .md', meant: '.md' },
  'journal-unreadable': { path: 'run.ndjson', reason: 'EACCES' },
  'journal-changed': { path: 'run.ndjson' },
  'journal-foreign': { path: 'run.ndjson' },
  'journal-version': { path: 'run.ndjson', found: 'deadbox.run/2', known: 'deadbox.run/1' },
  'journal-other-run': { path: 'run.ndjson', other: 'other.ndjson' },
  'shell-unknown': { shell: 'csh', known: ['bash', 'zsh'], meant: 'zsh' },
  'verb-missing': { name: 'server.img' },
} satisfies Record<UsageId, object>;

test('every text of every shipped rule is there in Japanese', () => {
  const without: string[] = [];
  const walk = (value: unknown, place: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('en' in value && !('ja' in value)) without.push(place);
    for (const [key, inner] of Object.entries(value)) walk(inner, `${place}.${key}`);
  };
  for (const rule of SHIPPED_RULES) walk(rule, rule.name);
  expect(without).toEqual([]);
});

describe('the language of a run', () => {
  const image = testImagePath('gpt-faulty');
  const lines = (args: string[], env: Record<string, string> = {}): string =>
    deadbox(['info', ...args, image], {
      env: { LC_ALL: '', LC_MESSAGES: '', LANG: 'en_US.UTF-8', DEADBOX_LANG: '', ...env },
    }).stdout;
  const JAPANESE = 'パーティション';

  test.each([
    [['--lang', 'ja'], {}],
    [['--lang=ja'], { DEADBOX_LANG: 'en' }],
    [[], { DEADBOX_LANG: 'ja' }],
    [[], { LANG: 'ja_JP.UTF-8' }],
    [[], { LC_MESSAGES: 'ja', LANG: 'de_DE.UTF-8' }],
    [[], { LC_ALL: 'ja_JP.UTF-8', LC_MESSAGES: 'C' }],
  ])('%j with %j is Japanese', (args, env) => {
    expect(lines(args, env)).toContain(JAPANESE);
  });

  test.each([
    [['--lang', 'en'], { LANG: 'ja_JP.UTF-8' }],
    [[], { LC_ALL: 'C', LANG: 'ja_JP.UTF-8' }],
    [[], { LANG: 'jam_JM.UTF-8' }],
    [[], { DEADBOX_LANG: 'en', LANG: 'ja_JP.UTF-8' }],
  ])('%j with %j is English', (args, env) => {
    expect(lines(args, env)).not.toContain(JAPANESE);
  });

  test('a language without words is refused, errors are said in the one that was asked for', () => {
    expect(deadbox(['info', '--lang', 'tlh', image])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--lang takes en and ja'),
    });
    expect(deadbox(['ls', '--lang', 'ja', '--volume', '9', image]).stderr).toContain('ボリューム 9 はありません');
  });
});

describe('a path that cannot be opened', () => {
  // Each message is what opening such a path says in English.
  test.each([
    [
      'SOURCE_NOT_FOUND',
      'gone.vhd does not exist',
      { path: 'gone.vhd', system: 'ENOENT' },
      'gone.vhd が見つかりません',
    ],
    ['SOURCE_NOT_FOUND', 'gone.vhd does not exist', { path: 'gone.vhd' }, 'gone.vhd が見つかりません'],
    ['SOURCE_DENIED', 'may not be read', { path: '/dev/sda', system: 'EACCES' }, 'sudo'],
    ['SOURCE_DENIED', 'may not be read', { path: 'a.vhd', system: 'EPERM' }, 'アクセス権'],
    ['SOURCE_DENIED', 'may not be written', { path: 'a.vhd', system: 'EACCES', access: 'write' }, 'に書き込む権限'],
    ['SOURCE_DENIED', 'is in use', { path: '\\\\.\\D:', system: 'EACCES' }, '管理者'],
    ['SOURCE_DENIED', 'is in use', { path: 'a.vhd', system: 'EBUSY' }, '使用中'],
  ])('%s, %s, %j is said without English', (code, message, data, said) => {
    const words = textWriter()([
      { kind: 'paragraph', content: ja.errors.error({ code, message, data: new Facts(data, '不明') }) },
    ]);
    expect(words).toContain(said);
    expect(words).not.toContain('詳細');
  });

  test('keeps the particulars of a server', () => {
    const error = { code: 'SOURCE_NOT_FOUND', message: 'https://host/a.vhd: HTTP 404', data: new Facts({}, '不明') };
    expect(textWriter()([{ kind: 'paragraph', content: ja.errors.error(error) }])).toContain('HTTP 404');
  });
});
