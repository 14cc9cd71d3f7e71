/** What a storage service says of why it refuses: its code, and whether the link is too old. */
export interface StorageRefusal {
  readonly storageCode?: string;
  readonly expired?: true;
}

/** Bytes of a refusal that are looked at. */
const MAX_REFUSAL = 4096;
/** How S3 and Azure Blob Storage say that a signed link is too old (REST error responses of both). */
const EXPIRED = /Request has expired|ExpiredToken|token has expired|not valid in the specified time frame/i;

/**
 * The code of an S3 or Azure refusal: of its header or its XML. Nothing else is taken from either, for such answers
 * repeat the address with its signature.
 */
export async function refusalOf(response: Response): Promise<StorageRefusal> {
  if (response.status !== 401 && response.status !== 403) return {};
  const body = await startOf(response);
  const code = response.headers.get('x-ms-error-code') ?? /<Code>([^<]*)<\/Code>/.exec(body)?.[1];
  return {
    ...(code !== undefined && /^[A-Za-z]{1,60}$/.test(code) ? { storageCode: code } : {}),
    ...(EXPIRED.test(body) ? { expired: true } : {}),
  };
}

async function startOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  let text = '';
  const decoder = new TextDecoder();
  while (text.length < MAX_REFUSAL) {
    const { value } = await reader.read();
    if (value === undefined) break;
    text += decoder.decode(value.subarray(0, MAX_REFUSAL), { stream: true });
  }
  return text;
}
