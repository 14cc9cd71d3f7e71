import {
  type FailedImage,
  type FileReport,
  type ImageReport,
  type InstallationReport,
  isFailedImage,
  type ScanReport,
  type Severity,
} from '@deadbox/triage';
import { bootSentences } from './boot-words.js';
import { encryptionSentence, notBitLockerSentence } from './encryption-words.js';
import { escapeText } from './escape.js';
import { bootLines, registryLines, wayLines } from './explain-words.js';
import { confidenceSentence, crashLine, historySentence } from './history-words.js';
import { hiveSentence, hostLine } from './machine-words.js';
import { obstacleLines } from './obstacle-words.js';
import { noPaint, type Paint } from './paint.js';
import { stepWords } from './step-words.js';
import { formatBoth, isTimeZone, type ShownZone } from './times.js';
import { formatCount, formatSize, plural } from './units.js';
import {
  contentWords,
  costWords,
  fileNoteWords,
  provisionalWords,
  VERDICT_TITLES,
  verdictSentence,
  WORDED_RULE,
} from './verdict-words.js';
import { wrap } from './wrap.js';

/** How a report is shown. */
export interface TextOptions {
  /** Colours; default none. */
  readonly paint?: Paint;
  /** Zone in which times are shown besides UTC; default none. */
  readonly zone?: ShownZone;
  /** Columns; default 100. */
  readonly width?: number;
  /** Shows how each fact was found. */
  readonly explain?: boolean;
}

const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  act: 'ACT',
  attention: 'ATTENTION',
  review: 'REVIEW',
  none: 'OK',
};

/** The report as an operator reads it: one block an image, worst first, a summary when there are several. */
export function renderScan(report: ScanReport, options: TextOptions = {}): string {
  const page = new Page(options);
  for (const image of report.images) {
    if (isFailedImage(image)) page.failed(image);
    else page.image(image);
  }
  if (report.images.length > 1) page.summary(report);
  return page.text;
}

/** The block of one image, for streaming. */
export function renderScanImage(image: ScanReport['images'][number], options: TextOptions = {}): string {
  const page = new Page(options);
  if (isFailedImage(image)) page.failed(image);
  else page.image(image);
  return page.text;
}

/** The closing lines of a scan of several images. */
export function renderScanSummary(report: ScanReport, options: TextOptions = {}): string {
  const page = new Page(options);
  page.summary(report);
  return page.text;
}

class Page {
  text = '';
  readonly #paint: Paint;
  readonly #asked: ShownZone | undefined;
  #zone: ShownZone | undefined;
  readonly #width: number;
  readonly #explain: boolean;

  constructor(options: TextOptions) {
    this.#paint = options.paint ?? noPaint;
    this.#asked = options.zone;
    this.#zone = options.zone;
    this.#width = Math.max(options.width ?? 100, 40);
    this.#explain = options.explain === true;
  }

  failed(image: FailedImage): void {
    this.#line(`${this.#paint.bold(escapeText(image.path))}  ${this.#paint.red('ERROR')}`);
    this.#paragraph(escapeText(image.error.message));
    for (const line of obstacleLines(image)) this.#paragraph(line);
    this.#line('');
  }

  image(image: ImageReport): void {
    const title = VERDICT_TITLES[image.verdict] ?? image.verdict;
    this.#line(
      `${this.#paint.bold(escapeText(image.path))}  ${this.#badge(image.severity)}  ${image.verdict}: ${title}`,
    );
    this.#line(this.#paint.dim(`  ${describeDisk(image)}`));
    this.#line('');
    for (const installation of image.installations) this.#installation(image, installation);
    if (image.installations.length === 0) this.#withoutWindows(image);
    this.#volumes(image);
    for (const line of obstacleLines(image)) this.#paragraph(line);
    this.#line(
      this.#paint.dim(
        `  Read: ${costWords(image.cost.reads, image.cost.bytes, image.cost.milliseconds)}. The image was not changed.`,
      ),
    );
    this.#line('');
  }

  summary(report: ScanReport): void {
    const { summary } = report;
    const parts = (['act', 'attention', 'review', 'none'] as const)
      .filter((severity) => summary.severities[severity] > 0)
      .map((severity) => `${formatCount(summary.severities[severity])} ${SEVERITY_WORDS[severity]}`);
    if (summary.failed > 0) parts.push(`${formatCount(summary.failed)} could not be opened`);
    this.#line(`${plural(summary.images, 'image')}: ${parts.join(', ')}`);
    for (const { diskId, paths } of summary.sharedIdentities) {
      const warning = this.#paint.yellow('WARNING');
      this.#line(`${warning}: these disks have one identity (${diskId}); do not attach two of them to one Windows:`);
      for (const path of paths) this.#line(`  ${escapeText(path)}`);
    }
  }

  #installation(image: ImageReport, installation: InstallationReport): void {
    // Times are shown in the server's own zone unless another was asked for.
    const own = installation.host.timeZone;
    const asked = this.#asked;
    this.#zone =
      asked?.whose !== 'asked' && typeof own === 'string' && isTimeZone(own) ? { name: own, whose: 'server' } : asked;
    const copy = installation.shadowCopy;
    const taken =
      copy === undefined
        ? ''
        : `, shadow copy ${copy.number}${copy.created === null ? '' : ` of ${this.#time(copy.created)}`}`;
    const where = `${escapeText(installation.root)} on volume ${installation.volume}${taken}`;
    this.#line(
      `  ${this.#paint.bold(where)}${installation.active ? '' : ' (not active: shown, not counted)'}  ${installation.verdict}`,
    );
    const host = hostLine(installation);
    if (host !== '') this.#paragraph(host);
    this.#verdict(installation);
    for (const file of installation.files) this.#file(file);
    const volume = image.volumes.find((candidate) => candidate.number === installation.volume);
    if (volume !== undefined && volume.encryption.verdict === 'none') this.#paragraph(notBitLockerSentence(volume));
    for (const hive of installation.hives) this.#optional(hiveSentence(hive));
    for (const sentence of bootSentences(installation.boot)) this.#paragraph(sentence);
    if (this.#explain) {
      for (const line of registryLines(installation)) this.#field('registry', line);
      for (const line of bootLines(installation)) this.#field('boot store', line);
    }
    this.#steps(installation);
    this.#line('');
  }

  #steps(installation: InstallationReport): void {
    if (installation.nextSteps.length === 0) return;
    this.#line(`    ${this.#paint.bold('Next')}`);
    for (const [index, step] of installation.nextSteps.entries()) {
      const [first = '', ...rest] = wrap(stepWords(step), this.#width - 9);
      this.#line(`      ${index + 1}. ${first}`);
      for (const line of rest) this.#line(`         ${line}`);
    }
  }

  #verdict(installation: InstallationReport): void {
    const deciding = decidingFile(installation);
    if (installation.rule === WORDED_RULE) {
      this.#optional(
        verdictSentence(installation.verdict, {
          ...(deciding === undefined ? {} : { file: escapeText(baseName(deciding.path)), content: deciding.content }),
          ...(deciding?.modified == null ? {} : { modified: this.#time(deciding.modified) }),
        }),
      );
    }
    for (const rule of installation.rules) {
      if (rule.rule === WORDED_RULE || rule.severity === 'none') continue;
      this.#paragraph(rule.text === null ? `Rule ${rule.rule}: ${rule.verdict}.` : escapeText(rule.text));
    }
    if (installation.notes.includes('crash-after-newest-file'))
      this.#paragraph(
        'A crash that names the sensor is later than the newest file: somebody must look, whatever the file says.',
      );
    for (const reason of installation.provisional) this.#paragraph(`Provisional: ${provisionalWords(reason)}.`);
    this.#optional(historySentence(installation, this.#zone));
    for (const crash of installation.crash.slice(0, 3)) this.#paragraph(crashLine(crash, this.#zone));
    this.#optional(confidenceSentence(installation));
  }

  #optional(text: string | undefined): void {
    if (text !== undefined) this.#paragraph(text);
  }

  #file(file: FileReport): void {
    const state = file.deleted ? 'deleted' : file.class;
    this.#line(`    ${this.#paint.bold(escapeText(file.path))}`);
    this.#field('class', `${state}; content ${contentWords(file.content)}`);
    this.#field('modified', file.modified === null ? 'not set' : this.#time(file.modified));
    this.#field('created', file.created === null ? 'not set' : this.#time(file.created));
    const written =
      file.initializedSize < file.size ? `, of which ${formatCount(file.initializedSize)} were written` : '';
    this.#field('size', `${formatCount(file.size)} bytes${written}`);
    if (file.sha256 !== null) this.#field('SHA-256', file.sha256);
    this.#field('record', `${file.record}, sequence ${file.sequence}, found by ${file.foundBy}`);
    for (const note of file.notes) this.#field('note', fileNoteWords(note));
    if (this.#explain) this.#fileEvidence(file);
  }

  #fileEvidence(file: FileReport): void {
    for (const [label, value] of [
      ['$SI changed', file.changed],
      ['$SI accessed', file.accessed],
      ['$FN created', file.nameCreated],
      ['$FN modified', file.nameModified],
      ['$FN changed', file.nameChanged],
      ['$FN accessed', file.nameAccessed],
    ] as const) {
      this.#field(label, value === null ? 'not set' : this.#time(value));
    }
    for (const run of file.runs.slice(0, 16)) {
      const place = run.lcn === null ? 'hole' : `cluster ${run.lcn} (byte ${run.offset} of the disk)`;
      this.#field('run', `${run.clusters} clusters at ${place}`);
    }
    for (const line of wayLines(file)) this.#field('evidence', line);
  }

  #withoutWindows(image: ImageReport): void {
    if (image.volumes.length === 0 && image.disk.encryption.length === 0) {
      this.#paragraph(
        `The disk has ${image.disk.partitionTable === 'none' ? 'no partition table' : `an ${image.disk.partitionTable.toUpperCase()} without a partition`}: nothing on it can be judged.`,
      );
      return;
    }
    const sentence = verdictSentence(image.verdict, {});
    if (sentence !== undefined) this.#paragraph(sentence);
  }

  #volumes(image: ImageReport): void {
    for (const unjudged of image.unjudgedVolumes) {
      const volume = image.volumes.find((candidate) => candidate.number === unjudged.volume);
      if (volume === undefined) continue;
      if (unjudged.verdict === 'blocked-encrypted') this.#paragraph(encryptionSentence(volume));
      else {
        const reason = volume.error?.message ?? unjudged.reason;
        this.#paragraph(
          `Volume ${unjudged.volume} (${formatSize(volume.length)}) cannot be judged: ${escapeText(reason)}`,
        );
      }
    }
  }

  #time(iso: string): string {
    return formatBoth(iso, this.#zone);
  }

  #badge(severity: Severity): string {
    const word = SEVERITY_WORDS[severity];
    if (severity === 'act') return this.#paint.red(this.#paint.bold(word));
    if (severity === 'none') return this.#paint.green(word);
    return this.#paint.yellow(word);
  }

  #field(label: string, value: string): void {
    this.#line(`      ${this.#paint.dim(label.padEnd(12))} ${value}`);
  }

  #paragraph(text: string): void {
    for (const line of wrap(text, this.#width - 4)) this.#line(`    ${line}`);
  }

  #line(text: string): void {
    this.text += `${text}\n`;
  }
}

/** The file whose class decided: the worst one judged. */
function decidingFile(installation: InstallationReport): FileReport | undefined {
  const judged = installation.files.filter(
    (file) => !file.deleted && file.class !== 'quarantined' && file.class !== 'look-alike',
  );
  const rank = (file: FileReport): number => {
    if (installation.verdict === 'reverted') return file.class === 'reverted-or-newer' && file.content === 'ok' ? 0 : 1;
    if (installation.verdict === 'review') return file.class === 'timestamp-conflict' ? 0 : 1;
    return file.class === 'faulty-window' ? 0 : 1;
  };
  return [...judged].sort((a, b) => rank(a) - rank(b))[0];
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function describeDisk(image: ImageReport): string {
  const { format, variant, virtualSize } = image.image;
  const table = image.disk.partitionTable === 'none' ? 'no partition table' : image.disk.partitionTable.toUpperCase();
  const volumes = plural(image.volumes.length, 'volume');
  return `${format}${variant === '' || variant === format ? '' : ` (${variant})`}, ${formatSize(virtualSize)}, ${table}, ${volumes}`;
}
