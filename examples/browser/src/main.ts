import { imageNamesAmong } from '@deadbox/image/internals';
import { causes as causesEn } from '@deadbox/report/causes/en';
import { causes as causesJa } from '@deadbox/report/causes/ja';
import { en } from '@deadbox/report/en';
import { ja } from '@deadbox/report/ja';
import { walk as walkEn } from '@deadbox/report/walk/en';
import { walk as walkJa } from '@deadbox/report/walk/ja';
import type { WalkTarget } from '@deadbox/triage/walk';
import { answerView } from './answer-view.js';
import type { ListedVolume, Opened, Secret } from './api.js';
import type { App, OpenDisk, Vocabulary } from './app.js';
import { CallError, Client } from './client.js';
import { foreign, h } from './dom.js';
import { filesView } from './files-view.js';
import { bootView, registryView } from './registry-view.js';
import { WalkView } from './walk-view.js';
import { WORDS } from './words.js';

const VOCABULARIES: Readonly<Record<'en' | 'ja', Vocabulary>> = {
  en: { code: 'en', words: WORDS.en, language: en, causes: causesEn, walk: walkEn },
  ja: { code: 'ja', words: WORDS.ja, language: ja, causes: causesJa, walk: walkJa },
};
type Tab = 'answer' | 'files' | 'registry' | 'boot' | 'walk';
const TABS: readonly Tab[] = ['answer', 'files', 'registry', 'boot', 'walk'];
/** Names listed of files that are no images. */
const MAX_NAMES = 20;

const asset = (id: string): string => document.getElementById(id)?.textContent ?? '';

class Page {
  readonly #client = new Client(asset('worker'));
  readonly #root = document.getElementById('page') as HTMLElement;
  #vocabulary: Vocabulary = VOCABULARIES[navigator.language.startsWith('ja') ? 'ja' : 'en'];
  #files: readonly File[] = [];
  #names: readonly string[] = [];
  #disk: OpenDisk | undefined;
  #tab: Tab = 'answer';
  #views = new Map<Tab, HTMLElement>();
  #walkView: WalkView | undefined;
  #alert: HTMLElement = h('div', { class: 'alert', role: 'alert' });

  start(): void {
    for (const type of ['dragover', 'drop'])
      document.addEventListener(type, (event) => {
        event.preventDefault();
        if (type === 'drop') void this.#dropped(event as DragEvent);
      });
    this.#draw();
    const link = new URLSearchParams(location.hash.slice(1)).get('link');
    if (link !== null) void this.#open({ kind: 'link', url: link }, []);
  }

  #draw(...content: readonly (Node | string)[]): void {
    const { words, code } = this.#vocabulary;
    document.documentElement.lang = code;
    document.title = `deadbox — ${words.title}`;
    this.#alert = h('div', { class: 'alert', role: 'alert' });
    const other = code === 'en' ? 'ja' : 'en';
    this.#root.replaceChildren(
      h(
        'header',
        { class: 'top' },
        h('a', { href: '#', class: 'brand', click: (event) => this.#home(event) }, 'deadbox'),
        h('span', { class: 'grow' }),
        h('button', { type: 'button', click: () => this.#speak(other), lang: other }, words.language),
        h('button', { type: 'button', click: turnTheme, 'aria-label': words.theme, title: words.theme }, '◐'),
      ),
      this.#alert,
      h('main', { id: 'main' }, ...(content.length === 0 ? [this.#welcome()] : content)),
    );
  }

  #home(event: Event): void {
    event.preventDefault();
    this.#client.cancelAll();
    this.#disk = undefined;
    history.replaceState(null, '', location.pathname);
    this.#draw();
  }

  #speak(code: 'en' | 'ja'): void {
    this.#vocabulary = VOCABULARIES[code];
    this.#views.clear();
    this.#walkView = undefined;
    if (this.#disk === undefined) this.#draw();
    else this.#show();
  }

  #say(error: unknown): void {
    const { words } = this.#vocabulary;
    const isCancelled = error instanceof CallError && error.code === 'CANCELLED';
    const message = error instanceof Error ? error.message : String(error);
    this.#alert.replaceChildren(
      h('strong', {}, isCancelled ? words.cancelled : words.errors),
      isCancelled ? '' : h('p', {}, foreign(message)),
    );
  }

  #welcome(): HTMLElement {
    const { words } = this.#vocabulary;
    const many = h('input', { type: 'file', multiple: true, id: 'files', hidden: true });
    const folder = h('input', { type: 'file', webkitdirectory: true, id: 'folder', hidden: true });
    for (const input of [many, folder])
      input.addEventListener('change', () => void this.#chosen([...(input.files ?? [])]));
    const url = h('input', { type: 'url', id: 'link', placeholder: 'https://', required: true });
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
      h(
        'p',
        { class: 'center' },
        h('button', { type: 'button', class: 'link', click: () => void this.#sample() }, words.sample),
      ),
      h(
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
      ),
    );
  }

  async #sample(): Promise<void> {
    const packed = Uint8Array.from(atob(asset('sample')), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    const blob = await new Response(stream).blob();
    await this.#chosen([new File([blob], 'server-07.img')]);
  }

  async #dropped(event: DragEvent): Promise<void> {
    const entries = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry());
    const files: File[] = [...(event.dataTransfer?.files ?? [])];
    const folders = entries.filter((entry) => entry?.isDirectory === true) as FileSystemDirectoryEntry[];
    for (const entry of folders) files.push(...(await filesIn(entry)));
    await this.#chosen(files.filter((file) => !folders.some(({ name }) => name === file.name)));
  }

  async #chosen(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    const all = files.map(({ name }) => name);
    const images = imageNamesAmong(all);
    this.#files = files;
    // A single file is opened whatever its name says: a device copied without an ending is an image, too.
    this.#names = images.length === 0 && files.length === 1 ? all : images;
    const [name] = await this.#newestFirst(this.#names);
    if (name === undefined) {
      const { words } = this.#vocabulary;
      this.#draw();
      const list = all.slice(0, MAX_NAMES).map((one) => h('li', {}, foreign(one)));
      this.#alert.replaceChildren(h('strong', {}, words.noImage), h('ul', {}, ...list));
      return;
    }
    await this.#open({ kind: 'files', files, name }, []);
  }

  /** Children before their parents: what was dropped last in time is the state that the server had. */
  async #newestFirst(names: readonly string[]): Promise<readonly string[]> {
    const time = (name: string): number => this.#files.find((file) => file.name === name)?.lastModified ?? 0;
    const isChild = (name: string): number => Number(/avhdx?$|delta|snap|child|overlay/i.test(name));
    return [...names].sort((a, b) => isChild(b) - isChild(a) || time(b) - time(a));
  }

  async #open(opened: Opened, secrets: readonly Secret[]): Promise<boolean> {
    const { words } = this.#vocabulary;
    this.#draw(
      h(
        'div',
        { class: 'busy', role: 'status' },
        h('div', { class: 'bar' }),
        h('p', {}, words.reading),
        h('button', { type: 'button', click: () => this.#client.cancelAll() }, words.cancel),
      ),
    );
    const started = performance.now();
    try {
      const volumes = await this.#client.call('open', [opened, secrets]);
      await this.#judge(opened, secrets, volumes);
      this.#root.dataset.milliseconds = String(Math.round(performance.now() - started));
      return true;
    } catch (error) {
      this.#draw();
      this.#say(error);
      if (opened.kind === 'link') this.#alert.append(h('p', {}, words.linkHint));
      return false;
    }
  }

  /** Scans the disk that is open, and shows the answer. */
  async #judge(opened: Opened, secrets: readonly Secret[], volumes: readonly ListedVolume[]): Promise<void> {
    const report = await this.#client.call('scan', []);
    this.#disk = { opened, secrets, volumes, report };
    this.#tab = 'answer';
    this.#views.clear();
    this.#walkView = undefined;
    this.#show();
  }

  #app(): App {
    const disk = this.#disk as OpenDisk;
    return {
      client: this.#client,
      vocabulary: this.#vocabulary,
      disk,
      walkTo: (target: WalkTarget): void => {
        this.#select('walk');
        void this.#walkView?.open(target);
      },
      unlock: async (secret: Secret): Promise<boolean> => {
        const before = disk.volumes.filter(({ locked }) => locked).length;
        const secrets = [...disk.secrets, secret];
        const volumes = await this.#client.call('open', [disk.opened, secrets]);
        if (volumes.filter(({ locked }) => locked).length === before) return false;
        await this.#judge(disk.opened, secrets, volumes);
        return true;
      },
      say: (error) => this.#say(error),
    };
  }

  #show(): void {
    const { words } = this.#vocabulary;
    const disk = this.#disk as OpenDisk;
    const name = disk.opened.kind === 'files' ? disk.opened.name : disk.opened.url;
    const tabs = TABS.map((tab) =>
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `tab-${tab}`,
          'aria-controls': 'panel',
          'aria-selected': String(tab === this.#tab),
          tabindex: tab === this.#tab ? '0' : '-1',
          click: () => this.#select(tab),
          keydown: (event) => this.#tabKey(event as KeyboardEvent, tab),
        },
        words.tabs[tab],
      ),
    );
    const others = this.#names.filter((one) => one !== name);
    this.#draw(
      h('h1', { class: 'image-name' }, foreign(name)),
      others.length === 0
        ? ''
        : h(
            'nav',
            { class: 'line others', 'aria-label': words.images },
            h('span', { class: 'faint' }, `${words.images}:`),
            ...others.slice(0, 500).map((one) =>
              h(
                'button',
                {
                  type: 'button',
                  class: 'small',
                  click: () => void this.#open({ kind: 'files', files: this.#files, name: one }, disk.secrets),
                },
                foreign(one),
              ),
            ),
          ),
      h('div', { class: 'tabs', role: 'tablist' }, ...tabs),
      h('div', { id: 'panel', role: 'tabpanel', 'aria-labelledby': `tab-${this.#tab}`, tabindex: '-1' }),
    );
    this.#select(this.#tab);
  }

  #tabKey(event: KeyboardEvent, tab: Tab): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length];
    this.#select(next);
    document.getElementById(`tab-${next}`)?.focus();
  }

  #select(tab: Tab): void {
    this.#tab = tab;
    for (const one of TABS) {
      const button = document.getElementById(`tab-${one}`);
      button?.setAttribute('aria-selected', String(one === tab));
      button?.setAttribute('tabindex', one === tab ? '0' : '-1');
    }
    let view = this.#views.get(tab);
    if (view === undefined) {
      view = this.#make(tab);
      this.#views.set(tab, view);
    }
    const panel = document.getElementById('panel');
    panel?.setAttribute('aria-labelledby', `tab-${tab}`);
    panel?.replaceChildren(view);
  }

  #make(tab: Tab): HTMLElement {
    const app = this.#app();
    if (tab === 'answer') return answerView(app);
    if (tab === 'files') return filesView(app);
    if (tab === 'registry') return registryView(app);
    if (tab === 'boot') return bootView(app);
    this.#walkView = new WalkView(app);
    return this.#walkView.element;
  }
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return files;
    for (const entry of entries)
      if (entry.isFile)
        files.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)));
  }
}

function turnTheme(): void {
  const { documentElement: root } = document;
  const isDark =
    root.dataset.theme === 'dark' ||
    (root.dataset.theme === undefined && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = isDark ? 'light' : 'dark';
}

new Page().start();
if (location.protocol === 'https:' && 'serviceWorker' in navigator) void navigator.serviceWorker.register('sw.js');
