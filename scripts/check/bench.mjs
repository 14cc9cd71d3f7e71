// docs/performance.md shows docs/bench.json: its tables stand between two comments, its curves are pictures beside it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace.mjs';
import { curvePicture } from './curve-picture.mjs';

const START = '<!-- bench: written by npm run check -- --only bench --update-bench -->';
const END = '<!-- /bench -->';
const DATA = 'docs/bench.json';
const PAGE = 'docs/performance.md';

const at = (path) => join(root, path);
const textOf = (path) => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : '');

/** Problems, or none after `update` wrote what had to be written. */
export function checkBench({ update }) {
  const page = textOf(PAGE);
  const [from, to] = [page.indexOf(START), page.indexOf(END)];
  if (from < 0 || to < from) return [`${PAGE} has no place for the tables: ${START} … ${END}`];
  const data = JSON.parse(textOf(DATA));
  const wanted = new Map();
  wanted.set(PAGE, `${page.slice(0, from)}${START}\n\n${tables(data)}\n${page.slice(to)}`);
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

function tables(data) {
  const { machine, tools, figures } = data;
  const contests = figures.filter(({ kind }) => kind === 'contest');
  const won = contests.filter(({ ratio }) => ratio > 1);
  const heavier = contests.filter(({ ours, theirs }) => ours.kilobytes > theirs.kilobytes);
  const name = (one) => `${one.job} (\`${one.theirs.tool}\`)`;
  const versions = Object.entries(tools).map(([tool, version]) => `${tool} ${version}`);
  return [
    `Measured on ${machine.date}: ${machine.processors} × ${machine.model}, ${machine.gibibytes} GiB, Node ${machine.node.slice(1)}, load ${machine.load} at the end. ${versions.join(', ')}.`,
    '',
    '| job | deadbox | other program | of its time | pairs | of its processor time | peak memory | reads | wanted |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...contests.map(contestRow),
    '',
    `Another program is faster: ${list(won.map((one) => `${name(one)} ${one.ratio.toFixed(2)}`))}.`,
    `Another program needs less memory: ${list(heavier.map((one) => `${name(one)} ${mebibytes(one.theirs)} against ${mebibytes(one.ours)}`))}.`,
    '',
    ...curvesOf(data).flatMap((curve) => [
      `![${curve.job}: milliseconds of ${curve.measure} by ${curve.unit}](${pictureOf(curve).slice('docs/'.length)})`,
      '',
    ]),
  ].join('\n');
}

const list = (items) => (items.length === 0 ? 'in no job of this table' : items.join('; '));
const mebibytes = ({ kilobytes }) => `${(kilobytes / 1024).toFixed(0)} MiB`;
const seconds = (milliseconds) =>
  milliseconds < 1000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
const spread = (side) => `${seconds(side.milliseconds)} (${seconds(side.smallest)} to ${seconds(side.largest)})`;
const reads = ({ reads: count, bytes }) =>
  count === undefined ? '–' : `${count}, ${(bytes / 2 ** 20).toFixed(1)} MiB`;

function contestRow(one) {
  const { ours, theirs, pairs } = one;
  const cells = [
    one.job,
    spread(ours),
    `\`${theirs.tool}\` ${spread(theirs)}`,
    one.ratio.toFixed(3),
    `${pairs[0].toFixed(2)} to ${pairs[1].toFixed(2)}`,
    theirs.processor === 0 ? '–' : (ours.processor / theirs.processor).toFixed(2),
    `${mebibytes(ours)} against ${mebibytes(theirs)}`,
    `${reads(ours)} against ${reads(theirs)}`,
    `≤ ${one.wanted.toFixed(2)}${one.isMet ? '' : ', missed'}`,
  ];
  return `| ${cells.join(' | ')} |`;
}
