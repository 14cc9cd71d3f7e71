import type { Json } from '@deadbox/core';
import type { VolumeInfo } from '@deadbox/disk';
import type { CauseReport, ImageReport, InstallationReport, Severity } from '@deadbox/triage';
import { type Block, group, paragraph, paragraphs } from '../document/document.js';
import { code, concat, data, type Phrase, type Tone, text } from '../document/phrase.js';
import { shellWord } from '../document/shell-word.js';
import type { CauseText, StartBadge } from '../words/cause-words.js';
import { plainText } from '../words/facts.js';
import { protectorPhrase } from './encryption-phrases.js';
import { errorPhrase } from './error-phrases.js';
import type { Reader } from './page.js';
import { imageTitle, ruleTitle } from './rule-phrases.js';

export const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = {
  act: 'bad',
  attention: 'doubt',
  review: 'doubt',
  none: 'good',
};
const BADGE_TONES: Readonly<Record<StartBadge, Tone>> = {
  no: 'bad',
  doubtful: 'doubt',
  'nothing-found': 'good',
  'not-checked': 'doubt',
  blocked: 'doubt',
};
/** Codes shown; more would hide the sentence. */
const MAX_CODES = 2;
/** Things that could not be examined that are shown; --json has all. */
const MAX_DOUBTS = 5;
/** Places of evidence shown; --json has all. */
const MAX_EVIDENCE = 2;

/** The first line: which server, whether it starts, and why not, in one sentence. */
export function answerPhrase(image: ImageReport, reader: Reader): Phrase {
  const badge = badgeOf(image);
  return concat(
    ...nameOf(image),
    text('  '),
    badgePhrase(image, badge, reader),
    text('  '),
    sentenceOf(image, badge, reader),
  );
}

function badgePhrase({ severity }: ImageReport, badge: StartBadge | undefined, { language }: Reader): Phrase {
  const { start: words, common } = language;
  const word = badge === undefined ? undefined : text(words.badges[badge], BADGE_TONES[badge]);
  if (badge !== undefined && (badge !== 'not-checked' || severity === 'none')) return concat(word);
  // What the files ask for stands before what was not looked at.
  return common.list(
    [[text(common.severities[severity], SEVERITY_TONES[severity])], word].filter((part) => part !== undefined),
  );
}

/** Whether it starts, in a word. */
export function answerBadge(image: ImageReport, reader: Reader): Phrase {
  return badgePhrase(image, badgeOf(image), reader);
}

/** The server's own name, with the image in parentheses; the image where no name is known. */
function nameOf(image: ImageReport): (Phrase | ReturnType<typeof data>)[] {
  const name = serverName(image);
  if (name === undefined) return [data(image.path, 'strong')];
  return [data(name, 'strong'), [text(' ('), data(image.path), text(')')]];
}

/** What the server calls itself; `undefined` where that could not be read. */
export function serverName({ installations }: Pick<ImageReport, 'installations'>): string | undefined {
  const named = installations.find(({ active, host }) => active && (host.computerName ?? host.hostName) !== undefined);
  return named?.host.computerName ?? named?.host.hostName;
}

/** `undefined` where there is no Windows to speak of: then the severity's word says more. */
export function badgeOf({ starts, verdict, installations }: ImageReport): StartBadge | undefined {
  // What is locked comes before what only speaks against a start.
  if (verdict === 'blocked-encrypted' && starts !== 'no') return 'blocked';
  if (starts !== 'not-checked') return starts;
  return installations.length > 0 ? 'not-checked' : undefined;
}

/** The answer's reason, in one sentence. */
export function sentenceOf(image: ImageReport, badge: StartBadge | undefined, reader: Reader): Phrase {
  const { start: words } = reader.language;
  const [first] = image.causes;
  if (badge === 'blocked') return blockedPhrase(image, reader) ?? verdictPhrase(image, reader);
  if (badge === 'nothing-found') return words.nothingFound;
  if (badge !== 'no' && badge !== 'doubtful') return verdictPhrase(image, reader);
  return first === undefined || first.severity === 'none' ? words.undecided : causeTitle(first, image, reader);
}

/** Whether Windows is there and nobody asked whether it starts. */
export function isUnchecked(image: ImageReport): boolean {
  return badgeOf(image) === 'not-checked';
}

/** What the files, or the lack of Windows, say in one line. */
export function verdictPhrase(image: ImageReport, reader: Reader): Phrase {
  const title = imageTitle(image, reader);
  return title === undefined ? [code(image.verdict)] : reader.language.common.labelled(image.verdict, title);
}

function blockedPhrase(image: ImageReport, reader: Reader): Phrase | undefined {
  const locked = lockedVolumes(image)[0];
  if (locked === undefined) return undefined;
  const { keyProtectors, product } = locked.encryption;
  const key = keyProtectors.find(({ type }) => type in KEY_OPTIONS);
  const words = reader.language.start;
  return words.blocked(
    locked.number,
    product ?? reader.language.encryption.unknownProduct,
    key === undefined ? undefined : protectorPhrase(key, reader),
  );
}

/** Volumes that somebody's key would open. */
function lockedVolumes({ unjudgedVolumes, volumes }: ImageReport): VolumeInfo[] {
  return unjudgedVolumes.flatMap(({ volume, verdict }) =>
    verdict === 'blocked-encrypted' ? volumes.filter(({ number }) => number === volume) : [],
  );
}

/** How each kind of key is given; `-` asks for it, so that it stands in no history of commands. */
const KEY_OPTIONS: Readonly<Record<string, string>> = {
  'recovery-password': '--recovery-key -',
  password: '--password -',
  'startup-key': '--startup-key FILE.BEK',
};

/** For a locked disk the command that opens it. */
export function keyPhrases(image: ImageReport, reader: Reader): Phrase[] {
  const types = lockedVolumes(image).flatMap(({ encryption }) => encryption.keyProtectors.map(({ type }) => type));
  const option = Object.entries(KEY_OPTIONS).find(([type]) => types.some((other) => other === type))?.[1];
  if (option === undefined) return [];
  return [reader.language.start.giveKey(`deadbox scan ${shellWord(image.path)} ${option}`)];
}

/** Why it does not start: the headline's cause in full, the others in a sentence, then what is only worth knowing. */
export function causeBlocks(image: ImageReport, reader: Reader): Block[] {
  const { start: words, common } = reader.language;
  const asking = image.causes.filter(({ severity }) => severity !== 'none');
  const known = image.causes.filter(({ severity }) => severity === 'none');
  const blocks: Block[] = [];
  const [worst] = asking;
  if (worst !== undefined) {
    const items = asking.map((cause) => causePhrase(cause, image, reader));
    blocks.push(
      // The first line has said the sentence of a single cause.
      paragraph(
        concat(
          [text(words.causes, 'strong')],
          ...(asking.length > 1 ? [] : [text(common.wordGap), factsOf(worst, reader)]),
        ),
      ),
      ...(asking.length > 1 ? [group({ kind: 'list', ordered: true, items } as const)] : []),
      ...fullBlocks(worst, reader),
    );
  }
  const { lastFailure } = image.bootLog;
  if (lastFailure !== null)
    blocks.push(paragraph(words.lastFailure(lastFailure.status, lastFailure.path, lastFailure.at)));
  if (known.length > 0) {
    blocks.push(
      paragraph([text(words.worthKnowing, 'strong')]),
      group({ kind: 'list', ordered: false, items: known.map((cause) => wholeTitle(cause, image, reader)) }),
    );
  }
  return [...blocks, ...doubtBlocks(image, reader)];
}

/** What kept causes from being decided; --json names the causes. */
function doubtBlocks({ issues }: ImageReport, reader: Reader): Block[] {
  const { start: words, common } = reader.language;
  const doubts = issues.filter(({ code: id }) => id === 'cause.undecided');
  if (doubts.length === 0) return [];
  const items = doubts.slice(0, MAX_DOUBTS).map(({ data: facts }) => {
    const where = facts.path ?? facts.key ?? facts.volume;
    return words.doubt(where === undefined ? undefined : data(plainText(where)), reasonPhrase(facts, reader));
  });
  const more = doubts.length - items.length;
  return [
    paragraph([text(words.notDecided, 'strong')]),
    group({ kind: 'list', ordered: false, items: more === 0 ? items : [...items, common.more(more)] }),
  ];
}

function reasonPhrase({ reason, code: id }: Readonly<Record<string, Json>>, reader: Reader): Phrase {
  const { doubtReasons } = reader.language.start;
  const word = typeof reason === 'string' ? reason : 'unreadable';
  return typeof id === 'string' ? errorPhrase({ code: id, message: word }, reader) : [reader.word(doubtReasons, word)];
}

/** A cause in one sentence, and how sure it is. */
export function causePhrase(cause: CauseReport, image: ImageReport, reader: Reader): Phrase {
  return concat(wholeTitle(cause, image, reader), text(reader.language.common.sentenceGap), factsOf(cause, reader));
}

/** A cause, and how many more of its kind there are. */
export function wholeTitle(cause: CauseReport, image: ImageReport, reader: Reader): Phrase {
  const title = causeTitle(cause, image, reader);
  if (cause.more === undefined) return title;
  const { common, start: words } = reader.language;
  return concat(title, text(common.wordGap), common.inParentheses(words.moreAlike(cause.more)));
}

/** How sure it is, how far the start comes, and the codes that the screen shows. */
function factsOf(cause: CauseReport, { language: { start: words, common } }: Reader): Phrase {
  const codes = cause.codes.slice(0, MAX_CODES).map((shown) => code(shown));
  return words.facts(
    words.confidences[cause.confidence],
    words.phases[cause.phase],
    codes.length === 0 ? undefined : common.either(codes),
  );
}

/** What is wrong, in one sentence. */
export function causeTitle(cause: CauseReport, image: ImageReport, reader: Reader): Phrase {
  const words = textOf(cause, reader);
  if (words !== undefined) return words.title(reader.facts(cause.data));
  const found = ruleOf(cause, image.installations);
  const title = found === undefined ? undefined : ruleTitle(found, reader);
  return title ?? reader.language.start.unnamed(cause.id);
}

/** What to do about the worst cause; `undefined` without one that asks for something, or without its words. */
export function remedyPhrase({ causes }: ImageReport, reader: Reader): Phrase | undefined {
  const worst = causes.find(({ severity }) => severity !== 'none');
  const words = worst === undefined ? undefined : textOf(worst, reader);
  return words === undefined ? undefined : [text(words.remedy)];
}

/** The words of a cause; `undefined` for a rule's, and where they are not loaded. */
export function textOf({ id }: Pick<CauseReport, 'id'>, { causes }: Reader): CauseText | undefined {
  return causes !== undefined && Object.hasOwn(causes, id) ? causes[id as keyof typeof causes] : undefined;
}

function ruleOf(
  { id, volume, installation }: CauseReport,
  installations: readonly InstallationReport[],
): InstallationReport['rules'][number] | undefined {
  const judged = installations.find((other) => other.volume === volume && other.root === installation);
  return judged?.rules.find(({ rule }) => `rule:${rule}` === id);
}

/** The screen, the proof and the cure, and where the bytes lie. */
function fullBlocks(cause: CauseReport, reader: Reader): Block[] {
  const { start: words, common } = reader.language;
  const found = textOf(cause, reader);
  // Bytes are for who asks how it is known.
  const evidence = (reader.explain ? cause.evidence : [])
    .slice(0, MAX_EVIDENCE)
    .map(({ what, offset, bytes }) => words.evidence(common.structure(what), offset, bytes));
  if (found === undefined) return [group(...paragraphs(evidence))];
  const labelled = (label: keyof typeof words.labels, value: Phrase): { label: string; value: Phrase } => ({
    label: words.labels[label],
    value,
  });
  return [
    group({
      kind: 'fields',
      fields: [
        labelled('screen', [text(found.screen)]),
        labelled('proof', [text(found.proof)]),
        labelled('remedy', [text(found.remedy)]),
        ...evidence.map((value) => labelled('evidence', value)),
      ],
    }),
    group(paragraph(words.more(cause.id).map((span) => ({ ...span, tone: 'faint' as const })))),
  ];
}
