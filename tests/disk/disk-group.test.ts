import { DeadboxError, MemorySource, MIB, SECTOR, transportFailed } from '@deadbox/core';
import { type Disk, openDisk } from '@deadbox/disk';
import { expect, test } from 'vitest';
import { LDM_GROUP, type LdmSpec, writeDynamicDisk } from '../support/disk-writer/ldm.js';
import { errorOf, MemoryFiles } from '../support/image/memory-files.js';
import { NtfsVolumeWriter } from '../support/ntfs-writer/ntfs-volume.js';
import { MemorySink } from '../support/ntfs-writer/sink.js';

/** What each disk of a group holds of the volume. */
const PART = 3 * MIB;
const DISK = PART + 2 * MIB;
/** An MBR's dynamic disk keeps its volumes from sector 63 on. */
const FIRST = 63 * SECTOR;
const GUIDS = ['5eed0000-0000-4000-8000-0000000000a1', '5eed0000-0000-4000-8000-0000000000a2'];
const VOLUME = '5eed0000-0000-4000-8000-0000000000b1';

const spec = (own: number, guids = GUIDS): LdmSpec => ({
  style: 'mbr',
  size: DISK,
  disks: guids.map((guid, index) => ({ name: `Disk${index + 1}`, guid })),
  own,
  volumes: [
    {
      name: 'Volume1',
      guid: VOLUME,
      layout: 'spanned',
      parts: guids.map((_, disk) => ({ disk, start: 0, sectors: PART / SECTOR })),
    },
  ],
});

const content = new MemorySink(2 * PART);
const writer = new NtfsVolumeWriter(content, { size: content.bytes.length, label: 'Both' });
writer.finish();

function dynamicDisk(own: number, guids?: string[]): Uint8Array<ArrayBuffer> {
  const sink = new MemorySink(DISK);
  writeDynamicDisk(sink, spec(own, guids));
  sink.write(FIRST, content.bytes.subarray(own * PART, (own + 1) * PART));
  return sink.bytes;
}

const FIRST_DISK = dynamicDisk(0);
const SECOND_DISK = dynamicDisk(1);
/** The second disk of a group of another id, which private header and database repeat. */
const STRANGER = (() => {
  const bytes = dynamicDisk(1);
  const group = Buffer.from(LDM_GROUP, 'latin1');
  const view = Buffer.from(bytes.buffer);
  for (let at = view.indexOf(group); at >= 0; at = view.indexOf(group, at + 1)) bytes[at + group.length - 1] = 0x66;
  return bytes;
})();

/** A folder where some names are no files that can be read. */
class Folder extends MemoryFiles {
  readonly #refused: Readonly<Record<string, () => undefined>>;

  constructor(files: Record<string, Uint8Array<ArrayBuffer>>, refused: Record<string, () => undefined> = {}) {
    super(files);
    this.#refused = refused;
  }

  override async open(name: string): Promise<MemorySource | undefined> {
    const refusal = this.#refused[name];
    return refusal === undefined ? ((await super.open(name)) as MemorySource) : refusal();
  }

  override async list(): Promise<string[]> {
    return [...(await super.list()), ...Object.keys(this.#refused)];
  }
}

const openFirst = (siblings?: MemoryFiles, more: Parameters<typeof openDisk>[1] = {}): Promise<Disk> =>
  openDisk(new MemorySource(FIRST_DISK), { name: 'vm/a.img', ...(siblings && { siblings }), ...more });
const found = ({ issues }: Disk): unknown =>
  issues.issues
    .filter(({ code }) => code.startsWith('disk.member'))
    .map(({ code, severity, data }) => ({ code, severity, files: data?.files }));

test('a volume is read with the other disk of its group that lies beside the image, whatever else lies there', async () => {
  const folder = new Folder(
    {
      'a.img': FIRST_DISK,
      'b.img': SECOND_DISK,
      'c.img': STRANGER,
      'copy-of-a.img': FIRST_DISK,
      'empty.img': new Uint8Array(0),
      'plain.img': new Uint8Array(64 * SECTOR),
      'torn.vhdx': new Uint8Array(4096).fill(0x11),
      'notes.txt': SECOND_DISK,
    },
    {
      'folder.img': () => {
        throw new DeadboxError('SIBLING_REFUSED', 'folder.img is a folder');
      },
      'gone.img': () => undefined,
      'secret.img': () => {
        throw new DeadboxError('SOURCE_DENIED', 'permission denied');
      },
    },
  );
  const disk = await openFirst(folder);
  expect(found(disk)).toEqual([{ code: 'disk.member-beside', severity: 'note', files: ['b.img'] }]);
  expect(folder.asked).not.toContain('a.img');
  expect(folder.asked).not.toContain('notes.txt');
  const [volume] = disk.volumes;
  expect(await volume.content?.read(PART - SECTOR, 2 * SECTOR)).toEqual(
    content.bytes.subarray(PART - SECTOR, PART + SECTOR),
  );
  expect(await (await volume.ntfs())?.state()).toMatchObject({ label: 'Both' });
  expect(folder.openCount).toBe(1);
  await disk.close();
  expect(folder.openCount).toBe(0);
});

test('of two files that say that they are the missing disk none is taken', async () => {
  const folder = new Folder({ 'a.img': FIRST_DISK, 'b.img': SECOND_DISK, 'b-old.img': SECOND_DISK });
  await using disk = await openFirst(folder);
  expect(found(disk)).toEqual([{ code: 'disk.member-ambiguous', severity: 'warning', files: ['b-old.img', 'b.img'] }]);
  const [volume] = disk.volumes;
  expect([volume.missingDisks, volume.locked, volume.content]).toEqual([['Disk2'], false, undefined]);
  expect(await errorOf(volume.fileTree())).toMatchObject({
    code: 'VOLUME_INCOMPLETE',
    message: expect.stringMatching(/the spanned volume Volume1 .* cannot be read without Disk2$/),
    at: { layer: 'disk', offset: FIRST },
    data: { missingDisks: ['Disk2'] },
  });
  // What lies there is evidence all the same.
  expect((await volume.evidence('boot sector', 3, 4)).bytes).toBe(Buffer.from('NTFS').toString('hex'));
});

test('a folder that cannot be listed holds no other disk, and no folder neither', async () => {
  const folder = new MemoryFiles({ 'b.img': SECOND_DISK });
  for (const siblings of [{ open: folder.open.bind(folder) }, undefined]) {
    const options = siblings === undefined ? {} : { siblings };
    await using disk = await openDisk(new MemorySource(FIRST_DISK), { name: 'a.img', ...options });
    expect([found(disk), disk.volumes[0]?.missingDisks]).toEqual([[], ['Disk2']]);
  }
});

test('disks that the user names are taken, each once, and no file is searched for then', async () => {
  const folder = new Folder({ 'b.img': SECOND_DISK });
  const given = (name: string, bytes: Uint8Array<ArrayBuffer>) => ({ name, source: new MemorySource(bytes) });
  const members = [
    { ...given('elsewhere/b.img', SECOND_DISK), siblings: folder },
    given('again.img', SECOND_DISK),
    given('a.img', FIRST_DISK),
    given('other.img', STRANGER),
    given('plain.img', new Uint8Array(64 * SECTOR)),
  ];
  await using disk = await openFirst(folder, { members });
  expect([found(disk), folder.asked]).toEqual([[], []]);
  expect(await (await disk.volumes[0]?.ntfs())?.state()).toMatchObject({ label: 'Both' });
});

test('a server that fails while the other disk is looked for is an error, and leaves nothing open', async () => {
  const folder = new Folder(
    { 'b.img': SECOND_DISK },
    {
      'c.img': () => {
        throw transportFailed('network', 'http://server/c.img', { offset: 0, length: 512 }, 'HTTP 503');
      },
    },
  );
  expect(await errorOf(openFirst(folder))).toMatchObject({ code: 'READ_FAILED' });
  expect(folder.openCount).toBe(0);
});

test('a volume in two parts of one disk that was cut off between them misses its other parts', async () => {
  const size = 16 * MIB;
  const sink = new MemorySink(size);
  const parts = [0, 8192].map((start) => ({ disk: 0, start, sectors: 4096 }));
  writeDynamicDisk(sink, {
    ...spec(0),
    style: 'gpt',
    size,
    volumes: [{ name: 'Extended', guid: VOLUME, layout: 'spanned', parts }],
  });
  const extended = ({ volumes }: Disk) => volumes.filter(({ partition }) => partition?.dynamic !== undefined);
  const [whole] = extended(await openDisk(new MemorySource(sink.bytes)));
  expect([whole.missingDisks, whole.content?.size]).toEqual([[], 8192 * SECTOR]);
  const [cut] = extended(await openDisk(new MemorySource(sink.bytes.slice(0, 7 * MIB))));
  expect(cut.missingDisks).toEqual(['its other parts']);
  expect(await errorOf(cut.fileTree())).toMatchObject({ code: 'VOLUME_INCOMPLETE' });
});
