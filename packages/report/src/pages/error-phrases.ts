import type { DeadboxError, Json } from '@deadbox/core';
import type { VolumeInfo } from '@deadbox/disk';
import type { FailedImage } from '@deadbox/triage';
import type { Phrase } from '../document/phrase.js';
import type { UsageProblem } from '../words/error-words.js';
import { clipped } from '../words/facts.js';
import { lockedPhrase } from './encryption-phrases.js';
import type { Reader } from './page.js';

/** What was wrong with a call of a verb: a fault of its arguments, or a volume whose key is missing. */
export type Problem = UsageProblem | { readonly id: 'volume-locked'; readonly facts: { readonly volume: VolumeInfo } };

/** An error in the reader's language. */
export function errorPhrase(
  error: Pick<DeadboxError, 'code' | 'message'> & {
    readonly at?: DeadboxError['at'];
    readonly data?: Record<string, Json>;
  },
  reader: Reader,
): Phrase {
  const { code, message, at, data } = error;
  return reader.language.errors.error({
    code,
    message: clipped(message),
    ...(at === undefined ? {} : { at }),
    ...(data === undefined ? {} : { data: reader.facts(data) }),
  });
}

/** Why an image could not be opened. A report keeps of the error's facts only which image it was. */
export function failurePhrase({ path, error }: FailedImage, reader: Reader): Phrase {
  return errorPhrase({ ...error, data: { path } }, reader);
}

/** A fault of a call in the reader's language. */
export function problemPhrase(problem: Problem, reader: Reader): Phrase {
  if (problem.id === 'volume-locked') return lockedPhrase(problem.facts.volume, reader);
  const words = reader.language.errors.usage[problem.id] as (facts: UsageProblem['facts']) => Phrase;
  return words(problem.facts);
}
