import { type FailedImage, type ImageReport, isFailedImage } from '@deadbox/triage';
import { data, type Phrase, text } from '../document/phrase.js';
import { failurePhrase } from '../pages/error-phrases.js';
import { obstaclePhrase } from '../pages/obstacle-phrases.js';
import type { Reader } from '../pages/page.js';
import { stepPhrase } from '../pages/rule-phrases.js';
import { badgeOf, keyPhrases, sentenceOf, serverName, textOf } from '../pages/start-blocks.js';
import type { DiskState } from '../words/html/html-words.js';

/** An image of a report. */
export type Judged = ImageReport | FailedImage;

/** The states, the worst first. */
export const DISK_STATES: readonly DiskState[] = [
  'no',
  'act',
  'doubtful',
  'blocked',
  'failed',
  'no-windows',
  'not-checked',
  'nothing-found',
];

/** How each state is coloured. */
export const STATE_TONES: Readonly<Record<DiskState, 'bad' | 'doubt' | 'lock' | 'plain' | 'good'>> = {
  no: 'bad',
  act: 'bad',
  doubtful: 'doubt',
  blocked: 'lock',
  failed: 'doubt',
  'no-windows': 'plain',
  'not-checked': 'plain',
  'nothing-found': 'good',
};

/** What a disk comes to. */
export function stateOf(image: Judged): DiskState {
  if (isFailedImage(image)) return 'failed';
  const badge = badgeOf(image);
  if (badge === 'no' || badge === 'blocked') return badge;
  // What asks to act stands before what only speaks against a start, and before what was not looked at.
  if (image.severity === 'act') return 'act';
  if (badge === undefined) return 'no-windows';
  if ((badge === 'not-checked' || badge === 'nothing-found') && image.severity !== 'none') return 'doubtful';
  return badge;
}

/** What the disk is called: its server, else its image. */
export function nameOf(image: Judged): string {
  return (isFailedImage(image) ? undefined : serverName(image)) ?? image.path;
}

/** Why it is in that state, in one sentence. */
export function reasonOf(image: Judged, reader: Reader): Phrase {
  if (isFailedImage(image)) return failurePhrase(image, reader);
  return sentenceOf(image, badgeOf(image), reader);
}

/** The one thing to do next; `undefined` where nothing asks for anything. */
export function nextStepOf(image: Judged, reader: Reader): Phrase | undefined {
  if (isFailedImage(image)) {
    const [obstacle] = image.obstacles;
    return obstacle === undefined ? undefined : obstaclePhrase(obstacle, reader);
  }
  const [key] = badgeOf(image) === 'blocked' ? keyPhrases(image, reader) : [];
  if (key !== undefined) return key;
  const worst = image.causes.find(({ severity }) => severity !== 'none');
  const words = worst === undefined ? undefined : textOf(worst, reader);
  if (words !== undefined) return [text(words.remedy)];
  if (image.severity === 'none') return undefined;
  const steps = image.installations.flatMap(({ active, nextSteps }) => (active ? nextSteps : []));
  const step = steps.find(({ id }) => id !== 'copy-first') ?? steps[0];
  return step === undefined ? undefined : stepPhrase(step, image, reader);
}

/** What disks have in common that have one reason: the cause, the kind of error, the verdict. */
export function reasonKey(image: Judged): string {
  if (isFailedImage(image)) return `error ${image.error.code}`;
  const state = stateOf(image);
  if (state === 'blocked') return state;
  return `${state} ${image.cause ?? ''} ${image.cause?.startsWith('rule:') === false ? '' : image.verdict}`;
}

/** Whether one sentence says the reason of several disks; else it has the facts of one of them. */
export function isSharedReason(image: Judged): boolean {
  return !isFailedImage(image) && image.cause?.startsWith('rule:') === true;
}

/** A name as data, strong. */
export function namePhrase(image: Judged): Phrase {
  return [data(nameOf(image), 'strong')];
}
