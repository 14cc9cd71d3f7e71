import { type ByteSource, type DeadboxError, survive } from '@deadbox/core';
import type { ParentReference } from '../image-format.js';
import { SALVAGED_HEAD_BYTES } from '../limits.js';
import { salvageQedParent } from '../qemu/salvage-parent.js';
import { isQed } from '../qemu/signature.js';
import type { ChainSession } from './chain.js';
import type { ToldFile } from './told-parents.js';

/** Codes of files that are no images of a format with parents. */
const NO_IMAGE: ReadonlySet<string> = new Set(['IMAGE_UNKNOWN_FORMAT', 'IMAGE_EMPTY']);

/**
 * What a file that was not opened still says.
 * @param name - what to call it
 * @param unread - code of the error that kept it from being asked
 * @throws what is no damage
 */
export function unopened(source: ByteSource, name: string, unread: string, session: ChainSession): Promise<ToldFile> {
  const doubt: ToldFile = NO_IMAGE.has(unread) ? undefined : { name, unread, isLink: false };
  return survive(
    async () => {
      const reference = await salvagedParent(source, session);
      if (reference !== undefined) return { name, reference, self: undefined };
      // What encrypts an image leaves its header readable, and that names no parent.
      return unread === 'IMAGE_ENCRYPTED' ? undefined : doubt;
    },
    () => doubt,
    session.reading,
  );
}

/**
 * A file that this user may not read, or a link that leads out of the folder; a folder, a pipe or a file that is gone
 * says nothing.
 */
export function unreached(name: string, error: DeadboxError): ToldFile {
  const isLink = error.code === 'SIBLING_REFUSED' && error.data.link === true;
  return isLink || error.code === 'SOURCE_DENIED' ? { name, unread: error.code, isLink } : undefined;
}

/** See `ImageFormat.salvageParent`; of a format that deadbox does not open, too. */
async function salvagedParent(
  source: ByteSource,
  { formats, reading }: ChainSession,
): Promise<ParentReference | undefined> {
  const head = await source.read(0, Math.min(SALVAGED_HEAD_BYTES, source.size), reading);
  if (isQed(head)) return salvageQedParent(source, head, reading);
  const nothing = new Uint8Array(0);
  const format = formats.find((one) => Number(one.probe(head, nothing, source)) >= 1);
  return format?.salvageParent?.(source, head, reading);
}
