import { escapeHtml } from '../../document/escape.js';
import type { Reader } from '../../pages/page.js';

/** The bar on top: name, language, colours, print. */
export function toolbarHtml({ language: { html: words, code } }: Reader, readers: readonly Reader[]): string {
  const languages = readers.map(({ language }) => {
    const pressed = language.code === code;
    return `<button type="button" data-language="${language.code}" lang="${language.code}" aria-pressed="${pressed}">${escapeHtml(language.html.language)}</button>`;
  });
  const themes = (['auto', 'light', 'dark'] as const).map(
    (theme) =>
      `<button type="button" data-theme-choice="${theme}" aria-pressed="${theme === 'auto'}">${escapeHtml(words.themes[theme])}</button>`,
  );
  const group = (label: string, buttons: readonly string[]): string =>
    `<div class="segments" role="group" aria-label="${escapeHtml(label)}">${buttons.join('')}</div>`;
  return [
    '<header class="toolbar"><a class="brand" href="#"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><rect x="2" y="3" width="16" height="14" rx="3"></rect><circle cx="10" cy="10" r="3.4"></circle><path d="M10 10h.01"></path></svg>deadbox</a>',
    `<div class="tools">${group(words.switchLanguage, languages)}${group(words.theme, themes)}`,
    `<button type="button" class="plain" data-print>${escapeHtml(words.print)}</button></div></header>`,
  ].join('');
}

/** The table of all disks, empty: the script fills it. */
export function listHtml({ language: { html: words, code } }: Reader, disks: number): string {
  const column = (key: 'server' | 'state' | 'why'): string =>
    `<th scope="col" class="col-${key}" aria-sort="${key === 'state' ? 'ascending' : 'none'}"><button type="button" data-sort="${key}">${escapeHtml(words.columns[key])}<svg viewBox="0 0 8 10" width="8" height="10" aria-hidden="true"><path class="up" d="m1 4 3-3 3 3"></path><path class="down" d="m1 6 3 3 3-3"></path></svg></button></th>`;
  return [
    `<section class="all"><div class="all-head"><h2 id="all-${code}">${escapeHtml(words.table)}</h2>`,
    `<p class="count" role="status" data-shown="${escapeHtml(words.shown)}">${disks}</p>`,
    `<label class="filter"><span>${escapeHtml(words.filter)}</span><input type="search" placeholder="${escapeHtml(words.filterHint)}" autocomplete="off" spellcheck="false"></label>`,
    `<button type="button" class="plain" data-clear hidden>${escapeHtml(words.clear)}</button></div>`,
    `<noscript><p class="warn">${escapeHtml(words.needsScript)}</p></noscript>`,
    `<p class="warn" data-too-old hidden>${escapeHtml(words.tooOld)}</p>`,
    `<table class="disks" aria-labelledby="all-${code}"><thead><tr>${column('server')}${column('state')}${column('why')}<th scope="col" class="col-next">${escapeHtml(words.columns.next)}</th></tr></thead><tbody></tbody></table>`,
    `<p class="empty" hidden>${escapeHtml(words.noMatch)}</p><div class="sentinel"></div>`,
    `<p class="hint print-only">${escapeHtml(words.printed)}</p><p class="hint">${escapeHtml(words.readOnly)}</p></section>`,
    `<template class="words" ${attributes({ states: JSON.stringify(words.states), back: words.back, previous: words.previous, next: words.next })}></template>`,
  ].join('');
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `data-${name}="${escapeHtml(value)}"`)
    .join(' ');
}
