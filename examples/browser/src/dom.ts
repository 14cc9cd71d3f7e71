import { escapeText } from '@deadbox/report/internals';

type Attributes = Readonly<Record<string, string | boolean | ((event: Event) => void)>>;

/** An element; children that are strings become text, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/**
 * Text from the disk: made visible where it would move or hide other text, and kept from turning what stands beside it.
 */
export function foreign(text: string): HTMLElement {
  return h('bdi', {}, escapeText(text));
}

/**
 * Markup that the report package made, which escapes all that comes from outside; the policy lets no script in it run.
 */
export function markup(html: string, className = ''): HTMLElement {
  const box = h('div', { class: className });
  box.innerHTML = html;
  return box;
}

/** A list of any length whose rows are made when they come into sight. */
export function virtualList(
  count: number,
  row: (index: number) => HTMLElement,
  label: string,
  rowHeight = 30,
): HTMLElement {
  const inner = h('div', { class: 'rows', role: 'presentation' });
  inner.style.height = `${count * rowHeight}px`;
  const box = h('div', { class: 'list', role: 'list', 'aria-label': label, tabindex: '-1' }, inner);
  const shown = new Map<number, HTMLElement>();
  const fill = (): void => {
    const first = Math.max(0, Math.floor(box.scrollTop / rowHeight) - 5);
    const last = Math.min(count, Math.ceil((box.scrollTop + (box.clientHeight || 600)) / rowHeight) + 5);
    for (const [index, element] of shown)
      if (index < first || index >= last) {
        element.remove();
        shown.delete(index);
      }
    for (let index = first; index < last; index += 1) {
      if (shown.has(index)) continue;
      const element = row(index);
      element.style.top = `${index * rowHeight}px`;
      element.dataset.index = String(index);
      shown.set(index, element);
      inner.append(element);
    }
  };
  box.addEventListener('scroll', fill, { passive: true });
  box.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    const at = Number((document.activeElement?.closest('[data-index]') as HTMLElement | null)?.dataset.index ?? -1);
    const next = Math.min(count - 1, Math.max(0, at + step));
    event.preventDefault();
    const top = next * rowHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    if (top + rowHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + rowHeight - box.clientHeight;
    fill();
    shown.get(next)?.querySelector('button')?.focus();
  });
  requestAnimationFrame(fill);
  new ResizeObserver(fill).observe(box);
  return box;
}

/** Saves a blob under a name. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = h('a', { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Bytes for people. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = -1;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
