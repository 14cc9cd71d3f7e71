import { DeadboxError } from '@deadbox/core';

/** The error for an image that takes more memory than one may. */
export function outOfMemory(): DeadboxError {
  return new DeadboxError('OUT_OF_MEMORY', 'Judging this image took more memory than one image may take.');
}
