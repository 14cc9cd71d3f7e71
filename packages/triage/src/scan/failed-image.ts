import type { DeadboxError, Json } from '@deadbox/core';
import { IMAGE_CAUSES } from '../cause-kinds/image.js';
import { obstacle } from '../obstacles/obstacle.js';
import type { FailedImage } from '../report/report-types.js';

/** What a differencing image says about the parent that it misses; see `IMAGE_PARENT_MISSING` of `@deadbox/image`. */
const PARENT_FACTS = ['parent', 'parentId', 'lookedFor', 'others'] as const;

/**
 * The report of an image that could not be opened, with the obstacle where there is one: a chain without its parent
 * starts nowhere either, unless only the copy that was examined lacks it.
 */
export function failedImage(path: string, error: DeadboxError): FailedImage {
  const failed = { path, error: { code: error.code, message: error.message } };
  if (error.code !== 'IMAGE_PARENT_MISSING')
    return { ...failed, cause: null, starts: 'not-checked', causes: [], obstacles: [] };
  const facts = PARENT_FACTS.flatMap((key) =>
    error.data[key] === undefined ? [] : [[key, error.data[key]] as [string, Json]],
  );
  const data = Object.fromEntries(facts);
  // A quick scan loads the kinds of all causes for none of its other answers.
  const id = 'differencing-without-parent';
  const { phase, codes, repair } = IMAGE_CAUSES[id];
  const place = { volume: null, installation: null };
  return {
    ...failed,
    cause: id,
    starts: 'doubtful',
    causes: [{ id, phase, severity: 'review', confidence: 'strong', ...place, codes, data, evidence: [], repair }],
    obstacles: [obstacle(id, null, { data })],
  };
}
