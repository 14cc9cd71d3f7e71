import type { ImageIssueCode } from '@deadbox/image';
import {
  containerDoubts,
  type FailedImage,
  type ImageReport,
  isFailedImage,
  type LeftOutCode,
  type ScanReport,
} from '@deadbox/triage';
import { type Block, BREAK, type Document, group, heading, paragraph, paragraphs } from '../document/document.js';
import { concat, data, type Phrase, type Span, text } from '../document/phrase.js';
import { lockedPhrase, wholeDiskPhrase } from './encryption-phrases.js';
import { errorPhrase, failurePhrase } from './error-phrases.js';
import { installationBlocks } from './installation-blocks.js';
import { obstaclePhrase } from './obstacle-phrases.js';
import { type PageOptions, Reader } from './page.js';
import { isScanVerdict } from './rule-phrases.js';
import { serversPage } from './servers/servers-page.js';
import { answerPhrase, causeBlocks, isUnchecked, keyPhrases, SEVERITY_TONES, verdictPhrase } from './start-blocks.js';

/** Issues of the container that are shown. */
const MAX_DOUBTS = 5;

/** What bounds the word that all is well. */
const LEFT_OUT: readonly (ImageIssueCode | LeftOutCode)[] = [
  'image.files-not-asked',
  'triage.shadow-copy',
  'triage.shadow-copies-left',
  'triage.placeholders-left',
];

/**
 * The report as an operator reads it: a part for each image, in the order given, and a summary when there are several.
 */
export function scanPage(report: ScanReport, options: PageOptions = {}): Document {
  return [
    ...report.images.flatMap((image) => scanImagePage(image, options)),
    ...(report.images.length > 1 ? scanSummaryPage(report, options) : []),
  ];
}

/** The part of one image. */
export function scanImagePage(image: ImageReport | FailedImage, options: PageOptions = {}): Document {
  const reader = new Reader(options);
  return isFailedImage(image) ? failedBlocks(image, reader) : imageBlocks(image, reader);
}

/** The closing lines of a scan of several images. */
export function scanSummaryPage(
  { summary, images = [] }: Pick<ScanReport, 'summary'> & { readonly images?: Iterable<ImageReport | FailedImage> },
  options: PageOptions = {},
): Document {
  const { language } = new Reader(options);
  const { scan: words, common, start } = language;
  // A scan that did not look at the boot chain never says that all is well.
  const unchecked = hasUnchecked(images);
  const severities = { ...common.severities, ...(unchecked ? { none: start.badges['not-checked'] } : {}) };
  const parts = (['act', 'attention', 'review', 'none'] as const)
    .filter((severity) => summary.severities[severity] > 0)
    .map((severity) => text(words.countOf(summary.severities[severity], severities[severity])));
  if (summary.failed > 0) parts.push(text(words.couldNotBeOpened(summary.failed)));
  return [
    paragraph(words.images(summary.images, common.list(parts))),
    ...paragraphs(startsPhrases(summary, start.badges, words)),
    ...summary.sharedIdentities.flatMap(({ diskId, paths }): Block[] => [
      paragraph(concat(text(common.warning, 'doubt'), words.sharedIdentity(diskId))),
      group(...paragraphs(paths.map((path): Phrase => [data(path)]))),
    ]),
    ...(summary.servers === undefined ? [] : [BREAK, ...serversPage(summary.servers, options)]),
  ];
}

function hasUnchecked(images: Iterable<ImageReport | FailedImage>): boolean {
  for (const image of images) if (!isFailedImage(image) && image.severity === 'none' && isUnchecked(image)) return true;
  return false;
}

/** How many start and how many do not; nothing where nobody asked that of any. What is locked could not be asked. */
function startsPhrases(
  { starts, verdicts }: ScanReport['summary'],
  badges: Reader['language']['start']['badges'],
  { countOf, starts: words }: Reader['language']['scan'],
): Phrase[] {
  const asked = (['no', 'doubtful', 'nothing-found'] as const).filter((verdict) => starts[verdict] > 0);
  if (asked.length === 0) return [];
  const blocked = Math.min(starts['not-checked'], verdicts['blocked-encrypted'] ?? 0);
  const counts = { ...starts, 'not-checked': starts['not-checked'] - blocked, blocked };
  const others = (['blocked', 'not-checked'] as const).filter((verdict) => counts[verdict] > 0);
  return [words([...asked, ...others].map((verdict) => [text(countOf(counts[verdict], badges[verdict]))]))];
}

function failedBlocks(image: FailedImage, reader: Reader): Block[] {
  return [
    heading(1, concat(data(image.path, 'strong'), text('  '), text(reader.language.common.error, 'bad'))),
    group(
      ...paragraphs(machinePhrases(image, reader)),
      group(
        paragraph(failurePhrase(image, reader)),
        ...paragraphs(image.obstacles.map((obstacle) => obstaclePhrase(obstacle, reader))),
      ),
    ),
    BREAK,
  ];
}

function imageBlocks(image: ImageReport, reader: Reader): Block[] {
  const { scan: words, common } = reader.language;
  const { reads, bytes, milliseconds } = image.cost;
  const badge: Span = text(common.severities[image.severity], SEVERITY_TONES[image.severity]);
  const first = image.obstacles.filter(({ id }) => FIRST.has(id));
  const others = image.obstacles.filter(({ id }) => !FIRST.has(id));
  // Where nobody asked whether it starts, the first line is what the files say; that of a locked disk names its lock.
  const said = image.starts === 'not-checked' && image.verdict !== 'blocked-encrypted';
  const verdict = said ? [] : [concat(badge, text('  '), verdictPhrase(image, reader))];
  return [
    heading(1, answerPhrase(image, reader)),
    group(
      ...paragraphs([
        ...first.map((obstacle) =>
          concat(text(common.warning, 'doubt'), text(common.wordGap), obstaclePhrase(obstacle, reader)),
        ),
        ...volumePhrases(image, reader),
        ...machinePhrases(image, reader),
        ...keyPhrases(image, reader),
        ...verdict,
        ...(isUnchecked(image) ? [reader.language.start.notChecked] : []),
        faint(diskPhrase(image, reader)),
      ]),
      ...causeBlocks(image, reader),
    ),
    BREAK,
    group(
      ...image.installations.flatMap((installation) => installationBlocks(image, installation, reader)),
      group(
        ...paragraphs([
          ...(image.installations.length === 0 ? withoutWindows(image, reader) : []),
          ...containerPhrases(image, reader),
          ...image.issues
            .filter(({ code }) => LEFT_OUT.some((one) => one === code))
            .map((issue) => reader.issue(issue)),
          ...others.map((obstacle) => obstaclePhrase(obstacle, reader)),
        ]),
      ),
      paragraph(faint(words.cost(reads, bytes, milliseconds))),
    ),
    BREAK,
  ];
}

/** What must be known before anything else is: the disk may not be what it seems, or must not be written to. */
const FIRST: ReadonlySet<string> = new Set([
  'files-only',
  'in-use',
  'optical-disc',
  'parts-beside',
  'saved-vm-state',
  'snapshot-beside',
  'hibernated',
]);

const faint = (content: Phrase): Phrase => content.map((span) => ({ ...span, tone: 'faint' }));

function diskPhrase({ image, disk, volumes }: ImageReport, { language: { scan: words, common } }: Reader): Phrase {
  if (image.format === 'folder') return [text(words.folderOnly)];
  return words.disk({
    format: image.format,
    variant: image.variant,
    size: common.size(image.virtualSize),
    table: disk.partitionTable,
    volumes: volumes.length,
  });
}

/** Which disk of which machine this is. */
function machinePhrases({ machine }: ImageReport | FailedImage, { language: { scan: words } }: Reader): Phrase[] {
  if (machine === undefined) return [];
  const { path, name, disk, disks, recorded } = machine;
  return [words.machineDisk({ machine: name ?? path, disk, disks, recorded })];
}

/** What is wrong with the container; --json has all. */
function containerPhrases({ image }: ImageReport, reader: Reader): Phrase[] {
  const doubts = containerDoubts(image.issues);
  const shown = doubts.slice(0, MAX_DOUBTS).map((issue) => reader.issue(issue));
  const more = doubts.length - shown.length;
  return more === 0 ? shown : [...shown, reader.language.common.more(more)];
}

function withoutWindows(image: ImageReport, reader: Reader): Phrase[] {
  const { scan: words } = reader.language;
  const { partitionTable, encryption } = image.disk;
  if (image.volumes.length === 0)
    return encryption.length === 0
      ? [words.nothingToJudge(partitionTable)]
      : encryption.map((found) => wholeDiskPhrase(found, reader));
  const { verdict, severity } = image;
  if (verdict === 'no-windows' && severity === 'none') return [words.dataDisk];
  return isScanVerdict(verdict) && verdict !== 'blocked-encrypted' ? [words.sentences[verdict]] : [];
}

/** The volumes that nobody can judge, and why. */
function volumePhrases(image: ImageReport, reader: Reader): Phrase[] {
  const { scan: words, common } = reader.language;
  return image.unjudgedVolumes.flatMap((unjudged) => {
    const volume = image.volumes.find(({ number }) => number === unjudged.volume);
    if (volume === undefined) return [];
    if (unjudged.verdict === 'blocked-encrypted') return [lockedPhrase(volume, reader)];
    const reason = volume.error === undefined ? [data(unjudged.reason)] : errorPhrase(volume.error, reader);
    return [words.cannotBeJudged(volume.number, common.size(volume.length), reason)];
  });
}
