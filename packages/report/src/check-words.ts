import type { ImageInfo, VolumeInfo } from '@deadbox/disk';
import { escapeText } from './escape.js';
import { formatCount, plural } from './units.js';

/** The health of a volume's structures, a line each. */
export function checkLines({ check }: VolumeInfo): string[] {
  if (check === undefined) return [];
  const { boot, mirror, records, indexes } = check;
  const lines = [check.sound ? 'sound: every structure agrees with its copies and its counterparts' : 'NOT sound'];
  lines.push(
    `boot sector ${boot.primary}, backup ${boot.backup}${boot.firstDifference === undefined ? '' : ` from byte ${boot.firstDifference} on`}`,
  );
  if (mirror.unreadable !== undefined) lines.push(`MFT mirror unreadable: ${escapeText(mirror.unreadable)}`);
  else
    lines.push(
      mirror.differing.length === 0
        ? 'MFT mirror equal'
        : `MFT mirror differs in records ${mirror.differing.map(({ record }) => record).join(', ')}`,
    );
  lines.push(
    `${formatCount(records.inUse)} of ${plural(records.records, 'record')} in use, ${formatCount(records.bad)} bad`,
  );
  if (records.usedButFree.count > 0) lines.push(`${plural(records.usedButFree.count, 'used record')} marked free`);
  if (records.freeButUsed.count > 0) lines.push(`${plural(records.freeButUsed.count, 'free record')} marked used`);
  lines.push(
    `${plural(indexes.directories, 'directory index', 'directory indexes')}, ${plural(indexes.entries, 'entry', 'entries')}, ${formatCount(indexes.damaged)} damaged`,
  );
  for (const [what, found] of [
    ['index entry without record', indexes.entriesWithoutRecord],
    ['name without index entry', indexes.recordsWithoutEntry],
    ['entry out of order', indexes.outOfOrder],
  ] as const) {
    if (found.count > 0)
      lines.push(
        `${what}: ${formatCount(found.count)} (${found.first
          .slice(0, 5)
          .map(({ name }) => escapeText(name))
          .join(', ')})`,
      );
  }
  return lines;
}

/** Stored hashes of the image against its content, a line each. */
export function hashLines({ hashCheck }: ImageInfo): string[] {
  if (hashCheck === undefined) return [];
  if (hashCheck.verdict === 'none-stored') return ['none: the image carries no hash to compare with'];
  return hashCheck.hashes.map(({ algorithm, stored, computed, match }) =>
    match
      ? `${algorithm.toUpperCase()} ${stored}: the content matches`
      : `${algorithm.toUpperCase()} ${stored}: the content is DIFFERENT (${computed})`,
  );
}
