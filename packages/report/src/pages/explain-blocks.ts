import type { FileReport, InstallationReport, RegistrySource } from '@deadbox/triage';
import { type Block, group, paragraph } from '../document/document.js';
import { concat, data, type Phrase, text } from '../document/phrase.js';
import type { Reader } from './page.js';

/** Registry values shown; --json has all. */
const MAX_SOURCES = 40;
const NOWHERE = '–';

const offset = (value: number | null | undefined): Phrase => [
  text(value === null || value === undefined ? NOWHERE : String(value)),
];

/** How a file was found: every structure on the way, a line each; without them, where its record lies. */
export function evidenceBlocks(file: FileReport, { language: { scan: words, common } }: Reader): Block[] {
  const list = file.steps ?? file.evidence;
  if (list.length === 0) return [];
  // One image is one file, save for images in several parts: those are named in each line.
  const paths = [...new Set(list.flatMap((evidence) => (evidence.file === undefined ? [] : [evidence.file.path])))];
  const { columns } = words;
  return [
    paragraph(words.evidenceIn(paths.length === 1 ? paths[0] : undefined)),
    group({
      kind: 'table',
      head: [columns.onDisk, columns.inFile, columns.bytes, columns.what],
      rows: list.map(({ what, offset: onDisk, length, file: inFile }) => [
        offset(onDisk),
        offset(inFile?.offset),
        offset(length),
        paths.length > 1 && inFile !== undefined
          ? concat(common.structure(what), text(common.wordGap), common.inParentheses(data(inFile.path)))
          : common.structure(what),
      ]),
    }),
  ];
}

/** Where the facts of the host stand in the registry. */
export function registryBlocks(sources: readonly RegistrySource[], { language }: Reader): Block[] {
  const { scan: words, hives, common } = language;
  // Several facts may come from one value.
  const places = new Set<string>();
  const distinct = sources.filter(({ hive, fileOffset }) => {
    const place = `${fileOffset} ${hive}`;
    return !places.has(place) && places.add(place);
  });
  const shown = distinct.slice(0, MAX_SOURCES);
  const blocks = [...new Set(shown.map(({ hive }) => hive))].flatMap((hive): Block[] => [
    paragraph(words.registryIn(hive)),
    group({
      kind: 'table',
      head: [words.columns.onDisk, words.columns.inHive, words.columns.value],
      rows: shown
        .filter((source) => source.hive === hive)
        .map(({ key, value, fileOffset, offset: onDisk }) => [
          offset(onDisk),
          offset(fileOffset),
          concat(data(`${key}\\`), value === '' ? text(hives.defaultValue) : data(value)),
        ]),
    }),
  ]);
  if (distinct.length > shown.length) blocks.push(paragraph(common.more(distinct.length - shown.length)));
  return blocks;
}

/** Where the boot store names its devices. */
export function bootDeviceBlocks({ boot }: InstallationReport, { language }: Reader): Block[] {
  const { scan: words, boot: bootWords } = language;
  const devices = boot.entries.flatMap(({ id, role, devices: named }) =>
    named.map(({ element, status, fileOffset }) =>
      words.bootDevice({
        role: bootWords.roles[role],
        id,
        element,
        status: bootWords.deviceStatus[status],
        fileOffset,
      }),
    ),
  );
  if (boot.store === null || devices.length === 0) return [];
  return [paragraph(words.bootDevicesIn(boot.store.path)), group({ kind: 'list', ordered: false, items: devices })];
}
