const FONT =
  'ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Hiragino Sans","Noto Sans JP","Noto Sans CJK JP",' +
  '"Yu Gothic UI",Meiryo,sans-serif';
const MONO = 'ui-monospace,SFMono-Regular,"Cascadia Mono",Consolas,"Liberation Mono","Noto Sans Mono CJK JP",monospace';

const BASE = `
*{box-sizing:border-box}
[hidden]{display:none!important}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--canvas);color:var(--text);overflow-wrap:break-word;font:14px/1.55 ${FONT}}
:lang(ja){line-height:1.7}
h1,h2,h3,h4,h5,h6{margin:0;line-height:1.3;letter-spacing:-.01em}
:lang(ja) :is(h1,h2,h3,h4){letter-spacing:0}
h1{font-size:28px;font-weight:650}
h2{font-size:18px;font-weight:650}
h3{font-size:14px;font-weight:650}
h4,h5,h6{font-size:14px;font-weight:600}
p{margin:0}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
code,pre{font:12.5px/1.5 ${MONO}}
code{padding:1px 5px;border-radius:4px;background:var(--raised);overflow-wrap:anywhere}
pre{margin:0;padding:12px;overflow:auto;border-radius:6px;background:var(--raised)}
button,input{font:inherit;color:inherit}
button{cursor:pointer}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
h1:focus{outline:none}
.tone-strong{font-weight:600}.tone-faint{color:var(--faint)}.tone-bad{color:var(--bad);font-weight:600}
.tone-doubt{color:var(--doubt)}.tone-good{color:var(--good)}
.hint{color:var(--faint);font-size:12.5px}
.warn{padding:8px 12px;border-radius:6px;background:var(--doubt-soft);color:var(--doubt)}
.lead{color:var(--faint);font-size:15px}
.path{color:var(--faint);font-size:12.5px;overflow-wrap:anywhere}
.print-only{display:none}
.state{display:inline-block;padding:1px 9px;border-radius:99px;font-size:12px;font-weight:600;line-height:1.65;
white-space:nowrap;vertical-align:middle}
.state-bad{color:var(--bad);background:var(--bad-soft)}.state-doubt{color:var(--doubt);background:var(--doubt-soft)}
.state-good{color:var(--good);background:var(--good-soft)}.state-lock{color:var(--lock);background:var(--lock-soft)}
.state-plain{color:var(--plain);background:var(--plain-soft)}
`;

const SHELL = `
.toolbar{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;justify-content:space-between;
max-width:1240px;margin:0 auto;padding:14px 24px}
.brand{display:flex;gap:8px;align-items:center;color:var(--text);font-weight:650;font-size:15px}
.brand:hover{text-decoration:none}
.brand svg{fill:none;stroke:var(--accent);stroke-width:1.7;stroke-linecap:round}
.tools{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.segments{display:inline-flex;padding:2px;border-radius:8px;background:var(--raised)}
.segments button{padding:3px 10px;border:0;border-radius:6px;background:none;color:var(--faint);font-size:13px}
.segments button[aria-pressed=true]{background:var(--card);color:var(--text);box-shadow:0 0 0 1px var(--line)}
.plain{padding:4px 12px;border:1px solid var(--line);border-radius:8px;background:var(--card);font-size:13px}
.plain:hover{background:var(--raised)}
main{max-width:1240px;margin:0 auto;padding:16px 24px 64px}
.list>h1{margin-top:12px}
.list>.lead{margin-top:6px}
.bar{display:block;margin:24px 0 12px;border-radius:5px;overflow:hidden}
.bar-bad{fill:var(--bad)}.bar-doubt{fill:var(--doubt)}.bar-lock{fill:var(--lock)}.bar-good{fill:var(--good)}
.bar-plain{fill:var(--plain)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(136px,1fr));gap:10px;margin:0;padding:0;
list-style:none}
.tile{display:flex;flex-direction:column;width:100%;padding:12px 14px;border:1px solid var(--line);border-radius:10px;
background:var(--card);text-align:left}
.tile:hover{border-color:var(--faint)}
.tile strong{font-size:24px;font-weight:650;line-height:1.25;font-variant-numeric:tabular-nums}
.tile span{color:var(--faint);font-size:13px}
.tile-bad strong{color:var(--bad)}.tile-doubt strong{color:var(--doubt)}.tile-lock strong{color:var(--lock)}
.tile-good strong{color:var(--good)}
.tile[aria-pressed=true]{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
.first{margin-top:32px}
.reasons{margin:12px 0 0;padding:0;list-style:none;border:1px solid var(--line);border-radius:10px;
background:var(--card);overflow:hidden;counter-reset:reason}
.reasons>li{position:relative;padding:14px 18px 14px 52px;counter-increment:reason}
.reasons>li::before{content:counter(reason);position:absolute;left:18px;top:14px;width:22px;height:22px;
border-radius:50%;background:var(--raised);color:var(--faint);font-size:12px;font-weight:600;line-height:22px;
text-align:center}
.reasons>li+li{border-top:1px solid var(--line)}
.reason-head{margin-bottom:4px}
.reason-head>.state{margin-right:6px}
.names a{margin-left:6px}
.reason-step{margin-top:6px;color:var(--faint)}
.first .warn,.first .hint{margin-top:10px}
`;

const TABLE = `
.all{margin-top:36px}
.all-head{display:flex;flex-wrap:wrap;gap:8px 14px;align-items:center;margin-bottom:12px}
.count{color:var(--faint);font-variant-numeric:tabular-nums}
.filter{display:flex;gap:8px;align-items:center;margin-left:auto;color:var(--faint);font-size:13px}
.filter input{width:260px;max-width:100%;padding:6px 10px;border:1px solid var(--line);border-radius:8px;
background:var(--card);color:var(--text);font-size:14px}
.filter input::placeholder{color:var(--faint)}
.disks{width:100%;border-spacing:0;border:1px solid var(--line);border-radius:10px;background:var(--card);
table-layout:fixed}
.disks th,.disks td{padding:10px 14px;text-align:left;vertical-align:top;font-weight:400;overflow-wrap:anywhere}
.disks thead th{padding:8px 14px;color:var(--faint);font-size:12.5px;font-weight:600}
.disks tbody tr>*{border-top:1px solid var(--line)}
.disks tbody tr:hover{background:color-mix(in srgb,var(--raised) 55%,transparent)}
.disks thead button{display:inline-flex;gap:6px;align-items:center;padding:0;border:0;background:none;font-weight:600}
.disks thead svg{fill:none;stroke:var(--faint);stroke-width:1.4;opacity:.45}
[aria-sort=ascending] .up,[aria-sort=descending] .down{stroke:var(--accent);stroke-width:2}
[aria-sort=ascending] svg,[aria-sort=descending] svg{opacity:1!important}
.col-server{width:21%}.col-state{width:132px}
.col-next{color:var(--faint)}
.disks td.col-next{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden;
padding-bottom:0;margin-bottom:10px}
.disks .name{font-weight:600}
.disks .path{display:block}
.empty{padding:28px;text-align:center;color:var(--faint)}
.all>.hint{margin-top:12px}
@media (max-width:760px){
.toolbar,main{padding-left:16px;padding-right:16px}
.segments button{padding:3px 7px}.plain{padding:4px 9px}
h1{font-size:23px}
.filter{margin-left:0;width:100%}.filter input{flex:1;width:auto}
.disks,.disks tbody{display:block}
.disks thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.disks tbody tr{display:grid;grid-template-columns:1fr auto;gap:4px 12px;padding:12px 14px}
.disks tbody tr+tr{border-top:1px solid var(--line)}
.disks tbody tr>*{width:auto;padding:0;border:0}
.disks .col-why,.disks td.col-next{grid-column:1/-1;margin:0}
.reasons>li{padding:14px 16px}
.reasons>li::before{content:none}
}
`;

const DETAIL = `
.pager{display:flex;gap:18px;margin:4px 0 20px;font-size:13px}
.pager a:first-child{margin-right:auto}
.pager [aria-disabled=true]{color:var(--faint);opacity:.6}
article>header h1{font-size:24px}
article>header .state{margin-left:6px;font-size:13px}
article>header .lead{margin-top:8px;color:var(--text)}
article>section,article>details{margin-top:16px;padding:18px 20px;border:1px solid var(--line);border-radius:10px;
background:var(--card)}
article>section>h2{margin-bottom:12px;font-size:14.5px}
article ol,article ul{margin:0;padding-left:22px}
article ol.chain,article ol.incident{padding-left:0}
article li+li{margin-top:6px}
article .chain li,article .incident li{margin-top:0}
article p+p,article p+.group,article .group+p,article .group+.group{margin-top:8px}
.scroll{overflow-x:auto}
.scroll table{width:100%;border-spacing:0;font-size:13px}
.scroll th{padding:4px 16px 6px 0;color:var(--faint);font-size:12px;font-weight:600;text-align:left;white-space:nowrap}
.scroll td{padding:6px 16px 6px 0;border-top:1px solid var(--line);vertical-align:top}
.scroll td code{background:none;padding:0;overflow-wrap:normal}
.scroll td:last-child code{overflow-wrap:anywhere}
.scroll td:last-child:has(code){min-width:250px}
.fields{display:grid;grid-template-columns:minmax(110px,auto) 1fr;gap:6px 20px;margin:8px 0 0}
.fields>div{display:contents}
.fields dt{color:var(--faint)}
.fields dd{margin:0;min-width:0;overflow-wrap:anywhere}
summary{cursor:pointer;font-weight:600}
.whole{margin-top:14px;overflow-wrap:anywhere}
.whole :is(h3,h4){margin:14px 0 6px}
.whole .group{padding-left:14px}
@media (max-width:760px){
.fields{grid-template-columns:1fr;gap:2px}.fields dd{margin-bottom:8px}
.map-more{font-size:11px}
:is(.partitions,.proof) :is(table,thead,tbody){display:block}
:is(.partitions,.proof) tr{display:grid;gap:2px 10px;padding:8px 0}
:is(.partitions,.proof) thead tr{padding-top:0}
:is(.partitions,.proof) tbody tr{border-top:1px solid var(--line)}
:is(.partitions,.proof) :is(th,td){padding:0;border:0;white-space:normal;overflow-wrap:anywhere}
.partitions tr{grid-template-columns:26px 1fr 1fr 58px}
.partitions tr>:nth-child(5){grid-column:2}.partitions tr>:nth-child(6){grid-column:3/-1}
.proof tr{grid-template-columns:1fr 1fr 1fr}
.proof tr>:last-child{grid-column:1/-1}
.proof td:last-child:has(code){min-width:0}
}
`;

const PRINT = `
@media print{
@page{margin:14mm}
body{background:#fff;font-size:10.5pt}
.tools,.filter,.pager,[data-clear],.sentinel,.count,.disks thead svg,article>details{display:none!important}
.toolbar,main{max-width:none;padding-left:0;padding-right:0}
:root:not([data-details]) .print-only{display:block}
.tile,.reasons>li,.disks tr,.scroll tr,.chain-link,.map,.incident li{break-inside:avoid}
h2,h3{break-after:avoid}
.print-details article{break-before:page}
.disks thead{display:table-header-group}
.disks thead button{display:contents}
.disks .state{padding:1px 6px;font-size:8pt}
.disks{font-size:9pt}
.disks th,.disks td{padding:6px 8px}
.disks td.col-next{display:table-cell}
.col-server{width:20%}.col-state{width:112px}
article>section{break-inside:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;

/** The look of the page around the figures. */
export const PAGE_STYLE: string = BASE + SHELL + TABLE + DETAIL + PRINT;
