import { type ByteSource, httpSiblings, openHttp, type Siblings } from '@deadbox/core';

/** Opens an image by its address, with the files beside it. */
export async function openLink(
  url: string,
  signal: AbortSignal,
): Promise<{ source: ByteSource; name: string; siblings: Siblings }> {
  return { source: await openHttp(url, { signal }), name: url, siblings: httpSiblings(url) };
}
