// One curve as SVG: a time in milliseconds over a quantity, both axes from zero, so that what is linear looks straight.

const WIDTH = 560;
const HEIGHT = 260;
const LEFT = 64;
const RIGHT = 24;
const TOP = 36;
const BOTTOM = 44;

/** A round number that is at least `value`. */
function roundUp(value) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [1, 2, 4, 5, 8, 10].map((factor) => factor * unit).find((round) => round >= value) ?? value;
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const short = (value) => (value >= 1000 && value % 100 === 0 ? `${value / 1000}k` : String(Math.round(value)));

/** The picture of `{ job, unit, measure, points }`. */
export function curvePicture({ job, unit, measure, points }) {
  const most = roundUp(Math.max(...points.map(([, y]) => y)));
  const widest = Math.max(...points.map(([x]) => x), 1);
  const across = (x) => (LEFT + (x / widest) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const down = (y) => (HEIGHT - BOTTOM - (y / most) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const rows = [0, 0.25, 0.5, 0.75, 1].map((part) => part * most);
  const line = points.map(([x, y]) => `${across(x)},${down(y)}`).join(' ');
  // Labels of quantities that lie close together would cover each other: those near the one before are left out.
  let last = Number.NEGATIVE_INFINITY;
  const labels = points.flatMap(([x]) => {
    if (Number(across(x)) - last < 34) return [];
    last = Number(across(x));
    return [`<text x="${across(x)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${short(x)}</text>`];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(job)}">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#444}.g{stroke:#ccc}.c{fill:none;stroke:#0a58ca;stroke-width:2}circle{fill:#0a58ca}</style>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" font-weight="bold">${escaped(job)}: milliseconds of ${escaped(measure)} by ${escaped(unit)}</text>`,
    ...rows.map(
      (y) =>
        `<line class="g" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${down(y)}" y2="${down(y)}"/><text x="${LEFT - 8}" y="${Number(down(y)) + 4}" text-anchor="end">${short(y)}</text>`,
    ),
    ...labels,
    `<text x="${(WIDTH + LEFT - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escaped(unit)}</text>`,
    `<polyline class="c" points="${line}"/>`,
    ...points.map(
      ([x, y]) =>
        `<circle cx="${across(x)}" cy="${down(y)}" r="3.5"><title>${x} ${escaped(unit)}: ${y} ms</title></circle>`,
    ),
    '</svg>',
    '',
  ].join('\n');
}
