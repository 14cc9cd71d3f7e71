import { h } from './dom.js';
import type { Words } from './words.js';

/** Ways to name a disk. */
export interface Welcome {
  chosen(files: readonly File[]): void;
  sample(): void;
}

export function welcomeView(words: Words, { chosen, sample }: Welcome): HTMLElement {
  const many = h('input', { type: 'file', multiple: true, id: 'files', hidden: true });
  const folder = h('input', { type: 'file', webkitdirectory: true, id: 'folder', hidden: true });
  for (const input of [many, folder]) input.addEventListener('change', () => chosen([...(input.files ?? [])]));
  return h(
    'div',
    { class: 'welcome' },
    h('h1', {}, words.title),
    h('p', { class: 'lead' }, words.lead),
    h(
      'div',
      { class: 'drop' },
      h('p', {}, words.drop),
      h(
        'div',
        { class: 'line center' },
        h('button', { type: 'button', class: 'primary', click: () => many.click() }, words.choose),
        many,
        h('button', { type: 'button', click: () => folder.click() }, words.folder),
        folder,
      ),
      h('p', { class: 'faint' }, words.formats),
    ),
    h('p', { class: 'center' }, h('button', { type: 'button', class: 'link', click: sample }, words.sample)),
    linkForm(words),
  );
}

function linkForm(words: Words): HTMLElement {
  const url = h('input', { type: 'url', id: 'link', placeholder: 'https://', required: true });
  return h(
    'details',
    {},
    h('summary', {}, words.link),
    h(
      'form',
      {
        submit: (event) => {
          event.preventDefault();
          // The policy of this document lets nothing out: the page begins again with one that names that server.
          location.hash = new URLSearchParams({ link: url.value }).toString();
          location.reload();
        },
      },
      h('label', { for: 'link' }, words.linkLabel),
      h('div', { class: 'line' }, url, h('button', { type: 'submit' }, words.go)),
      h('p', { class: 'faint' }, words.linkHint),
    ),
  );
}
