import type { KnownCauseId } from '@deadbox/triage';
import type { OnDisk, WhyCause, WhyReport } from '@deadbox/triage/why';
import { type Block, type Document, fields, group, heading, paragraph } from '../document/document.js';
import { code, concat, data, type Phrase, type Tone, text } from '../document/phrase.js';
import type { CauseWords } from '../words/cause-words.js';
import type { ExplainedCode, WhyWords } from '../words/why-words.js';
import { type PageOptions, Reader } from './page.js';

/** Words that `why` needs besides those of every page. */
export interface WhyPageOptions extends PageOptions {
  readonly why: WhyWords;
  readonly causes: CauseWords;
}

const TONES: Readonly<Record<OnDisk, Tone>> = {
  proven: 'bad',
  found: 'doubt',
  'not-decided': 'doubt',
  'not-there': 'faint',
};

/** What a code or text means, and its causes; with a disk, which of them it has. */
export function whyPage(report: WhyReport, options: WhyPageOptions): Document {
  const reader = new Reader(options);
  const { why } = options;
  return [
    heading(1, titleOf(report, why)),
    group(...meaning(report, why), ...diskBlocks(report, why), ...causeBlocks(report, options, reader)),
  ];
}

function titleOf({ query, kind, code: shown, name }: WhyReport, why: WhyWords): Phrase {
  if (shown === null) return concat(data(query, 'strong'), text(`  ${why.kinds.text}`));
  return concat(
    code(shown, 'strong'),
    ...(name === null ? [] : [text('  '), code(name)]),
    text(`  ${why.kinds[kind]}`),
  );
}

function meaning({ code: shown, causes }: WhyReport, why: WhyWords): Block[] {
  if (shown !== null && isExplained(shown, why)) return [paragraph([text(why.codes[shown])])];
  if (causes.length > 0) return [];
  return [paragraph(shown === null ? why.noCause : why.unknownCode)];
}

function isExplained(shown: string, why: WhyWords): shown is ExplainedCode {
  return Object.hasOwn(why.codes, shown);
}

function diskBlocks({ image, causes }: WhyReport, why: WhyWords): Block[] {
  if (image === null || causes.length === 0) return [];
  const count = (wanted: OnDisk): number => causes.filter(({ onDisk }) => onDisk === wanted).length;
  return [paragraph(why.answer(data(image, 'strong'), count('proven'), count('found'), count('not-decided')))];
}

function causeBlocks({ causes }: WhyReport, options: WhyPageOptions, reader: Reader): Block[] {
  if (causes.length === 0) return [];
  return [
    paragraph(options.why.causes(causes.length)),
    ...causes.flatMap((cause) => causeBlock(cause, options, reader)),
  ];
}

function causeBlock({ id, codes, onDisk, found }: WhyCause, { why, causes }: WhyPageOptions, reader: Reader): Block[] {
  const state = onDisk === null ? [] : [text('  '), text(why.onDisk[onDisk], TONES[onDisk])];
  const shown = codes.length === 0 ? [] : [text('  '), ...codes.flatMap((one) => [code(one, 'faint'), text(' ')])];
  const title = heading(2, concat(code(id, 'strong'), ...state, ...shown));
  if (!isKnown(id, causes)) return [title, group(paragraph([text(why.ofRule)]))];
  const words = causes[id];
  return [
    title,
    group(
      ...(found === null ? [] : [paragraph(words.title(reader.facts(found.data)))]),
      // What is not on the disk needs no more than its name.
      ...(onDisk === 'not-there'
        ? []
        : [
            fields([
              { label: why.screen, value: [text(words.screen)] },
              { label: why.proof, value: [text(words.proof)] },
              { label: why.remedy, value: [text(words.remedy)] },
            ]),
          ]),
    ),
  ];
}

function isKnown(id: string, causes: CauseWords): id is KnownCauseId {
  return Object.hasOwn(causes, id);
}
