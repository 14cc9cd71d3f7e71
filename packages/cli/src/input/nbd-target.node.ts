import type { ByteSource } from '@deadbox/core';
import { openNbd } from '@deadbox/core/node';
import type { ReadCounter } from './read-counter.js';
import type { Session } from './session.node.js';

/** Opens the export at an address of a network block device, its requests counted. */
export function openNbdTarget(
  name: string,
  { signal }: Session,
  { onRequest }: Pick<ReadCounter, 'onRequest'>,
): Promise<ByteSource> {
  return openNbd(name, { signal, onRequest });
}
