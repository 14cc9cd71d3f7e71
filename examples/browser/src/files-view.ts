import type { ListedFolder } from './api.js';
import type { App } from './app.js';
import { download, foreign, h, sizeText, virtualList } from './dom.js';
import { hexText } from './hex.js';
import { keyForm } from './key-form.js';
import { nameAt } from './name-columns.js';

const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  bmp: 'image/bmp',
  webp: 'image/webp',
  ico: 'image/x-icon',
};
/** Bytes shown of a file as hexadecimal digits. */
const HEX_BYTES = 4096;

/** The files of the disk: folders to go through, a preview, and a way out for single files. */
export function filesView(app: App): HTMLElement {
  const { words } = app.vocabulary;
  const readable = app.disk.volumes.filter(({ readable: yes }) => yes);
  const list = h('div', { class: 'pane' });
  const preview = h('div', { class: 'pane preview', 'aria-live': 'polite' });
  const first = readable.find(({ role }) => role === 'windows') ?? largest(app) ?? readable[0];
  const select = h('select', { id: 'volume', change: () => void go('/') });
  for (const { number, label } of readable) select.append(h('option', { value: String(number) }, label));
  if (first !== undefined) select.value = String(first.number);
  const path = h('input', { id: 'path', value: '/', spellcheck: 'false' });
  let turn = 0;

  const go = async (where: string): Promise<void> => {
    turn += 1;
    const mine = turn;
    path.value = where;
    preview.replaceChildren();
    list.replaceChildren(h('p', { class: 'faint', role: 'status' }, words.reading));
    try {
      const folder = await app.client.call('list', [Number(select.value), where]);
      if (mine !== turn) return;
      list.replaceChildren(
        folder.ends.length === 0
          ? h('p', { class: 'faint' }, words.empty)
          : virtualList(folder.ends.length, (index) => row(folder, index, where), words.tabs.files),
      );
    } catch (error) {
      if (mine === turn) list.replaceChildren();
      app.say(error);
    }
  };

  const row = (folder: ListedFolder, index: number, where: string): HTMLElement => {
    const name = nameAt(folder, index);
    const size = folder.sizes[index];
    const isFolder = index < folder.folders;
    const inner = `${where === '/' ? '' : where}/${name}`;
    const open = (): void => void (isFolder ? go(inner) : show(inner, name));
    return h(
      'div',
      {
        class: 'row',
        role: 'listitem',
        'aria-posinset': String(index + 1),
        'aria-setsize': String(folder.ends.length),
      },
      h('button', { type: 'button', class: isFolder ? 'name folder' : 'name', click: open }, foreign(name)),
      h('span', { class: 'size' }, size < 0 ? '' : sizeText(size)),
    );
  };

  const show = async (inner: string, name: string): Promise<void> => {
    const volume = Number(select.value);
    try {
      const { size, bytes } = await app.client.call('head', [volume, inner]);
      const save = h('button', { type: 'button', class: 'primary' }, words.download);
      save.addEventListener('click', () => void take(volume, inner, name, save));
      preview.replaceChildren(
        h('h2', {}, foreign(name)),
        h('p', { class: 'faint' }, sizeText(size)),
        h(
          'div',
          { class: 'line' },
          save,
          h('button', { type: 'button', click: () => app.walkTo({ kind: 'file', volume, path: inner }) }, words.show),
        ),
        contentOf(name, bytes),
        bytes.length < size ? h('p', { class: 'faint' }, words.more(sizeText(bytes.length), sizeText(size))) : '',
      );
    } catch (error) {
      app.say(error);
    }
  };

  const take = async (volume: number, inner: string, name: string, button: HTMLButtonElement): Promise<void> => {
    button.disabled = true;
    try {
      const blob = await app.client.call('content', [volume, inner], (share) => {
        button.textContent = `${words.download} ${Math.round(share * 100)} %`;
      });
      download(blob, name.replace(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, '_'));
    } catch (error) {
      app.say(error);
    } finally {
      button.textContent = words.download;
      button.disabled = false;
    }
  };

  if (readable.length > 0) void go('/');
  const above = (): void => void go(path.value.replace(/\/[^/]*$/, '') || '/');
  return h(
    'div',
    { class: 'files' },
    ...app.disk.volumes.filter(({ locked }) => locked).map((volume) => keyForm(app, volume)),
    h(
      'form',
      {
        class: 'line tools',
        submit: (event) => {
          event.preventDefault();
          void go(path.value || '/');
        },
      },
      h('label', { for: 'volume' }, words.volume),
      select,
      h('button', { type: 'button', click: above }, words.up),
      h('label', { for: 'path' }, words.path),
      path,
      h('button', { type: 'submit' }, words.go),
    ),
    h('div', { class: 'split' }, list, preview),
  );
}

function largest(app: App): App['disk']['volumes'][number] | undefined {
  const installed = app.disk.report.installations[0]?.volume;
  return app.disk.volumes.find(({ number }) => number === installed);
}

/** A picture where it is one, text where the bytes are text, else hexadecimal digits. */
function contentOf(name: string, bytes: Uint8Array): HTMLElement {
  const type = IMAGES[name.split('.').at(-1)?.toLowerCase() ?? ''];
  if (type !== undefined && bytes.length > 0) {
    const image = h('img', { alt: '', src: URL.createObjectURL(new Blob([bytes.slice()], { type })) });
    image.addEventListener('load', () => URL.revokeObjectURL(image.src));
    image.addEventListener('error', () => image.replaceWith(hexText(bytes.subarray(0, HEX_BYTES), 0)));
    return image;
  }
  const text = textOf(bytes);
  return text === undefined
    ? hexText(bytes.subarray(0, HEX_BYTES), 0)
    : h('pre', { class: 'text', tabindex: '0' }, foreign(text));
}

/** The bytes as text, when nearly all of it can be read. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return '';
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe;
  try {
    const text = new TextDecoder(wide ? 'utf-16le' : 'utf-8', { fatal: true }).decode(
      bytes.subarray(0, bytes.length - (bytes.length > 8 ? 8 : 0)),
      { stream: true },
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: text has none of these
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
