import type { ListedHive, ListedKey } from './api.js';
import type { App } from './app.js';
import { foreign, h, virtualList } from './dom.js';

/** Registry hives and boot stores: keys to go through, and values to walk to. */
export function registryView(app: App): HTMLElement {
  const { words } = app.vocabulary;
  const keys = h('div', { class: 'pane' });
  const values = h('div', { class: 'pane values' });
  const select = h('select', { id: 'hive', change: () => void go('') });
  const path = h('input', { id: 'key-path', spellcheck: 'false' });
  let hives: readonly ListedHive[] = [];
  let turn = 0;
  const hive = (): ListedHive | undefined => hives[Number(select.value)];

  const go = async (where: string): Promise<void> => {
    const open = hive();
    if (open === undefined) return;
    turn += 1;
    const mine = turn;
    path.value = where;
    try {
      const key = await app.client.call('key', [open, where]);
      if (mine === turn) fill(open, where, key);
    } catch (error) {
      app.say(error);
    }
  };

  const fill = (open: ListedHive, where: string, key: ListedKey): void => {
    keys.replaceChildren(
      key.keys.length === 0
        ? h('p', { class: 'faint' }, words.empty)
        : virtualList(
            key.keys.length,
            (index) => {
              const name = key.keys[index];
              const inner = where === '' ? name : `${where}\\${name}`;
              return h(
                'div',
                { class: 'row', role: 'listitem' },
                h('button', { type: 'button', class: 'name folder', click: () => void go(inner) }, foreign(name)),
              );
            },
            words.tabs.registry,
          ),
    );
    values.replaceChildren(
      h(
        'ul',
        { class: 'list-plain' },
        ...key.values.map(({ name, type, text }) =>
          h(
            'li',
            {},
            h(
              'div',
              {},
              h('strong', {}, foreign(name === '' ? '(default)' : name)),
              h('span', { class: 'faint' }, ` ${type}`),
            ),
            h('div', { class: 'value' }, foreign(text)),
            h(
              'button',
              {
                type: 'button',
                class: 'small',
                click: () =>
                  app.walkTo({ kind: 'registry', volume: open.volume, hive: open.path, key: where, value: name }),
              },
              words.show,
            ),
          ),
        ),
      ),
      key.values.length === 0 ? h('p', { class: 'faint' }, words.empty) : '',
    );
  };

  const start = async (): Promise<void> => {
    try {
      hives = await app.client.call('hives', []);
      select.replaceChildren(
        ...hives.map(({ label, volume }, index) => h('option', { value: String(index) }, `${label} (${volume})`)),
      );
      await go('');
    } catch (error) {
      app.say(error);
    }
  };
  void start();
  return h(
    'div',
    { class: 'registry' },
    h(
      'form',
      {
        class: 'line tools',
        submit: (event) => {
          event.preventDefault();
          void go(path.value);
        },
      },
      h('label', { for: 'hive' }, words.hive),
      select,
      h('button', { type: 'button', click: () => void go(path.value.replace(/\\?[^\\]*$/, '')) }, words.up),
      h('label', { for: 'key-path' }, words.path),
      path,
      h('button', { type: 'submit' }, words.go),
    ),
    h('div', { class: 'split' }, keys, values),
  );
}

/** The boot stores, object by object. */
export function bootView(app: App): HTMLElement {
  const { words } = app.vocabulary;
  const box = h('div', { class: 'boot' });
  const start = async (): Promise<void> => {
    try {
      const stores = await app.client.call('stores', []);
      box.replaceChildren(
        ...stores.map(({ hive, objects }) =>
          h(
            'section',
            { class: 'card' },
            h('h2', {}, foreign(hive.path), ` (${words.volume} ${hive.volume})`),
            ...objects.map(({ id, name, elements }) =>
              h(
                'details',
                { open: /bootmgr|default|windows/i.test(name) },
                h('summary', {}, h('code', {}, id), ' ', foreign(name)),
                h(
                  'ul',
                  { class: 'list-plain' },
                  ...elements.map((element) =>
                    h(
                      'li',
                      {},
                      h('strong', {}, foreign(element.name || element.id)),
                      h('div', { class: 'value' }, foreign(element.text)),
                      h(
                        'button',
                        {
                          type: 'button',
                          class: 'small',
                          click: () =>
                            app.walkTo({
                              kind: 'registry',
                              volume: hive.volume,
                              hive: hive.path,
                              key: `Objects\\${id}\\Elements\\${element.id}`,
                              value: 'Element',
                            }),
                        },
                        words.show,
                      ),
                    ),
                  ),
                ),
              ),
            ),
          ),
        ),
        stores.length === 0 ? h('p', { class: 'faint' }, words.empty) : '',
      );
    } catch (error) {
      app.say(error);
    }
  };
  void start();
  return box;
}
