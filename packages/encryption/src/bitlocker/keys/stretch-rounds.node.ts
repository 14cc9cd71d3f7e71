import { hash } from 'node:crypto';
import type { Bytes } from '@deadbox/core';
import type { Stretch } from './stretch-rounds.js';

const DIGEST_BYTES = 32;
/** `last || initial || salt || count`: 32, 32, 16 and 8 bytes. */
const MESSAGE_BYTES = 88;
const COUNT_OFFSET = 80;

/**
 * Key stretching by the system's OpenSSL, which uses the processor's own instructions for SHA-256: less than half of
 * the time of plain JavaScript. The digest comes back as text of one byte a character, since that costs a third of a
 * buffer. Such text cannot be wiped; neither can the password, which came as text as well.
 * @param initial - 32 bytes
 * @param salt - 16 bytes
 */
export function createStretch(initial: Bytes, salt: Bytes): Stretch {
  const message = new Uint8Array(MESSAGE_BYTES);
  message.set(initial, DIGEST_BYTES);
  message.set(salt, 2 * DIGEST_BYTES);
  return {
    run(from: number, to: number): void {
      for (let count = from; count < to; count += 1) {
        message[COUNT_OFFSET] = count;
        message[COUNT_OFFSET + 1] = count >>> 8;
        message[COUNT_OFFSET + 2] = count >>> 16;
        message[COUNT_OFFSET + 3] = count >>> 24;
        const digest = hash('sha256', message, 'binary');
        for (let i = 0; i < DIGEST_BYTES; i += 1) message[i] = digest.charCodeAt(i);
      }
    },
    result: () => message.slice(0, DIGEST_BYTES),
    wipe: () => {
      message.fill(0);
    },
  };
}
