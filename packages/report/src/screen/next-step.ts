import { type FailedImage, type ImageReport, isFailedImage } from '@deadbox/triage';
import type { Phrase } from '../document/phrase.js';
import { failurePhrase } from '../pages/error-phrases.js';
import type { Reader } from '../pages/page.js';
import { stepPhrase } from '../pages/rule-phrases.js';
import { isUnchecked, keyPhrases, remedyPhrase } from '../pages/start-blocks.js';

/**
 * The one thing to do next: the key to give, the first step of the worst installation that not every disk begins with,
 * or the cure of the worst cause. Empty where nothing is to do.
 */
export function nextStepPhrase(image: ImageReport | FailedImage, reader: Reader): Phrase {
  if (isFailedImage(image)) return failurePhrase(unnamed(image, reader), reader);
  const [key] = keyPhrases(image, reader);
  if (key !== undefined) return key;
  const steps = image.installations.filter(({ active }) => active).flatMap(({ nextSteps }) => nextSteps);
  const remedy = remedyPhrase(image, reader);
  if (remedy !== undefined && (steps.length === 0 || image.cause?.startsWith('rule:') !== true)) return remedy;
  const step = steps.find(({ id }) => id !== 'copy-first') ?? steps[0];
  if (step !== undefined) return stepPhrase(step, image, reader);
  // A quick scan knows no steps: the next one is to look closer.
  return isUnchecked(image) ? reader.language.start.notChecked : [];
}

/**
 * A failed image without its path, which stands beside the sentence and would take all its room. A message has it as a
 * word: a short one is a part of other words, too.
 */
function unnamed(image: FailedImage, { language }: Reader): FailedImage {
  const { code, message } = image.error;
  const { thisImage } = language.runs;
  return { ...image, path: thisImage, error: { code, message: withoutWord(message, image.path, thisImage) } };
}

function withoutWord(text: string, word: string, instead: string): string {
  // `file` or `s` may stand in the sentence for themselves, and take no room.
  if (!/[./:\\]/.test(word)) return text;
  const escaped = word.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  return text.replaceAll(new RegExp(`(?<![A-Za-z0-9_])${escaped}(?![A-Za-z0-9_])`, 'gu'), () => instead);
}
