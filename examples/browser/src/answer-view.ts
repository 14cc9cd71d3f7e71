import { causeTitle, diskDetails, htmlPhrase, Reader } from '@deadbox/report/internals';
import type { CauseReport } from '@deadbox/triage';
import type { App } from './app.js';
import { h, markup } from './dom.js';
import { keyForm } from './key-form.js';

/** Causes that can be walked to. */
const MAX_PROOFS = 12;

/**
 * The answer first; then the next steps, how far the start comes, the disk, and everything else: the report's own page
 * of a disk.
 */
export function answerView(app: App): HTMLElement {
  const { vocabulary, disk } = app;
  const { language, causes } = vocabulary;
  const zone = { name: Intl.DateTimeFormat().resolvedOptions().timeZone, whose: 'reader' } as const;
  const reader = new Reader({ language, causes, zone });
  const details = markup(diskDetails(disk.report, reader), 'details');
  const proofs = disk.report.causes.filter(({ severity }) => severity !== 'none').slice(0, MAX_PROOFS);
  // The proof stands behind the answer, before the details.
  if (proofs.length > 0) details.querySelector('article > section')?.before(proofSection(app, proofs, reader));
  return h(
    'div',
    { class: 'answer' },
    ...disk.volumes.filter(({ locked }) => locked).map((volume) => keyForm(app, volume)),
    details,
  );
}

function proofSection(app: App, proofs: readonly CauseReport[], reader: Reader): HTMLElement {
  const { words } = app.vocabulary;
  return h(
    'section',
    {},
    h('h2', {}, words.causes),
    h(
      'ul',
      { class: 'proofs' },
      ...proofs.map((cause) =>
        h(
          'li',
          {},
          markup(htmlPhrase(causeTitle(cause, app.disk.report, reader))),
          h('button', { type: 'button', class: 'small', click: () => void show(app, cause.id) }, words.show),
        ),
      ),
    ),
  );
}

async function show(app: App, id: string): Promise<void> {
  try {
    const target = await app.client.call('causeTarget', [id]);
    if (target !== null) app.walkTo(target);
  } catch (error) {
    app.say(error);
  }
}
