import type { Bytes } from '@deadbox/core';

/** One whole sector of a file (or device), before and after. */
export interface StoredWrite {
  /** Path of the file, as its source is named. */
  readonly file: string;
  /** Byte offset in the file. */
  readonly offset: number;
  readonly before: Bytes;
  readonly after: Bytes;
}
