import type { FourTimes, StatAttribute, StatReport } from '@deadbox/disk';
import { type Block, type Document, type Field, fields, group, heading } from '../document/document.js';
import { code, concat, data, type Phrase, phrase, text } from '../document/phrase.js';
import { plainText } from '../words/facts.js';
import type { AttributeBit } from '../words/file-words.js';
import { type PageOptions, Reader } from './page.js';

const ATTRIBUTE_BITS: readonly (readonly [number, AttributeBit])[] = [
  [0x1, 'readOnly'],
  [0x2, 'hidden'],
  [0x4, 'system'],
  [0x20, 'archive'],
  [0x100, 'temporary'],
  [0x200, 'sparse'],
  [0x400, 'reparsePoint'],
  [0x800, 'compressed'],
  [0x1000, 'offline'],
  [0x2000, 'notIndexed'],
  [0x4000, 'encrypted'],
  [0x40000, 'recallOnOpen'],
  [0x80000, 'pinned'],
  [0x100000, 'unpinned'],
  [0x400000, 'recallOnDataAccess'],
];

/** Runs shown of an attribute; --json has all. */
const MAX_RUNS = 200;
/** Hexadecimal digits shown of an extended attribute. */
const MAX_DIGITS = 128;

/** Everything known of one file. */
export function statPage(stat: StatReport, options: PageOptions = {}): Document {
  const reader = new Reader(options);
  const { files: words, common } = reader.language;
  const { labels } = words;
  const list: Field[] = [
    { label: labels.type, value: words.typeOn(reader.word(common.fileTypes, stat.type).text, stat.volume) },
    { label: labels.size, value: [text(common.bytes(stat.size))] },
    ...timeFields(stat, reader),
  ];
  const { ntfs } = stat;
  const blocks: Block[] = [];
  if (ntfs !== undefined) {
    list.push(...recordFields(ntfs, reader));
    for (const name of ntfs.names)
      blocks.push(
        heading(2, words.name(name.name, words.nameSpaces[name.nameSpace], name.parentRecord, name.parentSequence)),
        group(fields(timeFields(name, reader))),
      );
    for (const attribute of ntfs.streams)
      blocks.push(heading(2, words.attribute(attribute)), group(fields(attributeFields(attribute, reader))));
    const evidence = ntfs.evidence.map(({ what, offset, file }) => ({
      label: labels.evidence,
      value: words.evidence(common.structure(what), offset, file),
    }));
    if (evidence.length > 0) blocks.push(fields(evidence));
  }
  return [heading(1, [data(stat.path, 'strong')]), group(fields(list), ...blocks)];
}

function timeFields(four: FourTimes, reader: Reader): Field[] {
  return (['created', 'modified', 'changed', 'accessed'] as const).map((which) => ({
    label: reader.language.files.labels[which],
    value: [reader.timeOrNot(four[which])],
  }));
}

function recordFields(ntfs: NonNullable<StatReport['ntfs']>, reader: Reader): Field[] {
  const { files: words, common } = reader.language;
  const { labels } = words;
  const { record, sequence, inUse, linkCount: links, extras } = ntfs;
  const bits = ATTRIBUTE_BITS.filter(([bit]) => (ntfs.attributes & bit) !== 0).map(([, name]) =>
    text(words.attributes[name]),
  );
  const attributes = concat(
    code(`0x${ntfs.attributes.toString(16)}`),
    bits.length === 0 ? undefined : concat(text(common.wordGap), common.inParentheses(common.list(bits))),
  );
  const optional: [string, Phrase | undefined][] = [
    [labels.securityId, ntfs.securityId === null ? undefined : phrase`${ntfs.securityId}`],
    [labels.usn, ntfs.usn === null ? undefined : phrase`${ntfs.usn}`],
    [labels.reparseTag, ntfs.reparseTag === null ? undefined : phrase`${ntfs.reparseTag}`],
    [labels.reparse, extras.reparse === undefined ? undefined : phrase`${plainText(extras.reparse)}`],
    [labels.security, extras.security === undefined ? undefined : phrase`${extras.security}`],
    [labels.objectId, extras.objectId === undefined ? undefined : phrase`${plainText(extras.objectId)}`],
    ...(extras.extendedAttributes ?? []).map(({ name, value }): [string, Phrase] => [
      labels.extendedAttribute,
      phrase`${name} = ${value.slice(0, MAX_DIGITS)}`,
    ]),
  ];
  return [
    { label: labels.record, value: words.record({ record, sequence, inUse, links }) },
    { label: labels.attributes, value: attributes },
    ...optional.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }])),
  ];
}

function attributeFields(attribute: StatAttribute, { language }: Reader): Field[] {
  const { files: words, scan } = language;
  const { runs } = attribute;
  const list: Field[] = [{ label: words.labels.size, value: words.attributeSizes(attribute) }];
  for (const { clusters, lcn, offset } of runs.slice(0, MAX_RUNS))
    list.push({ label: words.labels.run, value: scan.run(clusters, lcn, offset) });
  if (runs.length > MAX_RUNS) list.push({ label: words.labels.run, value: words.moreRuns(runs.length - MAX_RUNS) });
  return list;
}
