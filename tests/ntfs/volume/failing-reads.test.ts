import { type Bytes, isTransportError } from '@deadbox/core';
import {
  checkVolume,
  listObjectIds,
  type NtfsFile,
  NtfsVolume,
  openChangeJournal,
  openSecurityStore,
  pendingReplay,
  readDirectorySlack,
} from '@deadbox/ntfs';
import { checkMftHead, findMisplacedListNames } from '@deadbox/ntfs/internals';
import { beforeAll, describe, expect, test } from 'vitest';
import { moveToExtension } from '../../support/file-record-writer.js';
import { EditedVolume, resident, typeOf } from '../../support/ntfs/edited-volume.js';
import { FailingReads, type Failure } from '../../support/ntfs/failing-reads.js';
import { buildIndex, indexEntry } from '../../support/ntfs-writer/index-tree.js';

/** Records of the volume below: the first that are free for files. */
const LINK = 24;
const ATTRIBUTES = 25;
const LISTED = 26;
const OBJECT_IDS = 28;
const JOURNAL = 29;
const MANY = 30;
/** A record that NTFS reserves: the bitmap of $MFT has it in use. */
const SPARE = 14;
/** An index that is none of names. */
const VIEW = { type: 0, collation: 0x13, clusterSize: 4096 };
/** Most reads of one task that are made to fail; of more, as many spread over them. */
const MOST_FAILURES = 24;

let bytes: Bytes;

beforeAll(() => {
  const made = new EditedVolume(
    (tree, root) => {
      tree.addFile(root, 'link', { attributes: 0x404, content: new Uint8Array(16) });
      tree.addFile(root, 'attributes', { content: new Uint8Array(10) });
      tree.addFile(root, 'listed', { content: new Uint8Array(9000).fill(7), streams: { stream: new Uint8Array(5) } });
      const extend = tree.folder('/$Extend');
      expect([tree.addFile(extend, '$ObjId'), tree.addFile(extend, '$UsnJrnl')].map(({ record }) => record)).toEqual([
        OBJECT_IDS,
        JOURNAL,
      ]);
      const many = tree.addFolder(root, 'many');
      for (let i = 0; i < 80; i += 1)
        tree.addFile(many, `Ümläut ${String(i).padStart(3, '0')}`, { content: new Uint8Array(3) });
      tree.addFile(root, 'hiberfil.sys', { content: new Uint8Array(8192) });
    },
    { mftFragments: 3 },
  );
  const names = [LINK, ATTRIBUTES, LISTED];
  expect(names.map((record) => made.parts(record).length)).toEqual([3, 3, 4]);
  const link = new Uint8Array(8 + 12 + 20);
  link.set([0x0c, 0, 0, 0xa0, 32, 0]);
  link.set([0, 0, 8, 0, 0, 0, 8, 0, 1], 8);
  link.set(Buffer.from('many', 'utf16le'), 20);
  made.add(LINK, made.stored(0xc0, link, 2000));
  made.replace(LINK, made.stored(0x80, new Uint8Array(16), 2005));
  const bits = made.parts(MANY).find((part) => typeOf(part) === 0xb0) as Uint8Array;
  made.replace(MANY, made.stored(0xb0, bits.slice(bits[0x14], bits[0x14] + 8), 2006, { name: '$I30' }));
  const efs = new Uint8Array(0x54);
  efs[0] = 0x54;
  made.add(
    ATTRIBUTES,
    resident(0x40, new Uint8Array(16).fill(1)),
    made.stored(0xe0, new Uint8Array(16), 2001),
    made.stored(0x100, efs, 2002, { name: '$EFS' }),
  );
  moveToExtension(
    made.bytes,
    { base: made.at(LISTED), extension: made.at(SPARE), size: 1024 },
    { base: LISTED, extension: SPARE },
    (type) => type === 0x80,
  );
  const entry = indexEntry(16, 56);
  entry.view.setUint32(0x20, LISTED, true);
  made.add(OBJECT_IDS, resident(0x90, buildIndex([entry.bytes], { ...VIEW, rootRoom: 200 }).root, { name: '$O' }));
  made.add(
    JOURNAL,
    resident(0x80, new Uint8Array(0), { name: '$J' }),
    made.stored(0x80, new Uint8Array(32), 2004, { name: '$Max' }),
  );
  const list = made.parts(LISTED).find((part) => typeOf(part) === 0x20) as Uint8Array;
  made.replace(LISTED, made.stored(0x20, list.subarray(24), 2003));
  bytes = made.bytes;
});

/** What is asked of a volume, and what it answers, as text. */
type Task = (volume: NtfsVolume) => Promise<unknown>;

async function all<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const batch of batches) found.push(batch);
  return found;
}

const one = (path: string, ask: (file: NtfsFile, volume: NtfsVolume) => Promise<unknown>): Task => {
  return async (volume) => {
    const file = await volume.lookup(path);
    return file && ask(file, volume);
  };
};

const TASKS: Record<string, Task> = {
  'opening a file in a large folder': one('/many/ümläut 040', async ({ record }) => record),
  'following a link': async (volume) => (await volume.lookup('/link/ümläut 007', { followLinks: true }))?.record,
  'names by prefix': one(
    '/many',
    async (folder, volume) => (await volume.findInDirectory(folder, 'Ümläut 07')).entries.length,
  ),
  'names outside the index': one('/many', async (folder, volume) => volume.outsideIndex(folder, '')),
  'listing a folder': one('/many', async (folder) => (await all(folder.entries())).flat().length),
  'the state': async (volume) => volume.state(),
  'the table': async (volume) => [...(await volume.mft({ deleted: true, contents: true })).rows()].length,
  'the clusters': async (volume) => (await volume.clusters()).count(),
  'the table of letters': async (volume) => (await volume.upCase())(0xe4),
  'a whole check': async (volume) => ((await checkVolume(volume)).sound ? 'sound' : 'bad'),
  'the security store': async (volume) => {
    const store = await openSecurityStore(volume);
    return [(await store.get(0x100))?.hash, (await all(store.entries())).flat().length];
  },
  'the object ids': async (volume) => all(listObjectIds(volume)),
  'the journal': async (volume) => openChangeJournal(volume),
  'the log': async (volume) => (await pendingReplay(volume)).outcome,
  'the slack of an index': one('/many', async (folder, volume) => all(readDirectorySlack(volume, folder))),
  'attributes of a file': one('/attributes', async (file) => [
    await file.extendedAttributes(),
    await file.objectId(),
    await file.encryption(),
    await file.reparsePoint(),
  ]),
  'where a link leads': one('/link', async (file) => (await file.reparsePoint())?.tag),
  'a file whose attributes stand elsewhere': async (volume) => {
    const file = await volume.file(LISTED);
    return [file.path, file.streams().length, (await (await file.stream()).read(0, 9000))[8999]];
  },
  'a path by number': async (volume) => (await volume.file(MANY + 3)).path,
  'names in lists': async (volume) => findMisplacedListNames(volume),
  'the first records': async (volume) => checkMftHead(volume),
};

function text(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item)) ?? 'nothing';
}

interface Attempt {
  readonly answer: string | undefined;
  readonly error: unknown;
  readonly issues: readonly string[];
  readonly reads: number;
}

async function attempt(task: Task, failing: number, failure: Failure): Promise<Attempt> {
  const source = new FailingReads(bytes);
  const volume = await NtfsVolume.open(source);
  expect(volume.issues.total).toBe(0);
  source.begin(failing, failure);
  try {
    const answer = text(await task(volume));
    return { answer, error: undefined, issues: volume.issues.issues.map(({ code }) => code), reads: source.reads };
  } catch (error) {
    return { answer: undefined, error, issues: volume.issues.issues.map(({ code }) => code), reads: source.reads };
  }
}

/** The answer of a task, and numbers of reads spread over all that it takes. */
async function plan(task: Task): Promise<{ good: string; reads: number[] }> {
  const { answer, error, issues, reads } = await attempt(task, Number.POSITIVE_INFINITY, 'sector');
  expect({ error, issues }).toEqual({ error: undefined, issues: [] });
  const count = Math.min(reads, MOST_FAILURES);
  return { good: answer as string, reads: Array.from({ length: count }, (_, i) => Math.floor((i * reads) / count)) };
}

describe.each(Object.entries(TASKS))('%s', (_name, task) => {
  test('is given up when the connection is lost, at whichever read', async () => {
    for (const failing of (await plan(task)).reads) {
      const { answer, error } = await attempt(task, failing, 'connection');
      expect([failing, answer]).toEqual([failing, undefined]);
      expect(isTransportError(error)).toBe(true);
    }
  });

  test('says so when a sector that it needed cannot be read, or answers as before', async () => {
    const { good, reads } = await plan(task);
    for (const failing of reads) {
      const { answer, error, issues } = await attempt(task, failing, 'sector');
      if (answer === undefined) expect(error).toMatchObject({ code: expect.stringMatching(/^(NTFS|READ)_/) });
      else if (issues.length === 0 && !/"(bad|not-examined)"/.test(answer))
        expect([failing, answer]).toEqual([failing, good]);
    }
  });
});
