import type { DiskDetector } from '../detector.js';
import { speaksFor } from '../disk-cause.js';
import { startsWindows } from './start-disk.js';

/**
 * A damaged partition table on a disk that is to start. Most UEFI firmware goes on with the backup of a GPT, some finds
 * no partition.
 */
export const DAMAGED_TABLE: DiskDetector = {
  causes: ['damaged-table-or-boot-sector'],
  async detect(subject, options) {
    const found = subject.obstacles.find(({ id, volume }) => id === 'damaged-table-or-boot-sector' && volume === null);
    if (found === undefined || !(await startsWindows(subject, options))) return [];
    const { data, evidence } = found;
    const { kind, header } = subject.disk.table;
    const requests = kind === 'gpt' ? [{ operation: 'restore-gpt' } as const] : [];
    return [
      speaksFor('damaged-table-or-boot-sector', {
        data: { ...data, table: kind, header: header ?? null },
        evidence,
        requests,
      }),
    ];
  },
};
