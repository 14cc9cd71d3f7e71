import { type FailedImage, type ImageReport, isFailedImage } from '@deadbox/triage';
import { escapeText } from '../../document/escape.js';
import type { Phrase } from '../../document/phrase.js';
import { type PageOptions, Reader } from '../../pages/page.js';
import { serverName } from '../../pages/start-blocks.js';
import { nextStepOf, reasonOf, stateOf } from '../disk-state.js';
import type { ReportSink, ReportSource } from '../report-form.js';

/** Spreadsheets take UTF-8 for what it is only behind a byte order mark. */
const BYTE_ORDER_MARK = '\uFEFF';

/** Names of the columns. They are the same in every language, as the fields of the JSON forms are. */
const COLUMNS = [
  'path',
  'server',
  'domain',
  'product',
  'version',
  'addresses',
  'state',
  'severity',
  'starts',
  'verdict',
  'cause',
  'codes',
  'reason',
  'nextStep',
  'lockedVolumes',
  'keyProtectors',
  'diskId',
  'lastRan',
  'firstFailed',
  'error',
] as const;

type Line = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

/** Writes a line a disk, in the order given: RFC 4180, with names of columns, safe to open in a spreadsheet. */
export function writeCsvReport({ images }: ReportSource, sink: ReportSink, options: PageOptions): void {
  const reader = new Reader(options);
  sink(`${BYTE_ORDER_MARK}${COLUMNS.map((name) => `"${name}"`).join(',')}\r\n`);
  for (const image of images) {
    const line = lineOf(image, reader);
    sink(`${COLUMNS.map((name) => csvCell(line[name] ?? '')).join(',')}\r\n`);
  }
}

/**
 * A cell that no spreadsheet runs: always in quotes, and with an apostrophe before what would begin a formula, at the
 * beginning or where a spreadsheet of another country would begin a new cell.
 */
export function csvCell(text: string): string {
  const safe = escapeText(text)
    .replaceAll('"', '""')
    .replace(/(^|[;,|"]) *(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g, "$&'");
  return `"${safe}"`;
}

function lineOf(image: ImageReport | FailedImage, reader: Reader): Line {
  const words = { reason: plain(reasonOf(image, reader)), nextStep: plain(nextStepOf(image, reader) ?? []) };
  const common = { path: image.path, state: stateOf(image), ...words };
  if (isFailedImage(image)) return { ...common, error: image.error.code };
  const locked = image.volumes.filter(({ number }) =>
    image.unjudgedVolumes.some(({ volume, verdict }) => volume === number && verdict === 'blocked-encrypted'),
  );
  const [windows] = image.installations.filter(({ active }) => active);
  return {
    ...common,
    server: serverName(image) ?? '',
    domain: windows?.host.domain ?? '',
    product: windows?.host.product ?? '',
    version: windows?.host.version ?? '',
    addresses: (windows?.host.addresses ?? []).join(' '),
    severity: image.severity,
    starts: image.starts,
    verdict: image.verdict,
    cause: image.cause ?? '',
    codes: (image.causes[0]?.codes ?? []).join(' '),
    lockedVolumes: locked.map(({ number }) => number).join(' '),
    keyProtectors: locked.flatMap(({ encryption }) => encryption.keyProtectors.map(({ id }) => id)).join(' '),
    diskId: image.disk.diskId ?? '',
    lastRan: windows?.timeline?.lastRan?.at ?? '',
    firstFailed: windows?.timeline?.firstFailed?.at ?? '',
  };
}

function plain(phrase: Phrase): string {
  return phrase.map(({ text }) => text).join('');
}
