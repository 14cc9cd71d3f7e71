import { appendAttribute, emptyRecord, seal, unseal, viewOf } from '../file-record-writer.js';
import { checkpoint, LogBuilder, update } from '../ntfs/log-builder.js';
import { named } from '../ntfs/usn-builder.js';
import { resident, TYPE } from '../ntfs-writer/attribute.js';
import { type Attack, imageVerbs, MIB, VOLUME } from './attack.js';
import {
  attackVolume,
  dataOf,
  mapEverything,
  nestInItself,
  recordAt,
  repeatData,
  stretchData,
} from './attack-volume.js';
import { recordNamed } from './share-content.js';

const CHANNEL = 'C-00000291-00000000-00000032.sys';
const FOLDER = 'Windows/System32/drivers/CrowdStrike';

/** A log of four mebibytes, full of records that a replay would write. */
function fullLog(): Uint8Array {
  const log = new LogBuilder(1, 1024);
  const first = log.add({ data: update({ redo: 0x08, undo: 0x08, lcns: [100], redoData: new Uint8Array(16) }) });
  const start = log.add({ data: checkpoint({ start: first }), type: 2 });
  let last = start;
  for (let i = 0; i < 12_000; i += 1)
    last = log.add({
      data: update({ redo: 0x07, undo: 0x07, lcns: [100 + (i % 50)], vcn: i, redoData: new Uint8Array(200) }),
      transaction: 0x18 + (i % 100) * 0x28,
    });
  return log.finish({ current: last, oldest: first, checkpoint: start });
}

const dirtyVolume = (): Uint8Array<ArrayBuffer> => attackVolume(VOLUME, {}, undefined, { log: fullLog(), flags: 1 });

/** A change journal of nothing but arrivals of the file that the scan looks for. */
function longJournal(): Uint8Array<ArrayBuffer> {
  const one = named(2, 0, CHANNEL);
  const perPage = Math.floor(4096 / one.length);
  const pages = Math.floor((24 * MIB) / 4096);
  const journal = new Uint8Array(pages * 4096);
  const volume = attackVolume(
    36 * MIB,
    { [`/${FOLDER}/${CHANNEL}`]: new Uint8Array(900).fill(0xaa), '/$Extend/$UsnJrnl': journal },
    (tree) => {
      const folder = tree.folder(FOLDER);
      const view = viewOf(one);
      view.setBigUint64(16, (BigInt(folder.sequence) << 48n) | BigInt(folder.record), true);
      for (let page = 0; page < pages; page += 1)
        for (let i = 0; i < perPage; i += 1) {
          const at = page * 4096 + i * one.length;
          view.setBigUint64(24, BigInt(at), true);
          journal.set(one, at);
        }
    },
  );
  renameStream(volume, '$UsnJrnl');
  return volume;
}

/** Gives the unnamed stream of a file the name `$J`: four bytes more, which the run list has room to move by. */
function renameStream(volume: Uint8Array<ArrayBuffer>, name: string): void {
  const record = recordNamed(volume, name);
  unseal(record);
  const { at, length } = dataOf(record);
  const view = viewOf(record);
  const runs = view.getUint16(at + 32, true);
  const used = view.getUint32(24, true);
  record.copyWithin(at + length + 8, at + length, used);
  record.copyWithin(at + runs + 8, at + runs, at + length);
  record.set([0x24, 0, 0x4a, 0, 0, 0, 0, 0], at + runs);
  record[at + 9] = 2;
  view.setUint16(at + 10, runs, true);
  view.setUint16(at + 32, runs + 8, true);
  view.setUint32(at + 4, length + 8, true);
  view.setUint32(24, used + 8, true);
  seal(record);
}

/** Attributes of a file that has very many of them: those of one record, and the places in the list. */
const NAMES = 3000;
const STREAMS = 4000;

/** Files with thousands of names and thousands of streams each: a line for every pair of them. */
function namesAndStreams(): Uint8Array<ArrayBuffer> {
  const list = new Uint8Array(0x4_0000);
  const parts = 560;
  const files = Object.fromEntries(
    Array.from({ length: parts }, (_, i) => [`/parts/p${i}`, new Uint8Array(0)] as const),
  );
  const volume = attackVolume(VOLUME, { '/parts/list': list, '/parts/many': new Uint8Array(0), ...files });
  const base = recordNamed(volume, 'many');
  const number = viewOf(base).getUint32(0x2c, true);
  const ownName = unseal(base).slice();
  const nameAt = attributeAt(ownName, TYPE.fileName);
  const parent = ownName.slice(nameAt + 0x18, nameAt + 0x18 + 8);
  seal(base);
  let used = 0;
  let part = 0;
  let record: Uint8Array = emptyRecord(1024, 0, { record: 0, sequence: 0 });
  let holder = 0;
  const turn = (): void => {
    if (holder !== 0) recordAt(volume, holder).set(seal(record));
    const next = recordNamed(volume, `p${part}`);
    part += 1;
    holder = viewOf(next).getUint32(0x2c, true);
    record = emptyRecord(1024, holder, { record: number, sequence: viewOf(base).getUint16(0x10, true) });
  };
  turn();
  const add = (type: number, bytes: Uint8Array, name: string): void => {
    if (viewOf(record).getUint32(0x18, true) + bytes.length + 8 > 1000) turn();
    const id = used & 0x7fff;
    viewOf(bytes).setUint16(14, id, true);
    appendAttribute(record, bytes);
    const entry = new Uint8Array(0x20 + (name.length > 3 ? 8 : 0));
    const view = viewOf(entry);
    view.setUint32(0, type, true);
    view.setUint16(4, entry.length, true);
    entry[6] = name.length;
    entry[7] = 0x1a;
    view.setUint32(16, holder, true);
    view.setUint16(22, 1, true);
    view.setUint16(24, id, true);
    entry.set(Buffer.from(name, 'utf16le'), 0x1a);
    if (used + entry.length <= list.length) list.set(entry, used);
    used += entry.length;
  };
  for (let i = 0; i < NAMES; i += 1) {
    const name = i.toString(36).padStart(3, '0');
    const value = new Uint8Array(0x42 + name.length * 2);
    value.set(parent);
    value[0x40] = name.length;
    value.set(Buffer.from(name, 'utf16le'), 0x42);
    add(TYPE.fileName, resident(TYPE.fileName, value, { indexed: true }).bytes, '');
  }
  for (let i = 0; i < STREAMS; i += 1) {
    const name = i.toString(36).padStart(3, '0');
    add(TYPE.data, resident(TYPE.data, new Uint8Array(0), { name }).bytes, name);
  }
  turn();
  const listRecord = recordNamed(volume, 'list');
  unseal(listRecord);
  const { at, length } = dataOf(listRecord);
  const attribute = listRecord.slice(at, at + length);
  seal(listRecord);
  const lcn = runStart(attribute);
  volume.set(list, lcn * 4096);
  const view = viewOf(attribute);
  view.setUint32(0, TYPE.attributeList, true);
  for (const field of [48, 56]) view.setBigUint64(field, BigInt(Math.min(used, list.length)), true);
  unseal(base);
  const dataAt = dataOf(base).at;
  const rest = base.slice(dataAt, viewOf(base).getUint32(24, true));
  const before = attributeAt(base, TYPE.fileName);
  const names = base.slice(before, dataAt);
  base.set(attribute, before);
  base.set(names, before + attribute.length);
  base.set(rest, before + attribute.length + names.length);
  viewOf(base).setUint32(24, viewOf(base).getUint32(24, true) + attribute.length, true);
  viewOf(base).setUint16(0x12, NAMES + 1, true);
  seal(base);
  return volume;
}

function attributeAt(record: Uint8Array, type: number): number {
  const view = viewOf(record);
  let at = view.getUint16(20, true);
  while (view.getUint32(at, true) !== type) at += view.getUint32(at + 4, true);
  return at;
}

/** First cluster of a non-resident attribute. */
function runStart(attribute: Uint8Array): number {
  const at = viewOf(attribute).getUint16(32, true);
  const lengthBytes = attribute[at] & 15;
  let value = 0;
  for (let i = (attribute[at] >> 4) - 1; i >= 0; i -= 1) value = value * 256 + attribute[at + 1 + lengthBytes + i];
  return value;
}

/** Two hundred folders with names of 120 characters, and thousands of files in the last one. */
function longPaths(): Uint8Array<ArrayBuffer> {
  const folder = Array.from({ length: 200 }, (_, i) => `${i}`.padEnd(120, 'x')).join('/');
  return attackVolume(VOLUME, {}, (tree) => {
    const last = tree.folder(folder);
    for (let i = 0; i < 3000; i += 1) tree.addFile(last, `f${i}`);
  });
}

function sharedByAll(): Uint8Array<ArrayBuffer> {
  const files = Object.fromEntries(
    Array.from({ length: 1500 }, (_, i) => [`/Windows/System32/drivers/file${i}.sys`, new Uint8Array(1200)]),
  );
  const volume = attackVolume(16 * MIB, files);
  mapEverything(volume);
  return volume;
}

/** Attacks by the structures of NTFS that came after the first ones. */
export const NTFS_ATTACKS: readonly Attack[] = [
  {
    name: 'NTFS, $LogFile of 256 MiB, a hole behind 4 MiB of records',
    idea: 'the most that is read of a log, sixty times what is there',
    file: 'log-hole.img',
    bytes: () => {
      const volume = dirtyVolume();
      stretchData(volume, 2, (252 * MIB) / 4096);
      return volume;
    },
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, $LogFile of 256 MiB, the same 4 MiB of clusters 64 times',
    idea: 'one run list names the same clusters again and again',
    file: 'log-shared.img',
    bytes: () => {
      const volume = dirtyVolume();
      repeatData(volume, 2, 64);
      return volume;
    },
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, $MFT whose run list names the same clusters 100 times',
    idea: 'as above, for the file table',
    file: 'mft-shared.img',
    bytes: () => {
      const volume = attackVolume(VOLUME, {});
      repeatData(volume, 0, 100);
      return volume;
    },
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, 1500 files that each consist of the whole volume',
    idea: 'records of 1 KiB that stand for 24 GiB of real bytes',
    file: 'shared.img',
    bytes: sharedByAll,
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, a file with 3000 names and 4000 streams',
    idea: 'a line for each pair of them',
    file: 'pairs.img',
    bytes: namesAndStreams,
    verbs: [...imageVerbs, ['ls', '-r', '--streams', 'FILE']],
  },
  {
    name: 'NTFS, 3000 files below 200 folders with names of 120 characters',
    idea: 'each path is 24 KB',
    file: 'long.img',
    bytes: longPaths,
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, a change journal of 200,000 arrivals of the file that is looked for',
    idea: 'more events than a call may have arguments',
    file: 'journal.img',
    bytes: longJournal,
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, Windows.old under 2000 names',
    idea: 'one folder, scanned under each of them',
    file: 'old.img',
    bytes: () =>
      attackVolume(VOLUME, {}, (tree) => {
        const old = tree.folder('Windows.old');
        nestInItself(old, 1);
        old.children.push({
          name: { name: 'Windows', shortName: undefined, parent: old },
          file: tree.folder('Windows'),
        });
        for (let i = 0; i < 2000; i += 1) {
          const name = { name: `Windows.old.${String(i).padStart(4, '0')}`, shortName: undefined, parent: tree.root };
          tree.root.children.push({ name, file: old });
        }
      }),
    verbs: imageVerbs,
  },
];
