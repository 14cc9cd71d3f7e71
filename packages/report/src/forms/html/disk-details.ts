import { type FailedImage, type ImageReport, isFailedImage } from '@deadbox/triage';
import { type Document, paragraphs } from '../../document/document.js';
import { escapeHtml } from '../../document/escape.js';
import type { Phrase } from '../../document/phrase.js';
import { bootChain } from '../../figures/boot-chain.js';
import { diskMap } from '../../figures/disk-map.js';
import { evidenceTable } from '../../figures/evidence-table.js';
import { incidentLine } from '../../figures/incident-line.js';
import { obstaclePhrase } from '../../pages/obstacle-phrases.js';
import type { Reader } from '../../pages/page.js';
import { stepPhrase, verdictPhrases } from '../../pages/rule-phrases.js';
import { scanImagePage } from '../../pages/scan-page.js';
import { causeBlocks, causePhrase, keyPhrases } from '../../pages/start-blocks.js';
import { htmlPhrase, htmlWriter } from '../../writers/html-writer.js';
import { type Judged, nameOf, nextStepOf, reasonOf, STATE_TONES, stateOf } from '../disk-state.js';

/** All about one disk, as a part of the page. All that comes from the disk is escaped. */
export function diskDetails(image: Judged, reader: Reader): string {
  return `<article>${header(image, reader)}${isFailedImage(image) ? failed(image, reader) : sections(image, reader)}</article>`;
}

function header(image: Judged, reader: Reader): string {
  const state = stateOf(image);
  const badge = `<span class="state state-${STATE_TONES[state]}">${escapeHtml(reader.language.html.states[state])}</span>`;
  const path = nameOf(image) === image.path ? '' : `<p class="path"><bdi>${escapeHtml(image.path)}</bdi></p>`;
  return `<header><h1 tabindex="-1"><bdi>${escapeHtml(nameOf(image))}</bdi> ${badge}</h1>${path}<p class="lead">${htmlPhrase(reasonOf(image, reader))}</p></header>`;
}

function section(title: string, content: string, kind = ''): string {
  if (content === '') return '';
  return `<section${kind === '' ? '' : ` class="${kind}"`}><h2>${escapeHtml(title)}</h2>${content}</section>`;
}

function failed(image: FailedImage, reader: Reader): string {
  const advice = image.obstacles.map((obstacle) => `<p>${htmlPhrase(obstaclePhrase(obstacle, reader))}</p>`);
  return section(reader.language.html.steps, advice.join(''));
}

function sections(image: ImageReport, reader: Reader): string {
  const { html: words, figures } = reader.language;
  const chained = image.installations.length > 0;
  return [
    section(words.steps, steps(image, reader)),
    section(words.why, why(image, reader), 'why'),
    chained ? section(figures.chain.title, bootChain(image, reader)) : '',
    section(figures.map.title, diskMap(image, reader), 'partitions'),
    section(figures.incident.title, incidentLine(image, reader)),
    section(figures.evidence.title, evidenceTable(image, reader), 'proof'),
    whole(image, reader),
  ].join('');
}

function steps(image: ImageReport, reader: Reader): string {
  const all = [
    ...keyPhrases(image, reader),
    ...image.installations.flatMap(({ active, nextSteps }) =>
      active ? nextSteps.map((step) => stepPhrase(step, image, reader)) : [],
    ),
  ];
  const next = all.length === 0 ? nextStepOf(image, reader) : undefined;
  const items = next === undefined ? all : [next];
  return items.length === 0 ? '' : htmlWriter()([{ kind: 'list', ordered: true, items }]);
}

/** The causes; their first words are the heading's, and a sentence begins what stands below it. */
function why(image: ImageReport, reader: Reader): string {
  const [first, ...rest] = causeBlocks(image, reader);
  if (first === undefined) return '';
  const isTitle = first.kind === 'paragraph' && first.content[0]?.text === reader.language.start.causes;
  const opening = isTitle ? onlyCause(image, reader) : [first];
  return htmlWriter({ level: 3 })([...opening, ...paragraphs(saidByRules(image, reader)), ...rest]);
}

/** The cause where there is one; several are a list, which needs no opening. */
function onlyCause(image: ImageReport, reader: Reader): Document {
  const asking = image.causes.filter(({ severity }) => severity !== 'none');
  return asking.length === 1 ? paragraphs(asking.map((cause) => causePhrase(cause, image, reader))) : [];
}

/** What the rules say of the Windows that start, where one of them is the reason. */
function saidByRules({ installations }: ImageReport, reader: Reader): Phrase[] {
  return installations.flatMap((installation) =>
    installation.active && installation.severity !== 'none' ? verdictPhrases(installation, reader) : [],
  );
}

function whole(image: ImageReport, reader: Reader): string {
  const { language, causes, zone, explain } = reader;
  const page = scanImagePage(image, {
    language,
    explain,
    ...(causes === undefined ? {} : { causes }),
    ...(zone === undefined ? {} : { zone }),
  });
  return `<details><summary>${escapeHtml(language.html.whole)}</summary><div class="whole">${htmlWriter({ level: 3 })(page)}</div></details>`;
}
