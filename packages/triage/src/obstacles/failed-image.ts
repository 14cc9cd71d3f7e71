import type { DeadboxError, Json } from '@deadbox/core';
import type { FailedImage } from '../report/report-types.js';
import { obstacle } from './obstacle.js';

/** What a differencing image says about the parent that it misses; see `IMAGE_PARENT_MISSING` of `@deadbox/image`. */
const PARENT_FACTS = ['parent', 'parentId', 'lookedFor', 'others'] as const;

/** The report of an image that could not be opened, with the obstacle where there is one. */
export function failedImage(path: string, error: DeadboxError): FailedImage {
  const facts = PARENT_FACTS.flatMap((key) =>
    error.data[key] === undefined ? [] : [[key, error.data[key]] as [string, Json]],
  );
  return {
    path,
    error: { code: error.code, message: error.message },
    obstacles:
      error.code === 'IMAGE_PARENT_MISSING'
        ? [obstacle('differencing-without-parent', null, { data: Object.fromEntries(facts) })]
        : [],
  };
}
