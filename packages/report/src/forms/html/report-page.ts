/** A row of the table of disks. */
export interface PageRow {
  readonly name: string;
  /** Empty where the name is the path. */
  readonly path: string;
  readonly state: string;
  readonly tone: string;
  /** By language: why, and what to do next. */
  readonly texts: Readonly<Record<string, readonly [string, string]>>;
}

/**
 * Brings the page to life. It runs in the reader's browser, from its own text: it sees nothing of this module, and
 * nothing but the page.
 */
export function reportPage(): void {
  interface Shown {
    readonly row: PageRow;
    readonly place: number;
    readonly text: string;
    /** Place in the order of urgency. */
    rank: number;
  }
  const BATCH = 100;
  /** The details of so few disks are printed with the list. */
  const PRINTED = 25;
  const root = document.documentElement;
  const views = [...document.querySelectorAll<HTMLElement>('.view')];
  const packs = new Map<string, Promise<unknown>>();
  const chosen = new Set<string>();
  let rows: Shown[] = [];
  let group = 1;
  let sorted: Shown[] = [];
  let built = 0;
  let query = '';
  let order: 'server' | 'state' | 'why' = 'state';
  let descending = false;
  let language = root.lang;
  let printable: string[] = [];

  const all = <E extends Element>(selector: string): E[] => [...document.querySelectorAll<E>(selector)];
  const view = (): HTMLElement => views.find(({ lang }) => lang === language) ?? views[0];
  const part = (selector: string): HTMLElement => view().querySelector(selector) as HTMLElement;

  function unpack<T>(name: string): Promise<T> {
    const known = packs.get(name);
    if (known !== undefined) return known as Promise<T>;
    const text = document.querySelector(`script[data-pack="${name}"]`)?.textContent ?? '';
    const bytes = Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    const made = new Response(plain).json() as Promise<T>;
    packs.set(name, made);
    return made;
  }

  async function details(place: number): Promise<string> {
    const list = await unpack<string[]>(`${language}-${Math.floor(place / group)}`);
    return list[place % group] ?? '';
  }

  function element<K extends keyof HTMLElementTagNameMap>(
    name: K,
    kind: string,
    text?: string,
  ): HTMLElementTagNameMap[K] {
    const made = document.createElement(name);
    if (kind !== '') made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function words(): { states: Record<string, string>; back: string; previous: string; next: string } {
    const { states = '{}', back = '', previous = '', next = '' } = part('.words').dataset;
    return { states: JSON.parse(states) as Record<string, string>, back, previous, next };
  }

  function textOf({ row }: Shown): readonly [string, string] {
    return row.texts[language] ?? ['', ''];
  }

  function compare(a: Shown, b: Shown): number {
    if (order === 'state') return a.rank - b.rank;
    const text = (shown: Shown): string => (order === 'server' ? shown.row.name : textOf(shown)[0]);
    return text(a).localeCompare(text(b), language, { numeric: true }) || a.rank - b.rank;
  }

  function select(): void {
    const parts = query.toLowerCase().split(/\s+/).filter(Boolean);
    sorted = rows
      .filter(
        ({ row, text }) => (chosen.size === 0 || chosen.has(row.state)) && parts.every((word) => text.includes(word)),
      )
      .sort(compare);
    if (descending) sorted.reverse();
    built = 0;
    part('.disks tbody').replaceChildren();
    build(BATCH);
    part('.empty').hidden = sorted.length > 0;
    const count = part('.count');
    count.textContent = (count.dataset['shown'] ?? '')
      .replace('{shown}', sorted.length.toLocaleString(language))
      .replace('{total}', rows.length.toLocaleString(language));
    part('[data-clear]').hidden = chosen.size === 0 && query === '';
    for (const tile of all<HTMLElement>('.tile'))
      tile.setAttribute('aria-pressed', String(chosen.has(tile.dataset['state'] ?? '')));
    for (const button of all<HTMLElement>('[data-sort]')) {
      const own = button.dataset['sort'] === order;
      button.closest('th')?.setAttribute('aria-sort', own ? (descending ? 'descending' : 'ascending') : 'none');
    }
  }

  /** Adds rows to the end of the table: thousands at once would keep the page from answering. */
  function build(count: number): void {
    const { states } = words();
    const added = sorted.slice(built, built + count).map((shown) => line(shown, states));
    built += added.length;
    part('.disks tbody').append(...added);
  }

  function line(shown: Shown, states: Record<string, string>): HTMLTableRowElement {
    const { row, place } = shown;
    const [why, next] = textOf(shown);
    const made = element('tr', '');
    const link = element('a', 'name', row.name);
    link.href = `#disk-${place + 1}`;
    const server = element('th', 'col-server');
    server.scope = 'row';
    server.append(link);
    if (row.path !== '') server.append(element('span', 'path', row.path));
    const state = element('td', 'col-state');
    state.append(element('span', `state state-${row.tone}`, states[row.state] ?? row.state));
    made.append(server, state, element('td', 'col-why', why), element('td', 'col-next', next));
    return made;
  }

  /** Shows the disk that the address names, or the list. */
  async function route(move: boolean): Promise<void> {
    const place = Number(/^#disk-(\d+)$/.exec(location.hash)?.[1] ?? 0) - 1;
    const one = place >= 0 && place < rows.length;
    const detail = part('.detail');
    if (one) {
      const html = await details(place);
      detail.innerHTML = html;
      detail.prepend(pager(place));
    } else detail.replaceChildren();
    part('.list').hidden = one;
    detail.hidden = !one;
    if (!move) return;
    scrollTo(0, 0);
    if (one) detail.querySelector('h1')?.focus({ preventScroll: true });
  }

  function pager(place: number): HTMLElement {
    const { back, previous, next } = words();
    const bar = element('nav', 'pager');
    const at = sorted.findIndex((shown) => shown.place === place);
    const link = (text: string, target: Shown | undefined, to = ''): HTMLAnchorElement => {
      const made = element('a', '', text);
      if (to === '' && target === undefined) made.setAttribute('aria-disabled', 'true');
      else made.href = to === '' ? `#disk-${(target?.place ?? 0) + 1}` : to;
      return made;
    };
    bar.append(
      link(`← ${back}`, undefined, '#all'),
      link(previous, at > 0 ? sorted[at - 1] : undefined),
      link(next, at >= 0 ? sorted[at + 1] : undefined),
    );
    return bar;
  }

  function speak(code: string): void {
    language = code;
    root.lang = code;
    for (const other of views) other.hidden = other.lang !== code;
    for (const input of all<HTMLInputElement>('.filter input')) input.value = query;
    select();
    void route(false);
    void prepare();
  }

  function paint(theme: string): void {
    if (theme === 'auto') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    for (const button of all<HTMLElement>('[data-theme-choice]'))
      button.setAttribute('aria-pressed', String(button.dataset['themeChoice'] === theme));
  }

  /** Unpacks what is printed with a short list: printing waits for nothing. */
  async function prepare(): Promise<void> {
    if (rows.length > PRINTED) return;
    printable = await Promise.all(rows.map(({ place }) => details(place)));
    root.dataset['details'] = '';
  }

  function beforePrint(): void {
    build(sorted.length - built);
    const one = !part('.detail').hidden;
    part('.print-details').innerHTML = one ? '' : printable.join('');
    for (const made of all<HTMLDetailsElement>('.print-details details')) made.remove();
  }

  function press({ dataset }: HTMLElement): void {
    const { state, sort, language: code, themeChoice } = dataset;
    if (code !== undefined) speak(code);
    else if (themeChoice !== undefined) paint(themeChoice);
    else if (dataset['print'] !== undefined) print();
    else if (state !== undefined) {
      if (!chosen.delete(state)) chosen.add(state);
      select();
    } else if (sort !== undefined) {
      descending = order === sort && !descending;
      order = sort as typeof order;
      select();
    } else if (dataset['clear'] !== undefined) {
      chosen.clear();
      query = '';
      for (const input of all<HTMLInputElement>('.filter input')) input.value = '';
      select();
      part('.filter input').focus();
    }
  }

  function listen(): void {
    document.addEventListener('click', (event) => {
      const button = event.target instanceof Element ? event.target.closest('button') : null;
      if (button !== null) press(button);
    });
    for (const input of all<HTMLInputElement>('.filter input'))
      input.addEventListener('input', () => {
        query = input.value;
        select();
      });
    const more = new IntersectionObserver(
      (seen) => {
        if (seen.some(({ isIntersecting }) => isIntersecting)) build(BATCH);
      },
      { rootMargin: '600px' },
    );
    for (const sentinel of all('.sentinel')) more.observe(sentinel);
    addEventListener('hashchange', () => void route(true));
    addEventListener('beforeprint', beforePrint);
    addEventListener('afterprint', () => part('.print-details').replaceChildren());
  }

  async function start(): Promise<void> {
    const data = await unpack<{ rows: PageRow[]; group: number; states: string[] }>('rows');
    group = data.group;
    rows = data.rows.map((row, place) => {
      const texts = Object.values(row.texts).flat();
      return { row, place, text: [row.name, row.path, ...texts].join(' ').toLowerCase(), rank: place };
    });
    const urgency = ({ row }: Shown): number => data.states.indexOf(row.state);
    [...rows]
      .sort((a, b) => urgency(a) - urgency(b) || a.place - b.place)
      .forEach((shown, rank) => (shown.rank = rank));
    listen();
    speak(language);
    root.dataset['ready'] = '';
  }

  start().catch(() => {
    for (const note of all<HTMLElement>('[data-too-old]')) note.hidden = false;
  });
}
