import { checkLines, htmlPhrase, Reader, targetText, type WalkWords } from '@deadbox/report/internals';
import type { Walk, WalkField, WalkStep, WalkTarget } from '@deadbox/triage/walk';
import type { App } from './app.js';
import { foreign, h, markup } from './dom.js';
import { HexGrid } from './hex.js';

/** The walk as an explorer: the steps, and of one of them the bytes beside its fields. */
export class WalkView {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #words: WalkWords;
  readonly #reader: Reader;
  readonly #body: HTMLElement;
  readonly #input: HTMLInputElement;
  #walk: Walk | undefined;
  #at = 0;

  constructor(app: App, words: WalkWords) {
    this.#app = app;
    this.#words = words;
    const { words: said, language } = app.vocabulary;
    this.#reader = new Reader({ language });
    this.#body = h('div', { class: 'walk-body' }, h('p', { class: 'faint' }, said.pick));
    this.#input = h('input', { id: 'walk-target', spellcheck: 'false', size: '48' });
    this.element = h(
      'div',
      { class: 'walk' },
      h(
        'form',
        {
          class: 'line tools',
          submit: (event) => {
            event.preventDefault();
            void this.#typed();
          },
        },
        h('label', { for: 'walk-target' }, said.target),
        this.#input,
        h('button', { type: 'submit' }, said.go),
      ),
      this.#body,
    );
    this.element.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Walks to `target` and shows the first step. */
  async open(target: WalkTarget): Promise<void> {
    try {
      this.#input.value = targetText(target);
      this.#body.replaceChildren(h('p', { class: 'busy' }, this.#app.vocabulary.words.reading));
      this.#walk = await this.#app.client.call('walk', [target]);
      this.#at = 0;
      this.#draw();
    } catch (error) {
      this.#app.say(error);
    }
  }

  async #typed(): Promise<void> {
    const text = this.#input.value.trim();
    if (text === '') return;
    try {
      await this.open(await this.#app.client.call('target', [text]));
    } catch (error) {
      this.#app.say(error);
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement || event.altKey || event.ctrlKey || event.metaKey) return;
    const step =
      event.key === 'ArrowRight' || event.key === 'n' ? 1 : event.key === 'ArrowLeft' || event.key === 'p' ? -1 : 0;
    if (step !== 0 && this.#walk !== undefined) {
      event.preventDefault();
      this.#go(this.#at + step);
    }
  }

  #go(at: number): void {
    if (this.#walk === undefined || at < 0 || at >= this.#walk.steps.length) return;
    this.#at = at;
    this.#draw();
    this.element.querySelector<HTMLElement>('.step-title')?.focus();
  }

  #draw(): void {
    const walk = this.#walk;
    if (walk === undefined) return;
    const { words } = this.#app.vocabulary;
    const step = walk.steps[this.#at];
    const end = walk.end;
    const list = h(
      'ol',
      { class: 'steps', 'aria-label': words.steps },
      ...walk.steps.map((one, index) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              class: index === this.#at ? 'here' : '',
              'aria-current': index === this.#at ? 'step' : 'false',
              click: () => this.#go(index),
            },
            markup(htmlPhrase(this.#question(one))),
          ),
        ),
      ),
    );
    this.#body.replaceChildren(
      h(
        'div',
        { class: 'walk-split' },
        list,
        h(
          'div',
          { class: 'step' },
          step === undefined ? '' : this.#stepView(step, walk),
          end === null
            ? ''
            : h('p', { class: 'bad', role: 'alert' }, markup(htmlPhrase(this.#words.ended(end.code, end.message)))),
        ),
      ),
    );
    list.querySelector('.here')?.scrollIntoView({ block: 'nearest' });
  }

  #question(step: WalkStep): ReturnType<WalkWords['step']> {
    const walk = this.#words;
    return walk.step(step.number, walk.steps[step.id].question(this.#reader.facts(step.data)));
  }

  #stepView(step: WalkStep, { steps }: Walk): HTMLElement {
    const walk = this.#words;
    const { words } = this.#app.vocabulary;
    const facts = this.#reader.facts(step.data);
    const back = h('button', { type: 'button', click: () => this.#go(this.#at - 1) }, `← ${words.back}`);
    const next = h(
      'button',
      { type: 'button', class: 'primary', click: () => this.#go(this.#at + 1) },
      `${words.next} →`,
    );
    back.disabled = this.#at === 0;
    next.disabled = this.#at === steps.length - 1;
    const note = walk.readings[step.reading];
    return h(
      'article',
      {},
      h(
        'div',
        { class: 'line nav' },
        back,
        h('span', { class: 'faint', 'aria-live': 'polite' }, words.step(step.number, steps.length)),
        next,
      ),
      h('h2', { class: 'step-title', tabindex: '-1' }, markup(htmlPhrase(this.#question(step)))),
      markup(`<p>${htmlPhrase(walk.steps[step.id].lesson(facts))}</p>`),
      this.#places(step),
      ...this.#explorer(step),
      note === '' ? '' : h('p', { class: 'faint' }, note),
      this.#leads(step),
      this.#checks(step),
    );
  }

  #places(step: WalkStep): HTMLElement {
    const walk = this.#words;
    const file = step.pieces[0]?.file ?? null;
    const rows: [string, string][] = [
      [walk.labels.disk, step.offset === null ? walk.onlyInFile : htmlPhrase(walk.onDisk(step.offset, step.length))],
    ];
    if (typeof step.data.at === 'number') rows.push([walk.labels.hive, step.data.at.toLocaleString('en')]);
    rows.push([walk.labels.file, file === null ? walk.nowhere : htmlPhrase(walk.inFile(file.offset, file.path))]);
    for (const { kind, file: place, bytes } of step.map)
      rows.push([walk.labels.map, htmlPhrase(walk.mapEntry(walk.tables[kind], place.offset, bytes))]);
    return h(
      'dl',
      { class: 'places' },
      ...rows.flatMap(([label, html]) => [h('dt', {}, label), h('dd', {}, markup(html))]),
    );
  }

  /** Bytes and fields side by side: picking one shows the other. */
  #explorer(step: WalkStep): HTMLElement[] {
    const walk = this.#words;
    const { words } = this.#app.vocabulary;
    const bytes = bytesOf(step.bytes);
    const base = step.offset ?? step.pieces[0]?.file?.offset ?? 0;
    const buttons = new Map<WalkField, HTMLButtonElement>();
    const said = h('div', { class: 'field-said', 'aria-live': 'polite' });
    const pick = (field: WalkField): void => {
      grid.clear('picked');
      grid.mark(field.at, field.length, 'picked');
      grid.reveal(field.at);
      for (const [one, button] of buttons) button.setAttribute('aria-pressed', String(one === field));
      said.replaceChildren(
        h('strong', {}, foreign(field.name)),
        ` — ${walk.meaning(field)}`,
        h('div', {}, h('code', {}, spaced(field.raw)), ' = ', foreign(valueText(field))),
        h('div', { class: 'faint' }, field.source),
      );
    };
    const grid = new HexGrid(bytes, base, (at) => {
      const field = step.fields.findLast((one) => at >= one.at && at < one.at + one.length);
      if (field !== undefined) pick(field);
    });
    for (const field of step.fields) grid.mark(field.at, field.length, field.key ? 'keyed' : 'named');
    const rows = step.fields.map((field) => {
      const button = h(
        'button',
        {
          type: 'button',
          class: field.key ? 'field keyed' : 'field',
          'aria-pressed': 'false',
          click: () => pick(field),
        },
        h('span', { class: 'at' }, `+${field.at}`),
        h('span', { class: 'field-name' }, foreign(field.name)),
        h('span', { class: 'field-value' }, foreign(valueText(field))),
      );
      buttons.set(field, button);
      return h('li', {}, button);
    });
    grid.element.setAttribute('aria-label', words.bytes);
    const key = step.fields.find((field) => field.key);
    if (key !== undefined) requestAnimationFrame(() => pick(key));
    return [
      h(
        'div',
        { class: 'explorer' },
        grid.element,
        h('div', { class: 'fields' }, h('h3', {}, words.fields), h('ul', { class: 'list-plain' }, ...rows), said),
      ),
    ];
  }

  #leads({ next }: WalkStep): HTMLElement | string {
    if (next === null) return '';
    const walk = this.#words;
    const { words } = this.#app.vocabulary;
    const terms = next.terms.map(({ id, value, times }) =>
      [`${value.toLocaleString('en')} (${walk.terms[id]})`, ...(times === 1 ? [] : [times.toLocaleString('en')])].join(
        ' × ',
      ),
    );
    return h(
      'p',
      { class: 'leads' },
      h('strong', {}, words.leads),
      ` ${terms.join(' + ')} = `,
      h(
        'button',
        { type: 'button', class: 'small', click: () => this.#go(this.#at + 1) },
        next.to.toLocaleString('en'),
      ),
      walk.bytesOf(next.space),
    );
  }

  #checks(step: WalkStep): HTMLElement | string {
    const lines = checkLines(step);
    if (lines.length === 0) return '';
    const { words } = this.#app.vocabulary;
    return h(
      'p',
      { class: 'check' },
      `${words.check}: `,
      ...lines.map((line) => h('code', { class: 'command' }, foreign(line))),
    );
  }
}

const spaced = (hex: string): string => (hex.slice(0, 96).match(/../g) ?? []).join(' ') + (hex.length > 96 ? ' …' : '');

function valueText({ value, text }: WalkField): string {
  const shown =
    value === null
      ? '–'
      : typeof value === 'object'
        ? Object.entries(value)
            .map(([name, inner]) => `${name} ${typeof inner === 'object' ? JSON.stringify(inner) : inner}`)
            .join(', ')
        : String(value);
  const cut = shown.length > 48 ? `${shown.slice(0, 48)}…` : shown;
  return text === undefined || text === '' ? cut : `${cut} (${text})`;
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
