import type { ServerResponse } from 'node:http';
import { RangeServer, type ServedRequest, sendRange } from './range-server.js';

/**
 * Whose answers a server gives: Amazon's S3 with presigned links, or Azure Blob Storage with shared access signatures.
 */
export type StorageKind = 's3' | 'azure';

/**
 * A server that behaves as object storage does behind a signed link, after the providers' REST references: the
 * signature counts for one method and one path and for a time, refusals are XML that repeats what was signed, ranges
 * are `bytes=from-to` with `Content-Range`.
 */
export class ObjectStorage extends RangeServer {
  readonly kind: StorageKind;
  /** Answers after which the link is too old. */
  validFor: number = Number.POSITIVE_INFINITY;
  /** The secret part of a link. */
  readonly signature = 'ZmFrZS1zaWduYXR1cmUtMTIzNDU2Nzg5MA';

  constructor(kind: StorageKind) {
    super();
    this.kind = kind;
    this.intercept = (request, response) => this.answer(request, response);
  }

  /** A signed link to a file. */
  link(path: string): string {
    const query =
      this.kind === 's3'
        ? `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLEKEY%2F20261127%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20261127T200000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=${this.signature}`
        : `sv=2023-11-03&se=2026-11-27T20%3A15%3A00Z&sr=b&sp=r&sig=${this.signature}%3D`;
    return `${this.url(path)}?${query}`;
  }

  /** What must never be shown of a link. */
  get secrets(): string[] {
    return [this.signature, 'AKIAEXAMPLEKEY', 'X-Amz-Signature=', 'sig='];
  }

  /** Answers a request as the service does. */
  answer({ path, query, range, headers }: ServedRequest, response: ServerResponse): boolean {
    const bytes = this.files.get(path);
    const method = (response.req as { method?: string }).method;
    // A link is signed for GET of one key: another method, or another file beside it, is refused.
    if (method !== 'GET' || !query.includes(this.signature) || bytes === undefined)
      return this.#refuse(response, 'other');
    this.validFor -= 1;
    if (this.validFor < 0) return this.#refuse(response, 'expired');
    for (const [name, value] of Object.entries(this.#headers(headers))) response.setHeader(name, value);
    sendRange(bytes, range, response);
    return true;
  }

  #headers(headers: ServedRequest['headers']): Record<string, string> {
    return this.kind === 's3'
      ? { 'x-amz-request-id': 'TX0', 'x-amz-id-2': 'fake', 'accept-ranges': 'bytes', server: 'AmazonS3' }
      : {
          'x-ms-request-id': 'fake',
          'x-ms-version': '2023-11-03',
          'x-ms-blob-type': 'PageBlob',
          'x-ms-lease-status': 'unlocked',
          'x-ms-client-request-id': String(headers['x-ms-client-request-id'] ?? ''),
        };
  }

  /** Both repeat what was signed, Azure the signature itself. */
  #refuse(response: ServerResponse, why: 'other' | 'expired'): true {
    const late = why === 'expired';
    const [status, code, body] =
      this.kind === 's3'
        ? late
          ? ([403, 'AccessDenied', '<Message>Request has expired</Message><X-Amz-Expires>900</X-Amz-Expires>'] as const)
          : ([
              403,
              'SignatureDoesNotMatch',
              `<Message>no match</Message><AWSAccessKeyId>AKIAEXAMPLEKEY</AWSAccessKeyId><SignatureProvided>${this.signature}</SignatureProvided>`,
            ] as const)
        : ([
            403,
            'AuthenticationFailed',
            late
              ? '<AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [] - Expiry [Fri, 27 Nov 2026 20:15:00 GMT]</AuthenticationErrorDetail>'
              : `<AuthenticationErrorDetail>Signature did not match. sig=${this.signature}</AuthenticationErrorDetail>`,
          ] as const);
    if (this.kind === 'azure') response.setHeader('x-ms-error-code', code);
    response
      .writeHead(status, { 'content-type': 'application/xml' })
      .end(`<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code>${body}</Error>`);
    return true;
  }
}
