import type { Json } from '@deadbox/core';
import type { Obstacle, ObstacleId } from '../report/report-types.js';

/** Where a Windows was found. */
export interface FoundWindows {
  /** 1-based volume number. */
  readonly volume: number;
  /** Path of the Windows folder. */
  readonly root: string;
}

/** One obstacle; effect and advice are ids, the report has their words. */
export function obstacle(
  id: ObstacleId,
  volume: number | null,
  { evidence = [], data = {} }: { evidence?: Obstacle['evidence']; data?: Record<string, Json> } = {},
): Obstacle {
  return { id, volume, evidence, effect: `${id}.effect`, advice: `${id}.advice`, data };
}
