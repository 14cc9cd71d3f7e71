import type { ListedVolume } from './api.js';
import type { App } from './app.js';
import { h } from './dom.js';

/** Asks for the key of a locked volume, and names the one that fits. */
export function keyForm(app: App, volume: ListedVolume): HTMLElement {
  const { words } = app.vocabulary;
  const input = h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', id: `key-${volume.number}` });
  const said = h('p', { class: 'bad', role: 'alert' });
  const button = h('button', { type: 'submit' }, words.unlock);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    said.textContent = '';
    button.disabled = true;
    const text = input.value.trim();
    const kind = /^(\d{6}-){7}\d{6}$/.test(text) ? 'recovery-password' : 'password';
    try {
      if (!(await app.unlock({ kind, text }))) said.textContent = words.wrongKey;
    } catch (error) {
      app.say(error);
    } finally {
      button.disabled = false;
    }
  };
  return h(
    'form',
    { class: 'card key', submit: (event) => void submit(event) },
    h('h2', {}, `${words.volume} ${volume.label}`),
    h('p', {}, words.locked),
    ...volume.keyIds.map((id) => h('p', {}, `${words.keyIds} `, h('code', {}, id))),
    h('label', { for: `key-${volume.number}` }, words.key),
    h('div', { class: 'line' }, input, button),
    h('p', { class: 'faint' }, words.keyStays),
    said,
  );
}
