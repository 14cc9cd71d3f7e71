import type { VolumeInfo } from '@deadbox/disk';
import type { ImageReport } from '@deadbox/triage';
import { escapeHtml } from '../document/escape.js';
import { code, concat, data, type Phrase, text } from '../document/phrase.js';
import type { Reader } from '../pages/page.js';
import { htmlTable } from '../writers/html-writer.js';

/** What a map is drawn from: a scan's report of a disk, or as much of it as is known. */
export type MappedDisk = Pick<ImageReport, 'image' | 'volumes'> & Partial<Pick<ImageReport, 'causes' | 'obstacles'>>;

/** A stretch of the disk: a volume, or what no volume takes. */
interface Stretch {
  readonly length: number;
  readonly volume: VolumeInfo | undefined;
}

/** A stretch gets at least this share of the map, so that it can be seen. */
const LEAST_SHARE = 0.02;
/** A gap below this share of the disk is alignment, and not drawn. */
const LEAST_GAP = 0.002;
/** Volumes drawn; a disk can have 128 partitions, and the table has all. */
const MAX_DRAWN = 40;
/** Share of the map from which on a stretch has room for words. */
const WORDS_SHARE = 0.1;

/**
 * The disk drawn to scale, as inline SVG: every volume with its role, its lock and what was found on it, the
 * unallocated space between them, and the same as a table. All that comes from the disk is escaped.
 */
export function diskMap(disk: MappedDisk, reader: Reader): string {
  const { map: words } = reader.language.figures;
  if (disk.volumes.length === 0) return `<p>${escapeHtml(words.noVolumes)}</p>`;
  const { stretches, scaled } = layOut(disk);
  const size = reader.language.common.size(disk.image.virtualSize);
  let at = 0;
  const drawn = stretches.map(({ volume, share }) => {
    const piece = draw(volume, at, share, disk, reader);
    at += share;
    return piece;
  });
  const label = escapeHtml(words.description(disk.volumes.length, size));
  return [
    `<svg class="map" role="img" aria-label="${label}" width="100%" height="74">${drawn.join('')}</svg>`,
    `<p class="scale"><span>0</span><span>${escapeHtml(size)}</span></p>`,
    scaled ? '' : `<p class="hint">${escapeHtml(words.notToScale)}</p>`,
    volumeTable(disk, reader),
  ].join('');
}

/** Each stretch with its share of the width; `scaled`: none had to be widened. */
function layOut({ image, volumes }: MappedDisk): {
  stretches: { volume: VolumeInfo | undefined; share: number }[];
  scaled: boolean;
} {
  const all: Stretch[] = [];
  const end = Math.max(image.virtualSize, ...volumes.map(({ offset, length }) => offset + length), 1);
  let at = 0;
  const gapTo = (offset: number): void => {
    if ((offset - at) / end >= LEAST_GAP) all.push({ length: offset - at, volume: undefined });
  };
  for (const volume of [...volumes].sort((a, b) => a.offset - b.offset).slice(0, MAX_DRAWN)) {
    gapTo(volume.offset);
    all.push({ length: volume.length, volume });
    at = Math.max(at, volume.offset + volume.length);
  }
  gapTo(end);
  const total = all.reduce((sum, { length }) => sum + length, 0) || 1;
  const wide = all.map(({ length }) => Math.max(length / total, LEAST_SHARE));
  const sum = wide.reduce((a, b) => a + b, 0);
  return {
    stretches: all.map(({ volume }, index) => ({ volume, share: (wide[index] ?? 0) / sum })),
    scaled: all.every(({ length }) => length / total >= LEAST_SHARE),
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

function draw(
  volume: VolumeInfo | undefined,
  at: number,
  share: number,
  disk: MappedDisk,
  { language }: Reader,
): string {
  const { map: words } = language.figures;
  const box = `<svg x="${percent(at)}" width="${percent(share)}" height="74">`;
  if (volume === undefined)
    return `${box}<rect class="map-free" x="1" y="1" width="100%" height="72" rx="4"></rect></svg>`;
  const found = findingsOf(volume.number, disk);
  const tone = found === 0 ? '' : ' map-found';
  const title = `${volume.number} ${words.roles[volume.role]}`;
  const body = `<rect class="map-volume map-${volume.role}${tone}" x="1" y="1" width="100%" height="72" rx="4"></rect>`;
  const narrow = share < WORDS_SHARE;
  const words2 = narrow
    ? ''
    : `<text class="map-name" x="12" y="25">${escapeHtml(title)}</text><text class="map-more" x="12" y="44">${escapeHtml(shortContent(volume, language.common.size(volume.length)))}</text>`;
  const number = narrow
    ? `<text class="map-number" x="50%" y="43" text-anchor="middle">${volume.number}</text>${found === 0 ? '' : dot()}`
    : `${lockGlyph(volume)}${found === 0 ? '' : badge(found)}`;
  return `${box}<title>${escapeHtml(`${title}, ${language.common.size(volume.length)}`)}</title>${body}${words2}${number}</svg>`;
}

function shortContent({ fileSystem, label, encryption }: VolumeInfo, size: string): string {
  const what = fileSystem === 'unknown' ? (encryption.product ?? '') : fileSystem.toUpperCase();
  return [label ?? '', what, size].filter((part) => part !== '').join(' · ');
}

/** A lock, closed or open. */
function lockGlyph({ encryption }: VolumeInfo): string {
  if (encryption.product === null || encryption.verdict === 'none') return '';
  const open = encryption.verdict === 'unlocked';
  const bow = open ? 'M3 7V5a3 3 0 0 1 5.6-1.5' : 'M3 7V5a3 3 0 0 1 6 0v2';
  return `<svg class="map-lock" x="12" y="51" width="12" height="15" viewBox="0 0 12 15"><path d="${bow}"></path><rect x="1" y="7" width="10" height="7" rx="1.5"></rect></svg>`;
}

/** How many findings there are, in the corner. */
function badge(count: number): string {
  return `<svg x="100%" overflow="visible"><circle class="map-badge" cx="-17" cy="17" r="9"></circle><text class="map-count" x="-17" y="21" text-anchor="middle">${count}</text></svg>`;
}

/** That there are findings, where there is no room for their number. */
function dot(): string {
  return '<circle class="map-badge" cx="50%" cy="17" r="4"></circle>';
}

function findingsOf(number: number, { causes = [], obstacles = [] }: MappedDisk): number {
  return (
    causes.filter(({ volume, severity }) => volume === number && severity !== 'none').length +
    obstacles.filter(({ volume }) => volume === number).length
  );
}

function volumeTable(disk: MappedDisk, reader: Reader): string {
  const { common, figures } = reader.language;
  const { columns, roles } = figures.map;
  const rows = disk.volumes.map((volume): Phrase[] => [
    [text(String(volume.number))],
    [text(roles[volume.role])],
    contentPhrase(volume, reader),
    [text(common.size(volume.length))],
    [code(String(volume.offset))],
    statePhrase(volume, disk, reader),
  ]);
  return htmlTable([columns.number, columns.role, columns.content, columns.size, columns.offset, columns.state], rows);
}

function contentPhrase({ fileSystem, label, encryption }: VolumeInfo, { language }: Reader): Phrase {
  const what =
    fileSystem === 'unknown'
      ? encryption.product === null
        ? text(language.disk.noFileSystem, 'faint')
        : data(encryption.product)
      : text(fileSystem.toUpperCase());
  return label === null || label === '' ? [what] : concat(what, text(' '), data(label, 'faint'));
}

function statePhrase(volume: VolumeInfo, disk: MappedDisk, { language }: Reader): Phrase {
  const { map: words } = language.figures;
  const { verdict } = volume.encryption;
  const parts: Phrase[] = [];
  if (verdict === 'unlocked') parts.push([text(words.unlocked)]);
  else if (verdict === 'encrypted-locked' || verdict === 'encrypted-unknown-product')
    parts.push([text(words.locked, 'doubt')]);
  if (volume.error !== undefined) parts.push([text(words.unreadable, 'bad')]);
  const found = findingsOf(volume.number, disk);
  if (found > 0) parts.push([text(words.findings(found), 'bad')]);
  return parts.length === 0 ? [text(words.healthy, 'faint')] : language.common.list(parts);
}
