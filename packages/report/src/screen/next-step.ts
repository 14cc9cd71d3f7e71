import { type FailedImage, type ImageReport, isFailedImage } from '@deadbox/triage';
import type { Phrase } from '../document/phrase.js';
import { errorPhrase } from '../pages/error-phrases.js';
import type { Reader } from '../pages/page.js';
import { stepPhrase } from '../pages/rule-phrases.js';
import { isUnchecked, keyPhrases, remedyPhrase } from '../pages/start-blocks.js';

/**
 * The one thing to do next: the key to give, the first step of the worst installation, or the cure of the worst cause.
 * Empty where nothing is to do.
 */
export function nextStepPhrase(image: ImageReport | FailedImage, reader: Reader): Phrase {
  if (isFailedImage(image)) return errorPhrase(image.error, reader);
  const [key] = keyPhrases(image, reader);
  if (key !== undefined) return key;
  const steps = image.installations.filter(({ active }) => active).flatMap(({ nextSteps }) => nextSteps);
  const remedy = remedyPhrase(image, reader);
  if (remedy !== undefined && (steps.length === 0 || image.cause?.startsWith('rule:') !== true)) return remedy;
  const [step] = steps;
  if (step !== undefined) return stepPhrase(step, image, reader);
  // A quick scan knows no steps: the next one is to look closer.
  return isUnchecked(image) ? reader.language.start.notChecked : [];
}
