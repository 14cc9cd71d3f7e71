import type { HostReport, ImageReport, InstallationReport } from '@deadbox/triage';
import { type Block, BREAK, group, heading, paragraph, paragraphs } from '../document/document.js';
import { code, concat, type Phrase, text } from '../document/phrase.js';
import { isTimeZone, type ShownZone } from '../words/times.js';
import { bootPhrases } from './boot-phrases.js';
import { notBitLockerPhrase } from './encryption-phrases.js';
import { bootDeviceBlocks, registryBlocks } from './explain-blocks.js';
import { fileBlocks } from './file-blocks.js';
import { hivePhrase } from './hive-phrases.js';
import type { Reader } from './page.js';
import { confidencePhrase, historyPhrase, stepPhrase, verdictPhrases } from './rule-phrases.js';
import { timelineBlocks } from './timeline/timeline-blocks.js';

/** Crashes shown; --json has all. */
const MAX_CRASHES = 3;

/** One Windows installation, with times in its own zone unless another was asked for. */
export function installationBlocks(image: ImageReport, installation: InstallationReport, general: Reader): Block[] {
  const reader = general.in(zoneFor(installation.host, general.zone));
  const { scan: words } = reader.language;
  const { shadowCopy } = installation;
  const created = shadowCopy?.created ?? null;
  const where = concat(
    words.installation(installation.root, installation.volume),
    shadowCopy === undefined
      ? undefined
      : words.shadowCopy(shadowCopy.number, created === null ? null : reader.time(created)),
  ).map((span) => ({ ...span, tone: 'strong' as const }));
  return [
    heading(
      2,
      concat(
        where,
        installation.active ? undefined : text(` ${words.notActive}`),
        text('  '),
        code(installation.verdict),
      ),
    ),
    group(
      ...paragraphs(openingPhrases(installation, reader)),
      ...installation.files.flatMap((file) => fileBlocks(file, installation.rules, reader)),
      ...paragraphs(machinePhrases(image, installation, reader)),
      ...timelineBlocks(installation.timeline, reader),
      ...(reader.explain
        ? [...registryBlocks(installation.registrySources ?? [], reader), ...bootDeviceBlocks(installation, reader)]
        : []),
      ...stepBlocks(image, installation, reader),
    ),
    BREAK,
  ];
}

/** The zone of times of a server: its own, unless another was asked for. */
export function zoneFor({ timeZone }: HostReport, asked: ShownZone | undefined): ShownZone | undefined {
  const own = asked?.whose !== 'asked' && timeZone !== undefined && isTimeZone(timeZone);
  return own ? { name: timeZone, whose: 'server' } : asked;
}

/** Which server it is, what its rules say, and what speaks for or against that. */
function openingPhrases(installation: InstallationReport, reader: Reader): Phrase[] {
  const { scan: words } = reader.language;
  const phrases = [hostPhrase(installation.host, reader), ...verdictPhrases(installation, reader)];
  if (installation.notes.includes('crash-after-newest-file')) phrases.push(words.crashAfterNewestFile);
  for (const reason of installation.provisional) phrases.push(words.provisionalBecause(words.provisional[reason]));
  phrases.push(historyPhrase(installation, reader));
  for (const crash of installation.crash.slice(0, MAX_CRASHES)) {
    const facts = { ...crash, time: crash.time === null ? null : reader.time(crash.time) };
    phrases.push(crash.source === 'event' ? words.crashEvent(facts) : words.crash(facts));
  }
  phrases.push(confidencePhrase(installation, reader));
  return phrases.filter((phrase) => phrase !== undefined);
}

function hostPhrase(host: HostReport, { language: { scan: words } }: Reader): Phrase | undefined {
  const name = host.computerName ?? host.hostName;
  if (name === undefined && host.product === undefined) return undefined;
  return words.host({
    name,
    domain: host.domain,
    product: host.product,
    version: host.version,
    domainController: host.productType === 'domain-controller',
    addresses: host.addresses ?? [],
  });
}

/** Whether encryption, registry or boot store are the reason. */
function machinePhrases(image: ImageReport, installation: InstallationReport, reader: Reader): Phrase[] {
  const volume = image.volumes.find(({ number }) => number === installation.volume);
  return [
    volume?.encryption.verdict === 'none' ? notBitLockerPhrase(volume, reader) : undefined,
    ...installation.hives.map((hive) => hivePhrase(hive, reader)),
    ...bootPhrases(installation.boot, reader),
    platformPhrase(installation, reader),
  ].filter((phrase) => phrase !== undefined);
}

/** Where it can start; what it lacks elsewhere is in --json. */
function platformPhrase({ platforms }: InstallationReport, reader: Reader): Phrase | undefined {
  const all = Object.entries(platforms ?? {});
  if (all.length === 0) return undefined;
  const that = (wanted: 'yes' | 'likely'): string[] =>
    all.filter(([, { starts }]) => starts === wanted).map(([name]) => name);
  return reader.language.scan.platforms({ yes: that('yes'), likely: that('likely') });
}

function stepBlocks(image: ImageReport, { nextSteps }: InstallationReport, reader: Reader): Block[] {
  if (nextSteps.length === 0) return [];
  const items = nextSteps.map((step) => stepPhrase(step, image, reader));
  return [paragraph([text(reader.language.scan.next, 'strong')]), group({ kind: 'list', ordered: true, items })];
}
