// What the command line prints for the bundled disk, in its own colours, as a picture of a terminal.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BUNDLED, bundledImage } from '../bundled-image.mjs';
import { root, run } from '../workspace.mjs';

/** The pictures, by language. */
const PICTURES = { en: 'docs/figures/scan-en.svg', ja: 'docs/figures/scan-ja.svg' };
/** Lines that are shown: what stands before the file's details. */
const LINES = 22;
const FONT = 14;
/** Of a narrow character, and of a line. */
const COLUMN = 8.4;
const ROW = 20;
const MARGIN = 18;
const BAR = 34;

// The background is the picture's own, so that it reads the same on a light and a dark page; contrast is 7:1 or more.
const COLOURS = { plain: '#d8dee9', 31: '#ff8f8f', 32: '#8fd694', 33: '#f0c674' };
const FAINT = '#a7b0bf';
const BACKGROUND = '#15191f';

const isWide = (character) =>
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/u.test(character);
const columnsOf = (text) => [...text].reduce((sum, character) => sum + (isWide(character) ? 2 : 1), 0);
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Pieces of one look: `{ text, style }`. The look goes on into the next line. */
function piecesOf(line, look) {
  const pieces = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are written with
  for (const [at, part] of line.split(/\u001b\[(\d+)m/).entries()) {
    if (at % 2 === 0) {
      if (part !== '') pieces.push({ text: part, ...look });
    } else if (part === '1') look.bold = true;
    else if (part === '2') look.faint = true;
    else if (part === '22') Object.assign(look, { bold: false, faint: false });
    else if (part === '39') look.colour = undefined;
    else if (COLOURS[part] !== undefined) look.colour = part;
    else throw new Error(`The picture knows no colour ${part}`);
  }
  return pieces;
}

/** A row of text; each piece is as wide as its columns in any font. Spaces are gaps: renderers take them together. */
function row(pieces, y) {
  let column = 0;
  const words = pieces.flatMap(({ text, ...look }) =>
    text.split(/(^ +| {2,}| +$)/).map((part) => ({ text: part, ...look })),
  );
  const spans = words.flatMap(({ text, bold, faint, colour }) => {
    const x = (MARGIN + column * COLUMN).toFixed(1);
    const columns = columnsOf(text);
    column += columns;
    if (text.trim() === '') return [];
    const fill = colour === undefined ? (faint ? FAINT : COLOURS.plain) : COLOURS[colour];
    const weight = bold ? ' font-weight="bold"' : '';
    return `<tspan x="${x}" textLength="${(columns * COLUMN).toFixed(1)}" fill="${fill}"${weight}>${escaped(text)}</tspan>`;
  });
  return spans.length === 0 ? [] : [`<text y="${y}">${spans.join('')}</text>`];
}

/** A picture of a terminal that shows `lines`, which may have ANSI colours. */
export function terminalPicture(lines, { language, title }) {
  const look = { bold: false, faint: false, colour: undefined };
  const rows = lines.map((line) => piecesOf(line, look));
  const columns = Math.max(...rows.map((pieces) => columnsOf(pieces.map(({ text }) => text).join(''))));
  const width = Math.ceil(2 * MARGIN + columns * COLUMN);
  const height = BAR + rows.length * ROW + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" xml:lang="${language}" aria-label="${escaped(title)}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}" stroke="#4c566a"/>`,
    ...['#ff5f56', '#ffbd2e', '#27c93f'].map((fill, i) => `<circle cx="${20 + i * 20}" cy="17" r="6" fill="${fill}"/>`),
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'Noto Sans Mono CJK JP',monospace" font-size="${FONT}" style="white-space:pre">`,
    ...rows.flatMap((pieces, i) => row(pieces, BAR + i * ROW + FONT)),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function pictureOf(language) {
  const image = bundledImage();
  const words = ['scan', '--color', 'always', BUNDLED];
  const { stdout } = run(process.execPath, [join(root, 'packages/cli/bin/deadbox.js'), ...words], {
    capture: true,
    cwd: dirname(image),
    env: { TZ: 'UTC', LC_ALL: 'C.UTF-8', DEADBOX_LANG: language },
  });
  const title = `deadbox scan ${BUNDLED}`;
  return terminalPicture([`\u001b[2m$\u001b[22m ${title}`, ...stdout.split('\n').slice(0, LINES)], { language, title });
}

/** Problems with the pictures, or none after `update` wrote them. */
export function checkPictures({ update }) {
  return Object.entries(PICTURES).flatMap(([language, path]) => {
    const picture = pictureOf(language);
    const file = join(root, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === picture) return [];
    if (!update) return [`${path} shows something else than deadbox prints now: npm run picture`];
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, picture);
    return [];
  });
}
