import { defined } from '@deadbox/core';
import { type ImageError, imageError } from '../errors.js';
import type { OpenContext, ParentReference } from '../image-format.js';

/** Why an opened file is not the parent that the child was made on. */
export interface ParentDifference {
  /** `other`: another identifier; `changed`: the right identifier, but written after the child was made. */
  readonly kind: 'other' | 'changed';
  readonly expected: string;
  readonly found: string;
}

/** A file that was tried as a parent, and why it is none. */
export interface ParentFailure {
  /** Name of the file. */
  readonly candidate: string;
  /** Whether the child records this name. */
  readonly named: boolean;
  readonly difference?: ParentDifference;
  readonly error?: unknown;
}

/** The error of an image that is its own ancestor. */
export function chainCycle(child: string, parent: string): ImageError {
  const message = `${child} names "${parent}" as its parent, which is itself made on ${child}: the chain has no end`;
  return imageError('IMAGE_CHAIN_CYCLE', message, { layer: child, offset: 0 }, { parent });
}

/**
 * What to say when no file is the parent: that it was changed, why it cannot be opened, or that it is missing, in this
 * order.
 * @param lookedFor - names that were looked for beside the child
 */
export function parentNotFound(
  child: OpenContext,
  reference: ParentReference,
  lookedFor: readonly string[],
  failures: readonly ParentFailure[],
): unknown {
  const wanted = reference.names[0] ?? '';
  const id = reference.id ?? reference.states?.[0];
  const title = `${wanted === '' ? 'without a name' : `"${wanted}"`}${id === undefined ? '' : ` (${id})`}`;
  const at = { layer: child.name, offset: 0 };
  const names = { recordedNames: [...reference.names], lookedFor: [...lookedFor] };
  const data = { parent: wanted, ...names, ...defined({ parentId: id }) };
  for (const { candidate, named, difference } of failures) {
    if (difference === undefined || (!named && difference.kind === 'other')) continue;
    const { kind, expected, found } = difference;
    const message = `${candidate}, the parent of ${child.name}, was changed or replaced after ${child.name} was made: it has the identifier ${found}, expected ${expected}`;
    return imageError('IMAGE_PARENT_CHANGED', message, at, { ...data, candidate, kind, expected, found });
  }
  const failed =
    failures.find(({ named, error }) => named && error !== undefined) ??
    failures.find(({ error }) => error !== undefined);
  if (failed !== undefined && (failed.named || reference.search === undefined)) return failed.error;
  const others = failures.map(({ candidate }) => candidate);
  const tried =
    others.length === 0 ? '' : `; ${others.join(', ')} ${others.length === 1 ? 'is another disk' : 'are other disks'}`;
  const message = `${child.name} is a differencing image, and its parent ${title} was not found: ${whereLooked(child, lookedFor)}${tried}. A parent elsewhere must be given`;
  return imageError('IMAGE_PARENT_MISSING', message, at, { ...data, others });
}

/** The error of an image whose parent can only be guessed. */
export function parentUnproven(child: OpenContext, { names, unproven = '' }: ParentReference): ImageError {
  const message = `${child.name} needs the image that it was made on: ${unproven}. Open it through that, or give the parent`;
  const data = { parent: names[0] ?? '', recordedNames: [], lookedFor: [] };
  return imageError('IMAGE_PARENT_MISSING', message, { layer: child.name, offset: 0 }, data);
}

function whereLooked(child: OpenContext, lookedFor: readonly string[]): string {
  if (child.siblings === undefined) return 'the files beside the image cannot be reached';
  const names = lookedFor.map((name) => `"${name}"`).join(', ');
  return names === '' ? `${child.name} records no file name` : `looked beside ${child.name} for ${names}`;
}
