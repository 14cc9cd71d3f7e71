// The packages and their imports as SVG: who is imported lies below. It brings its own background, in light and in dark,
// since a page that shows it does not say which theme it has.

const WIDTH = 900;
const MARGIN = 20;
const GAP = 10;
const BOX = 62;
const LINE = 34;
const HEAD = 34;
const FOOT = 30;

/** What each package is for, in lines that fit its box. */
const WORDS = {
  en: {
    core: ['bytes of files, devices, Blobs, web servers and memory; cursors, field tables, errors, evidence'],
    image: ['disk image', '→ virtual disk'],
    partitions: ['disk', '→ partitions'],
    encryption: ['BitLocker', '→ plain volume'],
    ntfs: ['volume', '→ files'],
    fat: ['volume', '→ files'],
    disk: ['image, partitions, encryption and file systems, put together'],
    windows: ['registry, boot,', 'crashes, logs'],
    triage: ['rules and detectors → verdict and causes, as data without words'],
    repair: ['plan of byte edits → written, verified, undone'],
    report: ['data → text, Markdown, HTML, SARIF, CSV; all words, in English and Japanese'],
    cli: ['the command line, and the library deadbox'],
    fleet: ['queue on Redis', 'for many hosts'],
    title: 'What imports what',
    label: 'The packages of deadbox: each imports only from packages that are drawn below it',
    also: 'also',
    writes: 'the only one that can write to an image',
    legend: ['imports', 'imports types only', 'what a package also imports from further down is named in its box'],
  },
  ja: {
    core: ['ファイル、デバイス、Blob、Web サーバー、メモリーのバイト列。カーソル、構造の定義、エラー、根拠'],
    image: ['イメージ', '→ 仮想ディスク'],
    partitions: ['ディスク', '→ パーティション'],
    encryption: ['BitLocker', '→ 復号'],
    ntfs: ['ボリューム', '→ ファイル'],
    fat: ['ボリューム', '→ ファイル'],
    disk: ['イメージ、パーティション、暗号化、ファイルシステムの組み立て'],
    windows: ['レジストリ、起動、', 'クラッシュ、ログ'],
    triage: ['ルールと検出器 → 判定と原因（文章を含まないデータ）'],
    repair: ['バイト単位の変更計画 → 書き込み、検証、取り消し'],
    report: ['データ → テキスト、Markdown、HTML、SARIF、CSV。文章はすべてここ（日本語と英語）'],
    cli: ['コマンドライン、およびライブラリ deadbox'],
    fleet: ['Redis のキューで', '多数のホストに'],
    title: 'パッケージの依存関係',
    label: 'deadbox のパッケージ。どのパッケージも、図で下にあるものだけを import する',
    also: 'ほかに',
    writes: 'イメージに書き込めるのはここだけ',
    legend: ['import', '型だけの import', 'さらに下からの import は箱の中に記す'],
  },
};

const STYLE = [
  'svg{--back:#fff;--box:#f3f6fa;--edge:#8a97a8;--ink:#1b2430;--soft:#566274;--line:#5f6f84;--write:#b35900}',
  '@media (prefers-color-scheme:dark){svg{--back:#12161d;--box:#1d2530;--edge:#66758a;--ink:#e8edf4;--soft:#a9b5c5;--line:#93a3b8;--write:#ffb057}}',
  'text{font:12px system-ui,sans-serif;fill:var(--soft)}.n{font-weight:700;font-size:15px;fill:var(--ink)}.t{fill:var(--ink)}',
  '.s{font-size:11px}.b{fill:var(--box);stroke:var(--edge)}.w{stroke:var(--write);stroke-width:2}.wt{fill:var(--write)}',
  '.l{fill:none;stroke:var(--line);stroke-width:1.5}.d{stroke-dasharray:5 4}.h{fill:var(--line)}',
].join('');

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** Rows from the ground up: a package lies one row above the highest that it imports, and what nobody imports on top. */
function rowsOf(graph) {
  const byName = new Map(graph.map((one) => [one.name, one]));
  const height = ({ near }) => (near.length === 0 ? 0 : 1 + Math.max(...near.map((to) => height(byName.get(to)))));
  const top = Math.max(...graph.map(height));
  const imported = new Set(graph.flatMap(({ near }) => near));
  return new Map(graph.map((one) => [one.name, imported.has(one.name) ? height(one) : top]));
}

/** The first and last column of each package: those on the ground's neighbours have one each, the others span theirs. */
function columnsOf(graph) {
  const ground = graph.filter(({ near }) => near.length === 0).map(({ name }) => name);
  const narrow = graph.filter(({ near }) => near.length > 0 && near.every((to) => ground.includes(to)));
  const columns = new Map(narrow.map(({ name }, at) => [name, [at, at]]));
  for (const name of ground) columns.set(name, [0, narrow.length - 1]);
  const spanOf = ({ name, near }, byName) => {
    const known = columns.get(name);
    if (known !== undefined) return known;
    const spans = near.map((to) => spanOf(byName.get(to), byName));
    columns.set(name, [Math.min(...spans.map(([from]) => from)), Math.max(...spans.map(([, to]) => to))]);
    return columns.get(name);
  };
  const byName = new Map(graph.map((one) => [one.name, one]));
  for (const one of graph) spanOf(one, byName);
  return { columns, count: narrow.length };
}

function layout(graph) {
  const rows = rowsOf(graph);
  const { columns, count } = columnsOf(graph);
  const top = Math.max(...rows.values());
  const step = (WIDTH - 2 * MARGIN + GAP) / count;
  const boxOf = (name) => {
    const [from, to] = columns.get(name);
    const y = HEAD + (top - rows.get(name)) * (BOX + LINE);
    return { x: MARGIN + from * step, y, width: (to - from + 1) * step - GAP };
  };
  return {
    boxes: new Map(graph.map(({ name }) => [name, boxOf(name)])),
    bottom: HEAD + (top + 1) * (BOX + LINE) - LINE,
  };
}

const middle = ({ x, width }) => x + width / 2;

/** From the upper box straight down to the lower one, in the middle of whichever is narrower. */
function arrow(upper, lower, onlyTypes) {
  const x = middle(upper.width < lower.width ? upper : lower).toFixed(1);
  const [from, to] = [upper.y + BOX, lower.y];
  return [
    `<path class="l${onlyTypes ? ' d' : ''}" d="M${x} ${from}V${to - 7}"/>`,
    `<path class="h" d="M${x} ${to}l-4.5 -8h9z"/>`,
  ].join('');
}

function box({ name, near, imports }, { x, y, width }, words) {
  const isNarrow = width < 200;
  const isWriter = name === 'repair';
  const further = [...imports.keys()].filter((to) => !near.includes(to));
  const left = (x + 12).toFixed(1);
  const right = (x + width - 12).toFixed(1);
  const lines = isNarrow ? words[name] : [words[name][0]];
  return [
    `<rect class="b${isWriter ? ' w' : ''}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BOX}" rx="8"/>`,
    `<text class="n" x="${left}" y="${y + 22}">${name}</text>`,
    ...lines.map((line, at) => `<text class="t s" x="${left}" y="${y + 39 + at * 14}">${escaped(line)}</text>`),
    isWriter ? `<text class="s wt" x="${right}" y="${y + 22}" text-anchor="end">${words.writes}</text>` : '',
    further.length > 0 ? `<text class="s" x="${left}" y="${y + 54}">${words.also}: ${further.join(', ')}</text>` : '',
  ].join('');
}

function legend(words, y) {
  const [imports, types, further] = words.legend;
  const place = MARGIN + 12;
  return [
    `<path class="l" d="M${place} ${y}h26"/><text class="s" x="${place + 34}" y="${y + 4}">${imports}</text>`,
    `<path class="l d" d="M${place + 110} ${y}h26"/><text class="s" x="${place + 144}" y="${y + 4}">${types}</text>`,
    `<text class="s" x="${WIDTH - MARGIN - 12}" y="${y + 4}" text-anchor="end">${further}</text>`,
  ].join('');
}

/** The picture of `graph`, as `nearest` gives it, in a language. */
export function architecturePicture(graph, language) {
  const words = WORDS[language];
  const { boxes, bottom } = layout(graph);
  const height = bottom + FOOT + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(words.label)}" lang="${language}">`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${height}" rx="10" style="fill:var(--back)"/>`,
    `<text class="n" x="${MARGIN}" y="22" style="font-size:13px">${words.title}</text>`,
    ...graph.flatMap(({ name, near, imports }) =>
      near.map((to) => arrow(boxes.get(name), boxes.get(to), imports.get(to))),
    ),
    ...graph.map((one) => box(one, boxes.get(one.name), words)),
    legend(words, bottom + FOOT - 8),
    '</svg>',
    '',
  ].join('\n');
}
