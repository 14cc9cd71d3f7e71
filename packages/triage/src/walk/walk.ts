export { targetOfCause } from './cause-target.js';
export { type WalkToOptions, walkTo } from './walk-to.js';
export type {
  Walk,
  WalkField,
  WalkMapEntry,
  WalkPiece,
  WalkPointer,
  WalkReading,
  WalkStep,
  WalkStepId,
  WalkTarget,
  WalkTerm,
  WalkTermId,
} from './walk-types.js';
