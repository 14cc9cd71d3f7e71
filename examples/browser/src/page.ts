import { imageNamesAmong } from '@deadbox/image/internals';
import type { WalkTarget } from '@deadbox/triage/walk';
import type { Opened, Secret } from './api.js';
import type { App, JudgedDisk, OpenDisk, Vocabulary } from './app.js';
import { CallError, Client } from './client.js';
import { foreign, h } from './dom.js';
import { droppedFiles, newestFirst } from './dropped.js';
import { firstView } from './first-view.js';
import { markTab, type Tab, tabRow, viewOf, walkViewOf } from './tabs.js';
import { type LanguageCode, reportWords } from './vocabulary.js';
import type { WalkView } from './walk-view.js';
import { welcomeView } from './welcome.js';
import { WORDS, type Words } from './words.js';

/** Names listed of files that are no images. */
const MAX_NAMES = 20;
/** Other disks that can be chosen. */
const MAX_OTHERS = 500;

/** The page: one disk at a time, first what its files say, then everything. */
export class Page {
  readonly #client = new Client();
  readonly #root = document.getElementById('page') as HTMLElement;
  #code: LanguageCode = navigator.language.startsWith('ja') ? 'ja' : 'en';
  #vocabulary: Vocabulary | undefined;
  #files: readonly File[] = [];
  #names: readonly string[] = [];
  #judged: JudgedDisk | undefined;
  #disk: OpenDisk | undefined;
  #tab: Tab = 'answer';
  #views = new Map<Tab, HTMLElement>();
  #walkView: WalkView | undefined;
  #alert: HTMLElement = h('div', { class: 'alert', role: 'alert' });
  readonly #onFirst: () => void;

  /** @param onFirst - called when a disk has its first answer */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
  }

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

  get #words(): Words {
    return WORDS[this.#code];
  }

  #draw(...content: readonly (Node | string)[]): void {
    const words = this.#words;
    document.documentElement.lang = this.#code;
    document.title = `deadbox — ${words.title}`;
    this.#alert = h('div', { class: 'alert', role: 'alert' });
    const other = this.#code === 'en' ? 'ja' : 'en';
    const welcome = (): HTMLElement =>
      welcomeView(words, {
        chosen: (files) => void this.#chosen(files),
        sample: () => void this.#sample(),
      });
    this.#root.replaceChildren(
      h(
        'header',
        { class: 'top' },
        h('a', { href: '#', class: 'brand', click: (event) => this.#home(event) }, 'deadbox'),
        h('span', { class: 'grow' }),
        h('button', { type: 'button', click: () => void this.#speak(other), lang: other }, words.language),
        h('button', { type: 'button', click: turnTheme, 'aria-label': words.theme, title: words.theme }, '◐'),
      ),
      this.#alert,
      h('main', { id: 'main' }, ...(content.length === 0 ? [welcome()] : content)),
    );
  }

  #home(event: Event): void {
    event.preventDefault();
    this.#client.cancelAll();
    this.#judged = undefined;
    this.#disk = undefined;
    history.replaceState(null, '', location.pathname);
    this.#draw();
  }

  async #speak(code: LanguageCode): Promise<void> {
    this.#code = code;
    this.#views.clear();
    this.#walkView = undefined;
    if (this.#disk !== undefined) {
      this.#vocabulary = { code, words: WORDS[code], ...(await reportWords(code)) };
      await this.#show();
    } else if (this.#judged !== undefined) this.#showFirst(this.#judged);
    else this.#draw();
  }

  #say(error: unknown): void {
    const words = this.#words;
    const isCancelled = error instanceof CallError && error.code === 'CANCELLED';
    const message = error instanceof Error ? error.message : String(error);
    this.#alert.replaceChildren(
      h('strong', {}, isCancelled ? words.cancelled : words.errors),
      isCancelled ? '' : h('p', {}, foreign(message)),
    );
  }

  async #sample(): Promise<void> {
    const { sample } = await import('./sample.js');
    const packed = Uint8Array.from(atob(sample), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    const blob = await new Response(stream).blob();
    await this.#chosen([new File([blob], 'server-07.img')]);
  }

  async #dropped(event: DragEvent): Promise<void> {
    try {
      await this.#chosen(await droppedFiles(event));
    } catch (error) {
      this.#say(error);
    }
  }

  async #chosen(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    const all = files.map(({ name }) => name);
    const images = imageNamesAmong(all);
    this.#files = files;
    // A single file is opened whatever its name says: a device copied without an ending is an image, too.
    this.#names = images.length === 0 && files.length === 1 ? all : images;
    const [name] = newestFirst(this.#names, files);
    if (name === undefined) {
      this.#judged = undefined;
      this.#disk = undefined;
      this.#draw();
      const list = all.slice(0, MAX_NAMES).map((one) => h('li', {}, foreign(one)));
      if (all.length > MAX_NAMES) list.push(h('li', {}, this.#words.others(all.length - MAX_NAMES)));
      this.#alert.replaceChildren(h('strong', {}, this.#words.noImage), h('ul', {}, ...list));
      return;
    }
    await this.#open({ kind: 'files', files, name }, []);
  }

  #busy(text: string): HTMLElement {
    return h(
      'div',
      { class: 'busy', role: 'status' },
      h('div', { class: 'bar' }),
      h('p', {}, text),
      h('button', { type: 'button', click: () => this.#client.cancelAll() }, this.#words.cancel),
    );
  }

  async #open(opened: Opened, secrets: readonly Secret[]): Promise<void> {
    this.#judged = undefined;
    this.#disk = undefined;
    this.#draw(this.#busy(this.#words.reading));
    const started = performance.now();
    try {
      const volumes = await this.#client.call('open', [opened, secrets]);
      const first = await this.#client.call('first', []);
      this.#judged = { opened, secrets, volumes, first };
    } catch (error) {
      this.#draw();
      this.#say(error);
      if (opened.kind === 'link') this.#alert.append(h('p', {}, this.#words.linkHint));
      return;
    }
    this.#showFirst(this.#judged);
    this.#root.dataset.first = String(Math.round(performance.now() - started));
    this.#root.dataset.firstAt = String(Date.now());
    this.#onFirst();
    await this.#examine(this.#judged);
    this.#root.dataset.whole = String(Math.round(performance.now() - started));
  }

  /** What the files say, while the rest is examined. */
  #showFirst({ opened, first }: JudgedDisk): void {
    this.#draw(
      h('h1', { class: 'image-name' }, foreign(nameOf(opened))),
      firstView(first, this.#code),
      this.#busy(this.#words.examining),
    );
  }

  /** Scans the disk that is open, and shows everything. */
  async #examine(judged: JudgedDisk): Promise<void> {
    try {
      const code = this.#code;
      const [report, words] = await Promise.all([this.#client.call('scan', []), reportWords(code)]);
      // Another disk was opened, or the page left.
      if (this.#judged !== judged) return;
      const said = code === this.#code ? words : await reportWords(this.#code);
      this.#vocabulary = { code: this.#code, words: this.#words, ...said };
      this.#disk = { ...judged, report };
      this.#tab = 'answer';
      this.#views.clear();
      this.#walkView = undefined;
      await this.#show();
    } catch (error) {
      if (this.#judged !== judged) return;
      this.#say(error);
      const again = h('button', { type: 'button', class: 'primary' }, this.#words.examine);
      again.addEventListener('click', () => {
        this.#showFirst(judged);
        void this.#examine(judged);
      });
      document.querySelector('.busy')?.replaceWith(h('p', {}, again));
    }
  }

  #app(): App {
    const disk = this.#disk as OpenDisk;
    return {
      client: this.#client,
      vocabulary: this.#vocabulary as Vocabulary,
      disk,
      walkTo: (target: WalkTarget): void => void this.#walkTo(target),
      unlock: (secret: Secret) => this.#unlock(disk, secret),
      say: (error) => this.#say(error),
    };
  }

  async #walkTo(target: WalkTarget): Promise<void> {
    await this.#select('walk');
    await this.#walkView?.open(target);
  }

  /** Opens the disk again with another key; whether it opened a volume. */
  async #unlock(disk: OpenDisk, secret: Secret): Promise<boolean> {
    const before = disk.volumes.filter(({ locked }) => locked).length;
    const secrets = [...disk.secrets, secret];
    const volumes = await this.#client.call('open', [disk.opened, secrets]);
    if (volumes.filter(({ locked }) => locked).length === before) return false;
    const first = await this.#client.call('first', []);
    this.#disk = undefined;
    this.#judged = { opened: disk.opened, secrets, volumes, first };
    this.#showFirst(this.#judged);
    await this.#examine(this.#judged);
    return true;
  }

  /** Draws the disk when what its tab shows is there. */
  async #show(): Promise<void> {
    const words = this.#words;
    const disk = this.#disk as OpenDisk;
    const { opened, secrets } = disk;
    await this.#viewOf(this.#tab);
    if (this.#disk !== disk || words !== this.#words) return;
    const name = nameOf(opened);
    const others = this.#names.filter((one) => one !== name).slice(0, MAX_OTHERS);
    const other = (one: string): HTMLElement =>
      h(
        'button',
        {
          type: 'button',
          class: 'small',
          click: () => void this.#open({ kind: 'files', files: this.#files, name: one }, secrets),
        },
        foreign(one),
      );
    const navigation = h(
      'nav',
      { class: 'line others', 'aria-label': words.images },
      h('span', { class: 'faint' }, `${words.images}:`),
      ...others.map(other),
    );
    this.#draw(
      h('h1', { class: 'image-name' }, foreign(name)),
      others.length === 0 ? '' : navigation,
      tabRow(words, this.#tab, (tab) => void this.#select(tab)),
      h('div', { id: 'panel', role: 'tabpanel', 'aria-labelledby': `tab-${this.#tab}`, tabindex: '-1' }),
    );
    await this.#select(this.#tab);
  }

  async #select(tab: Tab): Promise<void> {
    this.#tab = tab;
    markTab(tab);
    const view = await this.#viewOf(tab);
    if (tab !== this.#tab || this.#views.get(tab) !== view) return;
    const panel = document.getElementById('panel');
    panel?.setAttribute('aria-labelledby', `tab-${tab}`);
    panel?.replaceChildren(view);
  }

  /** What a tab shows, made when it is first asked for. */
  async #viewOf(tab: Tab): Promise<HTMLElement> {
    const known = this.#views.get(tab);
    if (known !== undefined) return known;
    const app = this.#app();
    const walk = tab === 'walk' ? await walkViewOf(app) : undefined;
    const view = walk?.element ?? (await viewOf(tab as Exclude<Tab, 'walk'>, app));
    // The language or the disk may have changed while it was loaded.
    if (this.#disk !== app.disk || this.#vocabulary !== app.vocabulary) return view;
    const first = this.#views.get(tab) ?? view;
    this.#views.set(tab, first);
    if (first === view && walk !== undefined) this.#walkView = walk;
    return first;
  }
}

const nameOf = (opened: Opened): string => (opened.kind === 'files' ? opened.name : opened.url);

function turnTheme(): void {
  const { documentElement: root } = document;
  const isDark =
    root.dataset.theme === 'dark' ||
    (root.dataset.theme === undefined && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = isDark ? 'light' : 'dark';
}
