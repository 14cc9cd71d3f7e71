type Colours = Readonly<Record<string, string>>;

const LIGHT: Colours = {
  canvas: '#f6f7f9',
  card: '#ffffff',
  raised: '#f0f2f4',
  line: '#dfe3e8',
  text: '#1a1f26',
  faint: '#57606b',
  accent: '#0b57b8',
  bad: '#b3261e',
  'bad-soft': '#fdecea',
  doubt: '#855300',
  'doubt-soft': '#fdf1dc',
  good: '#0b6b3f',
  'good-soft': '#e3f5ec',
  lock: '#5a3db0',
  'lock-soft': '#efeafc',
  plain: '#4a5460',
  'plain-soft': '#eceff2',
};

const DARK: Colours = {
  canvas: '#0e1116',
  card: '#161b22',
  raised: '#1e252e',
  line: '#2c343f',
  text: '#e6eaef',
  faint: '#9aa5b1',
  accent: '#7fb6ff',
  bad: '#ff9d94',
  'bad-soft': '#3b1a19',
  doubt: '#f2c26b',
  'doubt-soft': '#36280f',
  good: '#7ddaa8',
  'good-soft': '#10301f',
  lock: '#c3b1ff',
  'lock-soft': '#281f45',
  plain: '#b3bcc7',
  'plain-soft': '#242c36',
};

const variables = (colours: Colours): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value};`)
    .join('');

/** Colours by name, light and dark: as the reader's system asks, unless `data-theme` on the root says otherwise. */
const TOKENS = `
:root{color-scheme:light;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${variables(DARK)}}}
:root[data-theme=dark]{color-scheme:dark;${variables(DARK)}}
@media print{:root,:root:not([data-theme=light]),:root[data-theme=dark]{color-scheme:light;${variables(LIGHT)}}}
`;

const MAP = `
.map{display:block;overflow:hidden;border-radius:6px}
.map-volume,.map-free{stroke:var(--card);stroke-width:2}
.map-free{fill:var(--raised)}
.map-volume{fill:var(--plain-soft)}
.map-windows{fill:color-mix(in srgb,var(--accent) 20%,var(--card))}
.map-efi-system,.map-system-reserved{fill:color-mix(in srgb,var(--good) 22%,var(--card))}
.map-recovery,.map-microsoft-reserved{fill:color-mix(in srgb,var(--lock) 20%,var(--card))}
.map-name{fill:var(--text);font-size:13px;font-weight:600}
.map-more{fill:var(--faint);font-size:12px}
.map-number{fill:var(--text);font-size:11px;font-weight:600}
.map-lock path{fill:none;stroke:var(--lock);stroke-width:1.6}
.map-lock rect{fill:var(--lock)}
.map-badge{fill:var(--bad)}
.map-count{fill:var(--card);font-size:11px;font-weight:700}
.scale{display:flex;justify-content:space-between;margin:4px 0 0;color:var(--faint);font-size:12px}
.scale+.scroll,.hint+.scroll{margin-top:12px}
@media (max-width:640px){.map-number{font-size:9px}}
`;

const CHAIN = `
.chain{display:grid;grid-template-columns:repeat(auto-fit,minmax(118px,1fr));gap:10px 16px;margin:0;padding:0;list-style:none}
.chain-link{position:relative;display:flex;flex-direction:column;gap:2px;min-width:0;padding:10px 12px;
border:1px solid var(--line);border-radius:8px;background:var(--card)}
.chain-link svg{margin-bottom:4px;fill:none;stroke:currentColor;stroke-width:1.6;stroke-linecap:round;
stroke-linejoin:round}
.chain-link circle{stroke-width:1.2}
.chain-link:not(:last-child)::after{content:"";position:absolute;right:-12px;top:calc(50% - 4px);width:7px;height:7px;
border:solid var(--faint);border-width:1.5px 1.5px 0 0;transform:rotate(45deg)}
.chain-name{font-weight:600;font-size:13px;line-height:1.3}
.chain-state{font-size:12px}
.chain-detail{color:var(--faint);font-size:11px;overflow-wrap:break-word}
.chain-detail code{font-size:11px;background:none;padding:0}
.chain-sound svg,.chain-sound .chain-state{color:var(--good)}
.chain-broken{border-color:var(--bad);background:var(--bad-soft)}
.chain-broken svg,.chain-broken .chain-state{color:var(--bad);font-weight:600}
.chain-doubtful{border-color:var(--doubt);background:var(--doubt-soft)}
.chain-doubtful svg,.chain-doubtful .chain-state{color:var(--doubt);font-weight:600}
.chain-beyond,.chain-not-checked{border-style:dashed}
.chain-beyond svg,.chain-beyond .chain-state,.chain-not-checked svg,.chain-not-checked .chain-state{color:var(--faint)}
@media (max-width:640px){.chain{grid-template-columns:1fr;gap:18px}
.chain-link{display:grid;grid-template-columns:auto 1fr auto;column-gap:10px;align-items:center}
.chain-link svg{margin:0}
.chain-detail{grid-column:2/-1}
.chain-link:not(:last-child)::after{right:auto;left:18px;top:auto;bottom:-14px;transform:rotate(135deg)}}
`;

const INCIDENT = `
.incident{margin:0;padding:0;list-style:none}
.incident li{position:relative;display:grid;grid-template-columns:minmax(0,auto) 1fr;column-gap:16px;
padding:0 0 14px 22px}
.incident li::before{content:"";position:absolute;left:2px;top:6px;width:9px;height:9px;border-radius:50%;
background:var(--plain)}
.incident li::after{content:"";position:absolute;left:6px;top:18px;bottom:-4px;width:1px;background:var(--line)}
.incident li:last-child{padding-bottom:0}
.incident li:last-child::after{content:none}
.incident .incident-bad::before{background:var(--bad)}
.incident .incident-good::before{background:var(--good)}
.incident time{font-variant-numeric:tabular-nums;color:var(--faint)}
.incident-gap{grid-column:1/-1;margin:6px 0 0;color:var(--faint);font-size:12px}
.incident-what{font-weight:500;overflow-wrap:anywhere}
@media (max-width:640px){.incident li{grid-template-columns:1fr}}
`;

/** Colours, and the look of maps, boot chains and time lines. */
export const FIGURE_STYLE: string = TOKENS + MAP + CHAIN + INCIDENT;
