import { h } from './dom.js';

const ROW = 16;

const printable = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');

/** Bytes in rows, as text that can be copied. */
export function hexText(bytes: Uint8Array, offset: number): HTMLElement {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = [...bytes.subarray(at, at + ROW)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    lines.push(`${(offset + at).toString(16).padStart(8, '0')}  ${digits.padEnd(47)}  ${row.map(printable).join('')}`);
  }
  return h('pre', { class: 'hex', tabindex: '0' }, lines.join('\n'));
}

/** A grid of bytes in which ranges can be marked, and a byte be picked. */
export class HexGrid {
  readonly element: HTMLElement;
  readonly #cells: HTMLElement[] = [];
  readonly #letters: HTMLElement[] = [];

  constructor(bytes: Uint8Array, offset: number, onPick: (at: number) => void) {
    const rows: HTMLElement[] = [];
    for (let at = 0; at < bytes.length; at += ROW) {
      const digits = h('span', { class: 'digits' });
      const letters = h('span', { class: 'letters', 'aria-hidden': 'true' });
      for (let index = at; index < Math.min(at + ROW, bytes.length); index += 1) {
        const byte = bytes[index];
        const cell = h('span', { class: index % 8 === 0 ? 'b half' : 'b' }, byte.toString(16).padStart(2, '0'));
        const letter = h('span', { class: 'c' }, printable(byte));
        cell.dataset.at = String(index);
        letter.dataset.at = String(index);
        this.#cells.push(cell);
        this.#letters.push(letter);
        digits.append(cell);
        letters.append(letter);
      }
      rows.push(
        h(
          'div',
          { class: 'hexrow' },
          h('span', { class: 'o' }, (offset + at).toString(16).padStart(8, '0')),
          digits,
          letters,
        ),
      );
    }
    this.element = h('div', { class: 'grid', tabindex: '0', role: 'group' }, ...rows);
    this.element.addEventListener('click', (event) => {
      const at = (event.target as HTMLElement).dataset.at;
      if (at !== undefined) onPick(Number(at));
    });
  }

  /** Gives each byte of a range a class; a range outside is left out. */
  mark(at: number, length: number, name: string): void {
    for (let index = at; index < at + length; index += 1) {
      this.#cells[index]?.classList.add(name);
      this.#letters[index]?.classList.add(name);
    }
  }

  /** Takes a class away everywhere. */
  clear(name: string): void {
    for (const element of [...this.#cells, ...this.#letters]) element.classList.remove(name);
  }

  /** Brings a byte into sight. */
  reveal(at: number): void {
    const cell = this.#cells[at];
    if (cell === undefined) return;
    const box = this.element;
    const top = (cell.closest('.hexrow') as HTMLElement).offsetTop - box.offsetTop;
    if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 40) box.scrollTop = Math.max(0, top - 60);
  }
}
