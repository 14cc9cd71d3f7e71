// docs/performance.md shows docs/bench.json: its tables stand between two comments, its curves are pictures beside it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace.mjs';
import { japaneseJob } from './bench-jobs.mjs';
import { curvePicture } from './curve-picture.mjs';

const START = '<!-- bench: written by npm run check -- --only bench --update-bench -->';
const END = '<!-- /bench -->';
const DATA = 'docs/bench.json';

const at = (path) => join(root, path);
const textOf = (path) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : '');

/** The pages that show the figures, and their words. */
const PAGES = {
  'docs/performance.md': {
    measured: (machine, node) =>
      `Measured on ${machine.date}: ${machine.processors} × ${machine.model}, ${machine.gibibytes} GiB, Node ${node}, load ${machine.load} at the end.`,
    contest: [
      'job',
      'deadbox',
      'other program',
      'of its time',
      'pairs',
      'of its processor time',
      'peak memory',
      'reads',
      'wanted',
    ],
    single: ['job', 'measured', 'wanted'],
    atMost: '≤',
    atLeast: '≥',
    missed: ', missed',
    range: (from, to) => `${from} to ${to}`,
    versus: (ours, theirs) => `${ours} against ${theirs}`,
    faster: 'Another program is faster',
    lighter: 'Another program needs less memory',
    none: 'in no job of this table',
    curve: ({ job, unit, measure }) => `${job}: milliseconds of ${measure} by ${unit}`,
    units: {},
    job: (job) => job,
  },
  'docs/performance.ja.md': {
    measured: (machine, node) =>
      `測定日 ${machine.date}、${machine.model} × ${machine.processors}、メモリー ${machine.gibibytes} GiB、Node ${node}、終了時の負荷 ${machine.load}。`,
    contest: [
      '処理',
      'deadbox',
      '比較対象',
      '所要時間の比',
      '対ごとの比',
      'CPU 時間の比',
      '最大メモリー',
      '読み取り',
      '目標',
    ],
    single: ['処理', '測定値', '目標'],
    atMost: '≤',
    atLeast: '≥',
    missed: '（未達）',
    range: (from, to) => `${from}～${to}`,
    versus: (ours, theirs) => `${ours}（相手は ${theirs}）`,
    faster: '比較対象のほうが速いもの',
    lighter: '比較対象のほうがメモリーの少ないもの',
    none: 'この表にはない',
    curve: ({ job, unit, measure }) =>
      `${japaneseJob(job)}：${UNITS_JA[unit] ?? unit}に対する${measure === 'time' ? '所要時間' : ' CPU 時間'}（ミリ秒）`,
    job: japaneseJob,
    units: {
      reads: '回の読み取り',
      requests: '回の要求',
      'images a second': 'イメージ／秒',
      'times as fast': '倍',
      '% more processor time': '% の CPU 時間増',
      'of the rate': '倍の処理速度',
    },
  },
};
const UNITS_JA = {
  files: 'ファイル数',
  fragments: '断片数',
  images: 'イメージ数',
  jobs: 'ジョブ数',
  'ms of latency': '応答の遅れ（ミリ秒）',
};

/** Problems, or none after `update` wrote what had to be written. */
export function checkBench({ update }) {
  const data = JSON.parse(textOf(DATA));
  const wanted = new Map();
  for (const [path, words] of Object.entries(PAGES)) {
    const page = textOf(path);
    if (page === '') continue;
    const [from, to] = [page.indexOf(START), page.indexOf(END)];
    if (from < 0 || to < from) return [`${path} has no place for the tables: ${START} … ${END}`];
    wanted.set(path, `${page.slice(0, from)}${START}\n\n${tables(data, words)}\n${page.slice(to)}`);
  }
  for (const curve of curvesOf(data)) wanted.set(pictureOf(curve), curvePicture(curve));
  const stale = [...wanted].filter(([path, text]) => textOf(path) !== text);
  if (!update)
    return stale.map(([path]) => `${path} does not show ${DATA}: npm run check -- --only bench --update-bench`);
  mkdirSync(at('docs/figures'), { recursive: true });
  for (const [path, text] of stale) writeFileSync(at(path), text);
  return [];
}

const curvesOf = ({ figures }) => figures.filter(({ kind }) => kind === 'curve');
const pictureOf = ({ job, unit }) =>
  `docs/figures/bench-${`${job} ${unit}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.svg`;

function tables(data, words) {
  const { machine, tools, figures } = data;
  const contests = figures.filter(({ kind }) => kind === 'contest');
  const singles = figures.filter(({ kind }) => kind === 'figure');
  const won = contests.filter(({ ratio }) => ratio > 1);
  const heavier = contests.filter(({ ours, theirs }) => ours.kilobytes > theirs.kilobytes);
  const name = (one) => `${words.job(one.job)} (\`${one.theirs.tool}\`)`;
  const list = (items) => (items.length === 0 ? words.none : items.join('; '));
  const versions = Object.entries(tools).map(([tool, version]) => `${tool} ${version}`);
  return [
    `${words.measured(machine, machine.node.slice(1))} ${versions.join(', ')}.`,
    '',
    ...table(
      words.contest,
      contests.map((one) => contestRow(one, words)),
    ),
    '',
    ...table(
      words.single,
      singles.map((one) => singleRow(one, words)),
    ),
    ...(singles.length === 0 ? [] : ['']),
    `${words.faster}: ${list(won.map((one) => `${name(one)} ${one.ratio.toFixed(2)}`))}.`,
    '',
    `${words.lighter}: ${list(heavier.map((one) => `${name(one)} ${words.versus(mebibytes(one.ours), mebibytes(one.theirs))}`))}.`,
    '',
    ...curvesOf(data).flatMap((curve) => [`![${words.curve(curve)}](${pictureOf(curve).slice('docs/'.length)})`, '']),
  ].join('\n');
}

const table = (head, rows) =>
  rows.length === 0 ? [] : [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows];
const mebibytes = ({ kilobytes }) => `${(kilobytes / 1024).toFixed(0)} MiB`;
const seconds = (milliseconds) =>
  milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
const spread = (side, { range }) =>
  `${seconds(side.milliseconds)} (${range(seconds(side.smallest), seconds(side.largest))})`;
const reads = ({ reads: count, bytes }) =>
  count === undefined ? '–' : `${count}, ${(bytes / 2 ** 20).toFixed(1)} MiB`;

function contestRow(one, words) {
  const { ours, theirs, pairs } = one;
  const cells = [
    words.job(one.job),
    spread(ours, words),
    `\`${theirs.tool}\` ${spread(theirs, words)}`,
    one.ratio.toFixed(3),
    words.range(pairs[0].toFixed(2), pairs[1].toFixed(2)),
    theirs.processor === 0 ? '–' : (ours.processor / theirs.processor).toFixed(2),
    words.versus(mebibytes(ours), mebibytes(theirs)),
    words.versus(reads(ours), reads(theirs)),
    `${words.atMost} ${one.wanted.toFixed(2)}${one.isMet ? '' : words.missed}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function singleRow(one, words) {
  const value = Number.isInteger(one.value) || one.value >= 100 ? one.value.toFixed(0) : one.value.toFixed(2);
  const bound = one.limit === 'at most' ? words.atMost : words.atLeast;
  const unit = words.units[one.unit] ?? one.unit;
  return `| ${words.job(one.job)} | ${value} ${unit} | ${bound} ${one.wanted}${one.isMet ? '' : words.missed} |`;
}
