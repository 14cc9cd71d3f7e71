import { isZero, type ReadOptions } from '@deadbox/core';
import { parseBootRecord } from '@deadbox/partitions/internals';
import { diskEvidence } from '../../obstacles/obstacle-evidence.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { hints } from '../disk-cause.js';
import { firstSector, startsWindows } from './start-disk.js';

const PROTECTIVE = 0xee;
const TABLE_AT = 0x1be;
const TABLE_BYTES = 64;

/** What is unusual about a GPT: firmware and Windows are stricter about it than this reader. */
export const GPT_SHAPE: DiskDetector = {
  causes: ['gpt-blank-entry', 'gpt-protective'],
  async detect(subject, options) {
    const { table } = subject.disk;
    if (table.kind !== 'gpt' || table.volumeManager !== undefined || !(await startsWindows(subject, options)))
      return [];
    return [...(await protective(subject, options)), ...(await blankEntry(subject, options))];
  },
};

async function protective({ disk }: DiskSubject, options: ReadOptions): Promise<FoundCause[]> {
  const record = parseBootRecord(await firstSector(disk, options));
  const types = record?.entries.map(({ type }) => type) ?? [];
  const others = types.filter((type) => type !== PROTECTIVE);
  const why = record === undefined ? 'no-signature' : !types.includes(PROTECTIVE) ? 'no-entry' : 'hybrid';
  if (why === 'hybrid' && others.length === 0) return [];
  const data = { why, types: others.map((type) => `0x${type.toString(16).toUpperCase().padStart(2, '0')}`) };
  const evidence = await diskEvidence(disk, 'table of the protective MBR', TABLE_AT, TABLE_BYTES, options);
  return [hints('gpt-protective', { data, evidence })];
}

/** An entry of zeros before the one that Windows starts from: Windows' own tools leave none. */
async function blankEntry({ disk, installations }: DiskSubject, options: ReadOptions): Promise<FoundCause[]> {
  const [first] = installations;
  const boot = first?.volume.partition;
  const used = new Set(disk.table.partitions.map(({ slot }) => slot));
  if (boot === undefined) return [];
  for (let slot = 1; slot < boot.slot; slot += 1) {
    if (used.has(slot)) continue;
    const { offset, length } = boot.entry;
    const at = offset - (boot.slot - slot) * length;
    const bytes = await disk.image.read(at, length, options);
    if (!isZero(bytes)) continue;
    const evidence = await diskEvidence(disk, `blank partition entry ${slot}`, at, length, options);
    return [hints('gpt-blank-entry', { volume: first?.volume.number, data: { slot, windows: boot.slot }, evidence })];
  }
  return [];
}
