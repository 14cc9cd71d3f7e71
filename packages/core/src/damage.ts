import { type DeadboxError, isDeadboxError } from './errors.js';

/** Codes that say how the bytes came, not what they are. */
const TRANSPORT_CODES: ReadonlySet<string> = new Set([
  'SOURCE_CLOSED',
  'SOURCE_NOT_FOUND',
  'SOURCE_DENIED',
  'SOURCE_NOT_READABLE',
  'SOURCE_CHANGED',
  'SIBLING_REFUSED',
  'HTTP_RANGES_UNSUPPORTED',
  'HTTP_REDIRECT_REFUSED',
]);

/** Codes that blame the caller or deadbox itself. */
const PROGRAMMING_CODES: ReadonlySet<string> = new Set(['INVALID_ARGUMENT', 'INTERNAL']);

/** An error may be the cause of another; no chain is longer. */
const MAX_CAUSES = 16;

/**
 * Whether `error`, or what caused it, says that the bytes could not be delivered: a server or connection failed, the
 * source is closed or has changed, a read was answered with too few bytes. Such an error is never a fact about the
 * disk: whoever turns it into one gives a wrong answer. A sector that the medium refuses (`READ_FAILED` at its offset,
 * EIO of the system) is none: that is damage at one place.
 */
export function isTransportError(error: unknown): boolean {
  let link = error;
  for (let depth = 0; depth < MAX_CAUSES && isDeadboxError(link); depth += 1) {
    if (TRANSPORT_CODES.has(link.code) || (link.code === 'READ_FAILED' && link.data.transport !== undefined))
      return true;
    link = link.cause;
  }
  return false;
}

/**
 * Whether `error` is a fact about the bytes that were read, so that an answer without them may go on and must name what
 * it lacks. False for everything else: after an abort, for transport errors, for wrong arguments, for any error that is
 * not deadbox's own.
 *
 * ```ts
 * try {
 *   record = await table.read(number, options);
 * } catch (error) {
 *   if (!isDamage(error, options.signal)) throw error;
 *   issues.add({ code: 'ntfs.record', severity: 'error', at: error.at, data: { reason: error.message } });
 * }
 * ```
 *
 * @param signal - the caller's; once it is aborted nothing is damage
 */
export function isDamage(error: unknown, signal?: AbortSignal): error is DeadboxError {
  if (signal?.aborted === true || !isDeadboxError(error)) return false;
  return !PROGRAMMING_CODES.has(error.code) && !isTransportError(error);
}

/** What {@link survive} gives for work that gives `T`. */
export type Survived<T, U> = T extends Promise<infer V> ? Promise<V | U> : T | U;

/**
 * Does `work`; where damage stops it, gives what `onDamage` gives instead. Whatever {@link isDamage} does not take for
 * damage passes. Work may be synchronous, a promise, or either. Hot loops write `try`/`catch` with {@link isDamage} and
 * spare themselves the closures.
 *
 * ```ts
 * const size = await survive(() => sizeOf(file), () => null, options);
 * await survive(() => readLabel(), ({ message }) => issues.add({ code: 'volume.label', data: { message } }), options);
 * ```
 *
 * @param options - with the caller's `signal`
 */
export function survive<T, U>(
  work: () => T,
  onDamage: (error: DeadboxError) => U,
  options?: { readonly signal?: AbortSignal | undefined },
): Survived<T, U> {
  const caught = (error: unknown): U => {
    if (!isDamage(error, options?.signal)) throw error;
    return onDamage(error);
  };
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    result = caught(error);
  }
  return (result instanceof Promise ? result.catch(caught) : result) as Survived<T, U>;
}

/**
 * What `work` gives, or `otherwise` where damage stops it: {@link survive} for an answer that has nothing to do with
 * the error.
 *
 * ```ts
 * const file = await unlessDamaged(() => tree.lookup(path, options), undefined, options);
 * ```
 */
export function unlessDamaged<T, U>(
  work: () => T,
  otherwise: U,
  options?: { readonly signal?: AbortSignal | undefined },
): Survived<T, U> {
  return survive(work, () => otherwise, options);
}
