import type { DiskInfo, ImageInfo, VolumeInfo } from '@deadbox/disk';
import { checkLines, hashLines } from './check-words.js';
import { bitLockerOrigin, encryptionSentence, stateWords } from './encryption-words.js';
import { escapeText } from './escape.js';
import { noPaint } from './paint.js';
import type { TextOptions } from './scan-text.js';
import { formatCount, formatSize } from './units.js';
import { wrap } from './wrap.js';

/** What `deadbox info` shows. */
export interface InfoReport {
  /** Name and version of this form. */
  readonly schema: 'deadbox.info/1';
  /** The container. */
  readonly image: ImageInfo;
  /** The partition table. */
  readonly disk: DiskInfo;
  /** The volumes, in the order of offsets. */
  readonly volumes: VolumeInfo[];
}

/** The info report as text. */
export function renderInfo(info: InfoReport, options: TextOptions = {}): string {
  const paint = options.paint ?? noPaint;
  const width = Math.max(options.width ?? 100, 40);
  const lines: string[] = [];
  const field = (label: string, value: string, indent = '  '): void => {
    lines.push(`${indent}${paint.dim(label.padEnd(13))} ${value}`);
  };
  lines.push(paint.bold(escapeText(info.image.path)));
  const variant =
    info.image.variant === '' || info.image.variant === info.image.format ? '' : ` (${info.image.variant})`;
  field('format', `${info.image.format}${variant}`);
  field('virtual size', `${formatSize(info.image.virtualSize)} (${formatCount(info.image.virtualSize)} bytes)`);
  for (const line of hashLines(info.image)) field('stored hash', line);
  for (const parent of info.image.parents)
    field('parent', escapeText(typeof parent.name === 'string' ? parent.name : JSON.stringify(parent)));
  const table = info.disk.partitionTable === 'none' ? 'none' : info.disk.partitionTable.toUpperCase();
  field(
    'partitions',
    `${table}, ${info.disk.sectorSize}-byte sectors${info.disk.diskId === null ? '' : `, disk id ${info.disk.diskId}`}`,
  );
  for (const issue of [...info.image.issues, ...info.disk.issues])
    field('issue', `${issue.severity}: ${issue.code} ${escapeText(JSON.stringify(issue.data))}`);
  for (const volume of info.volumes) lines.push('', ...renderVolume(volume, paint, width));
  return `${lines.join('\n')}\n`;
}

function renderVolume(volume: VolumeInfo, paint: NonNullable<TextOptions['paint']>, width: number): string[] {
  const lines = [
    `  ${paint.bold(`Volume ${volume.number}`)}  ${volume.role}  ${volume.fileSystem}${volume.label === null || volume.label === '' ? '' : `  "${escapeText(volume.label)}"`}`,
  ];
  const field = (label: string, value: string): void => {
    lines.push(`    ${paint.dim(label.padEnd(13))} ${value}`);
  };
  field('place', `${formatSize(volume.length)} at byte ${formatCount(volume.offset)}`);
  if (volume.partitionType !== null)
    field(
      'partition',
      `type ${volume.partitionType}${volume.partitionId === null ? '' : `, id ${volume.partitionId}`}${volume.name === '' ? '' : `, "${escapeText(volume.name)}"`}`,
    );
  if (volume.serial !== null) field('serial', volume.serial);
  if (volume.ntfs !== undefined) {
    const { version, clusterSize, recordSize, dirty, log, logVersion, hibernation } = volume.ntfs;
    field(
      'NTFS',
      `${version}, ${formatSize(clusterSize)} clusters, ${formatSize(recordSize)} records${dirty ? ', dirty flag set' : ''}`,
    );
    field('journal', `${log}${logVersion === null ? '' : `, version ${logVersion}`}`);
    if (hibernation !== 'none') field('hibernation', hibernation);
    if (volume.ntfs.bootSector !== 'primary') field('boot sector', 'damaged: the backup was used');
  }
  const { encryption } = volume;
  if (encryption.product !== null || encryption.verdict !== 'none') {
    field(
      'encryption',
      [encryption.product ?? 'unknown', encryption.method, stateWords(encryption) ?? null, encryption.verdict]
        .filter((part) => part !== null)
        .join(', '),
    );
    const origin = bitLockerOrigin(encryption);
    if (origin !== undefined) field('  made', origin);
    for (const protector of encryption.keyProtectors)
      field(
        '  protector',
        `${protector.type} {${paint.bold(escapeText(protector.id.slice(0, 8)))}${escapeText(protector.id.slice(8))}}`,
      );
    if (encryption.verdict !== 'none' && encryption.verdict !== 'unlocked') {
      for (const line of wrap(encryptionSentence(volume), width - 18)) field('', line);
    }
  }
  for (const line of checkLines(volume)) field('check', line);
  if (volume.error !== undefined) field('error', escapeText(volume.error.message));
  for (const issue of volume.issues.slice(0, 20))
    field('issue', `${issue.severity}: ${issue.code} ${escapeText(JSON.stringify(issue.data))}`);
  if (volume.issues.length > 20) field('issue', `and ${volume.issues.length - 20} more`);
  return lines;
}
