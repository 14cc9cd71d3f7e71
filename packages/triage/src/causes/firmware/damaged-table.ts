import type { DiskSubject } from '../../subject/disk-subject.js';
import type { DiskDetector } from '../detector.js';
import { noted, speaksFor } from '../disk-cause.js';
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
    const finding = { data: { ...data, table: kind, header: header ?? null }, evidence, requests };
    const id = 'damaged-table-or-boot-sector';
    return [isOnTheWay(subject) ? speaksFor(id, finding) : noted(id, 'strong', finding)];
  },
};

/**
 * Whether a start reads what is damaged: not the backup of a whole GPT, nor a chain of logical drives without Windows.
 */
function isOnTheWay({ disk: { table }, installations }: DiskSubject): boolean {
  if (table.kind === 'gpt')
    return (
      table.header === 'backup' ||
      table.issues.some(({ severity, data }) => severity === 'error' && data.copy !== 'backup')
    );
  return installations.some(({ volume }) => volume.partition?.logical === true);
}
