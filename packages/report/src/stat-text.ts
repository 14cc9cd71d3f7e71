import type { FourTimes, StatReport } from '@deadbox/disk';
import { escapeText } from './escape.js';
import { noPaint } from './paint.js';
import type { TextOptions } from './scan-text.js';
import { formatBoth } from './times.js';
import { formatCount } from './units.js';

/** File attribute bits by name (MS-FSCC 2.6). */
const ATTRIBUTE_NAMES: readonly (readonly [number, string])[] = [
  [0x1, 'read-only'],
  [0x2, 'hidden'],
  [0x4, 'system'],
  [0x20, 'archive'],
  [0x100, 'temporary'],
  [0x200, 'sparse'],
  [0x400, 'reparse point'],
  [0x800, 'compressed'],
  [0x1000, 'offline'],
  [0x2000, 'not indexed'],
  [0x4000, 'encrypted'],
  [0x40000, 'recall on open'],
  [0x80000, 'pinned'],
  [0x100000, 'unpinned'],
  [0x400000, 'recall on data access'],
];

const MAX_RUN_LINES = 200;

/** The stat report as text. */
export function renderStat(stat: StatReport, options: TextOptions = {}): string {
  const paint = options.paint ?? noPaint;
  const lines: string[] = [paint.bold(escapeText(stat.path))];
  const field = (label: string, value: string, indent = '  '): void => {
    lines.push(`${indent}${paint.dim(label.padEnd(14))} ${value}`);
  };
  const times = (four: FourTimes, indent: string): void => {
    for (const label of ['created', 'modified', 'changed', 'accessed'] as const) {
      const value = four[label];
      field(label, value === null ? 'not set' : formatBoth(value, options.zone), indent);
    }
  };
  field('type', `${stat.type} on volume ${stat.volume}`);
  field('size', `${formatCount(stat.size)} bytes`);
  times(stat, '  ');
  const { ntfs } = stat;
  if (ntfs === undefined) return `${lines.join('\n')}\n`;
  field(
    'record',
    `${ntfs.record}, sequence ${ntfs.sequence}, ${ntfs.inUse ? 'in use' : 'free (deleted)'}, ${ntfs.linkCount} links`,
  );
  const bits = ATTRIBUTE_NAMES.filter(([bit]) => (ntfs.attributes & bit) !== 0).map(([, name]) => name);
  field('attributes', `0x${ntfs.attributes.toString(16)}${bits.length === 0 ? '' : ` (${bits.join(', ')})`}`);
  if (ntfs.securityId !== null) field('security id', String(ntfs.securityId));
  if (ntfs.usn !== null) field('USN', ntfs.usn);
  if (ntfs.reparseTag !== null) field('reparse tag', ntfs.reparseTag);
  const { extras } = ntfs;
  if (extras.reparse !== undefined) field('reparse', escapeText(JSON.stringify(extras.reparse)));
  if (extras.security !== undefined) field('security', escapeText(extras.security));
  if (extras.objectId !== undefined) field('object id', escapeText(JSON.stringify(extras.objectId)));
  for (const { name, value } of extras.extendedAttributes ?? [])
    field('EA', `${escapeText(name)} = ${value.slice(0, 128)}`);
  for (const name of ntfs.names) {
    lines.push(
      `  ${paint.bold('$FILE_NAME')} ${escapeText(name.name)} (${name.nameSpace}, in record ${name.parentRecord}, sequence ${name.parentSequence})`,
    );
    times(name, '    ');
  }
  for (const attribute of ntfs.streams) {
    const flags = [
      attribute.resident ? 'resident' : 'non-resident',
      attribute.compressed ? 'compressed' : '',
      attribute.encrypted ? 'encrypted' : '',
      attribute.sparse ? 'sparse' : '',
    ];
    const shown = attribute.name === '' ? attribute.type : `${attribute.type}:${escapeText(attribute.name)}`;
    lines.push(
      `  ${paint.bold(shown)} id ${attribute.id}, ${flags.filter((flag) => flag !== '').join(', ')}, in record ${attribute.record}, at byte ${attribute.offset} of the disk`,
    );
    if (attribute.resident) field('size', formatCount(attribute.size), '    ');
    else
      field(
        'size',
        `${formatCount(attribute.size)}, allocated ${formatCount(attribute.allocatedSize)}, valid ${formatCount(attribute.initializedSize)}`,
        '    ',
      );
    for (const run of attribute.runs.slice(0, MAX_RUN_LINES)) {
      field(
        'run',
        `${run.clusters} clusters ${run.lcn === null ? 'of a hole' : `at cluster ${run.lcn} (byte ${run.offset} of the disk)`}`,
        '    ',
      );
    }
    if (attribute.runs.length > MAX_RUN_LINES)
      field('run', `and ${attribute.runs.length - MAX_RUN_LINES} more (--json shows all)`, '    ');
  }
  for (const evidence of ntfs.evidence) {
    const inFile =
      evidence.file === undefined ? '' : `; byte ${evidence.file.offset} of ${escapeText(evidence.file.path)}`;
    field('evidence', `${evidence.what} at byte ${evidence.offset} of the disk${inFile}`);
  }
  return `${lines.join('\n')}\n`;
}
