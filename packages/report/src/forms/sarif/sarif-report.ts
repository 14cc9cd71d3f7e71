import type { Evidence, Json } from '@deadbox/core';
import { type CauseReport, type FailedImage, type ImageReport, isFailedImage, type Severity } from '@deadbox/triage';
import { jsonText } from '../../document/escape.js';
import type { Phrase } from '../../document/phrase.js';
import { failurePhrase } from '../../pages/error-phrases.js';
import { type PageOptions, Reader } from '../../pages/page.js';
import { serverName, textOf, wholeTitle } from '../../pages/start-blocks.js';
import { reasonOf } from '../disk-state.js';
import type { ReportSink, ReportSource } from '../report-form.js';
import { artifactUri } from './artifact-uri.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** A level of SARIF. */
type Level = 'error' | 'warning' | 'note';

const LEVELS: Readonly<Record<Severity, Level>> = {
  act: 'error',
  attention: 'warning',
  review: 'warning',
  none: 'note',
};

/** An object of the file. */
type SarifObject = Readonly<Record<string, Json>>;

/**
 * Writes the report as SARIF 2.1.0: a result for each cause that asks for something, with the bytes that prove it as
 * its place in the image; for a disk without one whatever it asks for. Images that could not be opened are
 * notifications of the run.
 */
export function writeSarifReport(report: ReportSource, sink: ReportSink, options: PageOptions): void {
  const reader = new Reader(options);
  const rules = new Map<string, SarifObject>();
  const failures: SarifObject[] = [];
  // Results come before what they refer to: they are many, and are written as they come.
  sink(`{"$schema":${jsonText(SCHEMA)},"version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","results":[`);
  let separator = '\n';
  for (const image of report.images) {
    if (isFailedImage(image)) failures.push(notification(image, reader));
    else
      for (const result of resultsOf(image, rules, reader)) {
        sink(separator + jsonText(result));
        separator = ',\n';
      }
  }
  const { tool: name, version, startedAt, finishedAt } = report.provenance;
  const driver = { name, version, semanticVersion: version, rules: [...rules.values()] };
  const invocation = {
    executionSuccessful: true,
    exitCode: report.summary.exitCode,
    startTimeUtc: startedAt,
    endTimeUtc: finishedAt,
    toolExecutionNotifications: failures,
  };
  const { code } = reader.language;
  sink(`\n],"tool":${jsonText({ driver })},"invocations":[${jsonText(invocation)}],"language":"${code}"}]}\n`);
}

function resultsOf(image: ImageReport, rules: Map<string, SarifObject>, reader: Reader): SarifObject[] {
  const asking = image.causes.filter(({ severity }) => severity !== 'none');
  if (asking.length > 0) return asking.map((cause) => causeResult(cause, image, rules, reader));
  if (image.severity === 'none') return [];
  const id = `verdict:${image.verdict}`;
  const message = { text: plain(reasonOf(image, reader)) };
  if (!rules.has(id)) rules.set(id, { id, shortDescription: message });
  const evidence = image.obstacles.flatMap(({ evidence: places }) => places);
  return [
    {
      ruleId: id,
      level: LEVELS[image.severity],
      message,
      locations: [locationOf(image, evidence[0])],
      partialFingerprints: { 'deadbox/v1': fingerprint(image, id) },
      properties: propertiesOf(image),
    },
  ];
}

function causeResult(
  cause: CauseReport,
  image: ImageReport,
  rules: Map<string, SarifObject>,
  reader: Reader,
): SarifObject {
  const { id, severity, confidence, phase, codes, volume, installation, more = 0 } = cause;
  const evidence = evidenceOf(cause, image);
  const message = { text: plain(wholeTitle(cause, image, reader)) };
  if (!rules.has(id)) rules.set(id, ruleOf(cause, message, reader));
  return {
    ruleId: id,
    level: LEVELS[severity],
    message,
    locations: (evidence.length === 0 ? [undefined] : evidence).map((place) => locationOf(image, place)),
    partialFingerprints: { 'deadbox/v1': fingerprint(image, id, volume, installation) },
    properties: { ...propertiesOf(image), severity, confidence, phase, codes: [...codes], volume, installation, more },
  };
}

/** The bytes that prove a cause; for a rule's those of the files that decided. */
function evidenceOf({ id, evidence, volume, installation }: CauseReport, { installations }: ImageReport): Evidence[] {
  if (evidence.length > 0) return [...evidence];
  const judged = installations.find((other) => other.volume === volume && other.root === installation);
  const result = judged?.rules.find(({ rule }) => `rule:${rule}` === id);
  return (result?.decided?.files ?? []).flatMap((index) => result?.files[index]?.evidence ?? []);
}

/** What is the same for every result of a cause. */
function ruleOf({ id, phase }: CauseReport, message: { text: string }, reader: Reader): SarifObject {
  const words = textOf({ id }, reader);
  const properties = { phase };
  if (words === undefined) return { id, shortDescription: message, properties };
  return {
    id,
    shortDescription: { text: words.screen },
    fullDescription: { text: words.proof },
    help: { text: words.remedy },
    properties,
  };
}

function locationOf({ path }: ImageReport, evidence: Evidence | undefined): SarifObject {
  const file = evidence?.file;
  const artifactLocation = { uri: artifactUri(file?.path ?? path) };
  // Where the bytes do not lie in the file as they are, no region is better than a wrong one.
  if (evidence === undefined || file === undefined) return { physicalLocation: { artifactLocation } };
  const region = { byteOffset: file.offset, byteLength: evidence.length };
  return { physicalLocation: { artifactLocation, region }, message: { text: evidence.what } };
}

/** The same finding of the same disk in the next run. */
function fingerprint(image: ImageReport, ...parts: readonly (string | number | null)[]): string {
  return [image.disk.diskId ?? image.path, ...parts].map((part) => String(part ?? '')).join(' ');
}

function propertiesOf(image: ImageReport): SarifObject {
  return {
    server: serverName(image) ?? null,
    verdict: image.verdict,
    starts: image.starts,
    diskId: image.disk.diskId,
  };
}

function notification(image: FailedImage, reader: Reader): SarifObject {
  return {
    level: 'error',
    descriptor: { id: image.error.code },
    message: { text: plain(failurePhrase(image, reader)) },
    locations: [{ physicalLocation: { artifactLocation: { uri: artifactUri(image.path) } } }],
  };
}

function plain(phrase: Phrase): string {
  return phrase.map(({ text }) => text).join('');
}
