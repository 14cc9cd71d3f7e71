import { type Bytes, Cursor } from '@deadbox/core';

/** The boot loader's note of the last start (`bootstat.dat`). Format: an old Microsoft header; newer versions append to it. */
export interface BootStatus {
  /** Version, which is the size of the structure. */
  readonly version: number;
  /** 1 workstation, 2 domain controller, 3 server. */
  readonly productType: number;
  /** The loader shows its menu by itself after a failed start. */
  readonly autoAdvancedBoot: boolean;
  /** Seconds. */
  readonly menuTimeout: number;
  /** Windows confirmed the start. */
  readonly lastBootSucceeded: boolean;
  /** Windows was shut down in order. */
  readonly lastBootShutdown: boolean;
  /** Reported for current Windows, never seen on a real file by this project. */
  readonly bootCount?: number;
}

/** Parses the first bytes of the file; `undefined` when they cannot be one. */
export function parseBootStatus(bytes: Bytes): BootStatus | undefined {
  if (bytes.length < 12) return undefined;
  const cursor = new Cursor(bytes, 'bootstat.dat');
  const version = cursor.u32(0);
  // The two flags are booleans; anything else is not this structure.
  if (version === 0 || version > 0x10000 || cursor.u8(10) > 1 || cursor.u8(11) > 1) return undefined;
  return {
    version,
    productType: cursor.u32(4),
    autoAdvancedBoot: cursor.u8(8) !== 0,
    menuTimeout: cursor.u8(9),
    lastBootSucceeded: cursor.u8(10) === 1,
    lastBootShutdown: cursor.u8(11) === 1,
    ...(version >= 0x38 && bytes.length >= 0x38 ? { bootCount: cursor.u32(0x34) } : {}),
  };
}
