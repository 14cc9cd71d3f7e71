import type { Ranges } from './ranges.js';

/** What was read of one file. */
export interface RecordedFile {
  /** Its path. */
  readonly name: string;
  readonly size: number;
  readonly sectorSize: 512 | 4096 | undefined;
  readonly read: Ranges;
  /** Reads that the medium refused. */
  readonly refused: Ranges;
}
