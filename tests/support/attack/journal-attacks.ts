import { gzipSync } from 'node:zlib';
import type { Attack } from './attack.js';
import { lines, MEGABYTE, utf8 } from './text-input.js';

const JOURNAL_HEAD =
  '{"schema":"deadbox.run/1","type":"run","run":"x","shard":null,"images":1,"provenance":{"tool":"deadbox",' +
  '"version":"1","rules":[],"options":{},"startedAt":"2026-01-01T00:00:00Z"}}\n';

const imageLine = (i: number, image: string): string =>
  `{"type":"image","key":"${i}","index":${i},"size":1,"mtime":"2026-01-01T00:00:00Z","files":[],"image":${image}}`;

const FORMS = ['html', 'csv', 'sarif', 'md', 'ndjson'];

const journal = (file: string, name: string, idea: string, bytes: () => Uint8Array<ArrayBuffer>): Attack => ({
  name: `journal, ${name}`,
  idea,
  file,
  bytes,
  verbs: [
    ['report', 'FILE'],
    ['report', '--json', 'FILE'],
    ['report', '--markdown', '--explain', 'FILE'],
    ['report', ...FORMS.flatMap((form) => ['--report', `OUT.${form}`]), 'FILE'],
    ['scan', '--quick', '--journal', 'FILE', 'BUNDLED'],
  ],
});

const FAILED =
  '{"path":"a.img","error":{"code":"X","message":"m"},"cause":null,"starts":"not-checked","causes":[],"obstacles":[]}';

const JOURNALS: readonly Attack[] = [
  journal('line.ndjson', 'one line of ten megabytes', 'no end of the line', () => utf8('x'.repeat(10 * MEGABYTE))),
  journal('long.ndjson', 'a report of ten megabytes', 'one line', () =>
    utf8(`${JOURNAL_HEAD}${imageLine(0, FAILED.replace('"m"', `"${'m'.repeat(10 * MEGABYTE)}"`))}\n`),
  ),
  journal('cut.ndjson', 'a million lines that are cut', 'each is passed over', () =>
    utf8(`${JOURNAL_HEAD}${'{"type":\n'.repeat(1_100_000)}`),
  ),
  journal('heads.ndjson', '40,000 runs', 'each is compared with the one before', () =>
    utf8(JOURNAL_HEAD.repeat(Math.floor((10 * MEGABYTE) / JOURNAL_HEAD.length))),
  ),
  journal('deep.ndjson', 'JSON nested five million deep', 'recursion in a parser', () =>
    utf8(`${JOURNAL_HEAD}${'['.repeat(5 * MEGABYTE)}${']'.repeat(5 * MEGABYTE)}\n`),
  ),
  journal('deep-image.ndjson', 'a report nested two million deep', 'recursion in a writer', () => {
    const deep = `${'['.repeat(2 * MEGABYTE)}${']'.repeat(2 * MEGABYTE)}`;
    return utf8(`${JOURNAL_HEAD}${imageLine(0, FAILED.replace('"m"', `"m","data":{"x":${deep}}`))}\n`);
  }),
  journal('version.ndjson', 'of a later version', 'a head of ten megabytes', () =>
    utf8(`{"schema":"deadbox.run/2","x":"${'x'.repeat(10 * MEGABYTE)}"}\n`),
  ),
  journal('failed.ndjson', '50,000 images that failed', 'each is a row of the report', () =>
    lines(10 * MEGABYTE, (i) => imageLine(i, FAILED), JOURNAL_HEAD),
  ),
  journal('bare.ndjson', '50,000 reports of nearly nothing', 'what a report must have is missing', () =>
    lines(10 * MEGABYTE, (i) => imageLine(i, '{"path":"a.img","severity":"none"}'), JOURNAL_HEAD),
  ),
  journal('machine.ndjson', '30,000 disks of one machine', 'they are seen together', () =>
    lines(
      10 * MEGABYTE,
      (i) =>
        imageLine(
          i,
          `${FAILED.slice(0, -1)},"machine":{"path":"m.vmx","kind":"vmx","name":null,"disk":1,"disks":2,"recorded":"a"}}`,
        ),
      JOURNAL_HEAD,
    ),
  ),
];

const list = (file: string, name: string, idea: string, text: () => string): Attack => ({
  name: `list of targets, ${name}`,
  idea,
  file,
  bytes: () => utf8(text()),
  verbs: [
    ['scan', '--quick', '--targets', 'FILE'],
    ['scan', '--quick', '--json', '--targets', 'FILE'],
  ],
});

const LISTS: readonly Attack[] = [
  list('line.txt', 'one line of ten megabytes', 'longer than any path', () => 'x'.repeat(10 * MEGABYTE)),
  list('comments.txt', 'a million comments', 'nothing to judge', () => '# a line\n'.repeat(1_100_000)),
  list('same.txt', 'a million times one name', 'a scan for each', () => '/none.img\n'.repeat(1_000_000)),
  list('zeros.txt', 'zeros', 'no text at all', () => '\0'.repeat(10 * MEGABYTE)),
];

const config = (file: string, name: string, idea: string, text: () => string): Attack => ({
  name: `configuration, ${name}`,
  idea,
  file,
  bytes: () => utf8(text()),
  environment: { DEADBOX_CONFIG: 'FILE' },
  verbs: [['config'], ['config', '--json'], ['scan', '--quick', 'BUNDLED']],
});

const CONFIGS: readonly Attack[] = [
  config('large.json', 'ten megabytes', 'larger than is read', () => `{"a":"${'x'.repeat(10 * MEGABYTE)}"}`),
  config(
    'entries.json',
    'ten thousand entries on as many lines',
    'each has a line',
    () => `{${'"jobs":1,\n'.repeat(6400)}"jobs":1}`,
  ),
  config(
    'lines.json',
    'lines and then entries',
    'as above',
    () => `{${'\n'.repeat(32_000)}${'"j":1,'.repeat(5000)}"j":1}`,
  ),
  config('nested.json', 'lists nested 60,000 deep', 'recursion in a parser', () => '['.repeat(60_000)),
  config('spaces.json', 'comments of slashes', 'a search from each place', () => '/'.repeat(60_000)),
  config('list.json', 'a list of 15,000 folders', 'each is a value', () => `{"site":[${'"a",'.repeat(15_000)}"a"]}`),
];

const DIAGNOSTICS_HEAD =
  '{"schema":"deadbox.diagnostics/1","image":"a.img","version":"1","made":"2026-01-01T00:00:00Z","contents":false}\n';

const recording = (file: string, name: string, idea: string, body: () => string | Uint8Array): Attack => ({
  name: `recording, ${name}`,
  idea,
  file,
  bytes: () => new Uint8Array(Buffer.concat([Buffer.from(DIAGNOSTICS_HEAD), gzipSync(body(), { level: 9 })])),
  verbs: [
    ['scan', 'FILE'],
    ['scan', '--deep', '--json', 'FILE'],
    ['info', 'FILE'],
    ['ls', '-r', 'FILE'],
  ],
});

const SOURCE = '{"type":"source","name":"a.img","size":1000000000000}\n';

const RECORDINGS: readonly Attack[] = [
  recording(
    'zeros.diag',
    'half a gigabyte of zeros',
    'a thousandth of that when packed',
    () => new Uint8Array(600 << 20),
  ),
  recording('lines.diag', 'lines of a megabyte', 'each is looked through again and again', () => {
    const line = Buffer.from(`{"type":"listing","names":["${'x'.repeat(1_000_000)}"]}\n`);
    return Buffer.concat([Buffer.from(SOURCE), ...Array.from({ length: 400 }, () => line)]);
  }),
  recording(
    'ranges.diag',
    'half a million ranges that cannot be read',
    'each is kept',
    () =>
      `${SOURCE}${Array.from({ length: 500_000 }, (_, i) => `{"type":"unreadable","source":0,"offset":${i * 1024},"length":512}`).join('\n')}\n{"type":"end","sources":1,"bytes":0}\n`,
  ),
  recording(
    'bytes.diag',
    'half a million pieces of one byte',
    'each is kept',
    () =>
      `${SOURCE}${Array.from({ length: 500_000 }, (_, i) => `{"type":"bytes","source":0,"offset":${i * 2},"length":1,"data":"AA=="}`).join('\n')}\n{"type":"end","sources":1,"bytes":500000}\n`,
  ),
  recording('full.diag', 'as many zeros as may be recorded', 'two thousandths of that when packed', () => {
    const line = (offset: number): string =>
      `{"type":"bytes","source":0,"offset":${offset},"length":65536,"data":"${'A'.repeat(87_382)}=="}`;
    const all = Array.from({ length: 2048 }, (_, i) => line(i * 65_536));
    return `${SOURCE}${all.join('\n')}\n{"type":"end","sources":1,"bytes":${2048 * 65_536}}\n`;
  }),
  recording('empty.diag', '200 million empty lines', 'each is a line', () => '\n'.repeat(200 << 20)),
  recording('deep.diag', 'a line nested half a million deep', 'recursion in a parser', () => '['.repeat(500_000)),
];

/** Journals, lists of targets, configurations and recordings. */
export const JOURNAL_ATTACKS: readonly Attack[] = [...JOURNALS, ...LISTS, ...CONFIGS, ...RECORDINGS];
