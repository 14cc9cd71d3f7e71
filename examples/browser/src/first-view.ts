import { fillRuleText, type ImageReport, type InstallationReport, type RuleText } from '@deadbox/triage';
import { foreign, h } from './dom.js';
import type { LanguageCode } from './vocabulary.js';
import { WORDS } from './words.js';

const TONES = { act: 'bad', attention: 'doubt', review: 'doubt', none: 'plain' } as const;
/** Installations shown before everything is known of them. */
const MAX_SHOWN = 8;

/** What the files alone say, while everything else is still being examined. */
export function firstView(report: ImageReport, code: LanguageCode): HTMLElement {
  const words = WORDS[code];
  const shown = report.installations.slice(0, MAX_SHOWN);
  return h(
    'section',
    { class: 'card lead first', 'aria-live': 'polite' },
    ...shown.flatMap((installation) => installationParts(installation, code)),
    shown.length === 0 ? h('p', {}, words.noWindowsYet) : '',
  );
}

function installationParts(installation: InstallationReport, code: LanguageCode): HTMLElement[] {
  const words = WORDS[code];
  const { words: rule, severity, volume, root } = installation;
  const isKnown = severity !== 'none';
  const title = isKnown ? textOf(rule.title, installation, code) : words.noKnownFault;
  const sentence = isKnown ? textOf(rule.sentence, installation, code) : '';
  return [
    h('h2', {}, h('span', { class: `state state-${TONES[severity]}` }, foreign(title ?? words.toReview))),
    ...(sentence === undefined || sentence === '' ? [] : [h('p', {}, foreign(sentence))]),
    h('p', { class: 'faint' }, `${words.volume} ${volume} · `, foreign(root)),
  ];
}

/** A rule's text in this language; `undefined` where the rule has none, or wants words that are not loaded yet. */
function textOf(text: RuleText | null, { files, decided }: InstallationReport, code: LanguageCode): string | undefined {
  const template = (code === 'ja' ? text?.ja : undefined) ?? text?.en;
  if (template === undefined || template.includes('{content}')) return undefined;
  const file = files[decided?.files[0] ?? 0];
  return fillRuleText(template, {
    file: file?.path.split('/').at(-1),
    path: file?.path,
    modified: timeText(file?.modified),
    created: timeText(file?.created),
    count: decided === null ? undefined : String(decided.files.length),
  });
}

const timeText = (iso: string | null | undefined): string | undefined =>
  iso === null || iso === undefined ? undefined : `${iso.slice(0, 19).replace('T', ' ')} UTC`;
