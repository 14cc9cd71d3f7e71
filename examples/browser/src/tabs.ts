import type { App } from './app.js';
import { h } from './dom.js';
import { walkWords } from './vocabulary.js';
import type { WalkView } from './walk-view.js';
import type { Words } from './words.js';

export type Tab = 'answer' | 'files' | 'registry' | 'boot' | 'walk';
const TABS: readonly Tab[] = ['answer', 'files', 'registry', 'boot', 'walk'];

/** Loads what a tab shows, and makes it. */
export async function viewOf(tab: Exclude<Tab, 'walk'>, app: App): Promise<HTMLElement> {
  if (tab === 'answer') return (await import('./answer-view.js')).answerView(app);
  if (tab === 'files') return (await import('./files-view.js')).filesView(app);
  const { bootView, registryView } = await import('./registry-view.js');
  return tab === 'registry' ? registryView(app) : bootView(app);
}

export async function walkViewOf(app: App): Promise<WalkView> {
  const [{ WalkView }, words] = await Promise.all([import('./walk-view.js'), walkWords(app.vocabulary.code)]);
  return new WalkView(app, words);
}

/** The row of tabs; arrows go from one to the next, as Home and End do to the first and last. */
export function tabRow(words: Words, here: Tab, select: (tab: Tab) => void): HTMLElement {
  const go = (event: KeyboardEvent, tab: Tab): void => {
    const at = TABS.indexOf(tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + TABS.length, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = TABS[to % TABS.length];
    select(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return h(
    'div',
    { class: 'tabs', role: 'tablist' },
    ...TABS.map((tab) =>
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          id: `tab-${tab}`,
          'aria-controls': 'panel',
          'aria-selected': String(tab === here),
          tabindex: tab === here ? '0' : '-1',
          click: () => select(tab),
          keydown: (event) => go(event as KeyboardEvent, tab),
        },
        words.tabs[tab],
      ),
    ),
  );
}

/** Marks the tab that is shown. */
export function markTab(here: Tab): void {
  for (const tab of TABS) {
    const button = document.getElementById(`tab-${tab}`);
    button?.setAttribute('aria-selected', String(tab === here));
    button?.setAttribute('tabindex', tab === here ? '0' : '-1');
  }
}
