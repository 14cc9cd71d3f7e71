import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allFormats } from '@deadbox/image';
import { isImageName, isLockName, isSavedStateName } from '@deadbox/image/internals';
import { build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { innerImports, roomOf } from '../support/rooms.js';
import { packageNames, root, sourcesOf, textOf } from '../support/workspace.js';

const rooms = allFormats.map(({ id }) => id);

describe('a container format', () => {
  test.each(rooms)('%s stands in a folder of its own, which says how to recognise and how to open it', (room) => {
    const files = readdirSync(join(root, 'packages/image/src', room));
    expect(files).toContain('format.ts');
    expect(files).toContain('open.ts');
  });

  test.each(rooms)('%s keeps its header and its map where the others have theirs', (room) => {
    const files = readdirSync(join(root, 'packages/image/src', room));
    // A raw disk has neither; an archive hands on the map of the disk inside.
    if (room !== 'raw') expect(files).toContain('header.ts');
    if (room !== 'raw' && room !== 'ova') expect(files).toContain('map.ts');
  });

  test('is loaded only when an image of it is opened', () => {
    const eager = innerImports('image').filter(({ from, to }) => to.endsWith('/open.ts') && !isLazy(from, to));
    expect(eager).toEqual([]);
  });

  test('imports no other format, but that QCOW is told from QCOW2', () => {
    const between = innerImports('image')
      .map(({ from, to }) => [roomOf(from), roomOf(to)] as const)
      .filter(([from, to]) => from !== to && rooms.includes(from) && rooms.includes(to))
      .map((pair) => pair.join(' imports '));
    expect([...new Set(between)]).toEqual(['qcow imports qcow2']);
  });

  test.each(rooms)('%s touches its folder and one list, no other source', (room) => {
    const own = `packages/image/src/${room}/`;
    const imported = `from '\\.{1,2}/${room}/`;
    // "raw" is also a word for streams without a frame.
    const spelled = new RegExp(room === 'raw' ? imported : `${imported}|['"\`]${room}['"\`]`);
    const naming = OPENERS.flatMap((name) => sourcesOf(name)).filter(
      (path) => !path.startsWith(own) && spelled.test(withoutComments(textOf(path))),
    );
    expect(naming.filter((path) => !MAY_NAME.has(path) && !(MAY_NAME_ONE[room] ?? []).includes(path))).toEqual([]);
  });

  test('needs no second list of endings: each ending stands in one format', () => {
    const endings = allFormats.flatMap(({ extensions }) => extensions);
    expect(new Set(endings).size).toBe(endings.length);
    const scanned = packageNames
      .flatMap((name) => sourcesOf(name))
      .filter((path) => !path.startsWith('packages/image/'));
    const lists = scanned.filter((path) => /\b(vhdx\??|avhdx)\|.*\bvmdk\b|\bvmdk\|.*\bvhdx?\b/.test(textOf(path)));
    expect(lists).toEqual([]);
  });
});

/** The one list of formats, and what the package offers to others. */
const MAY_NAME = new Set([
  'packages/image/src/all-formats.ts',
  'packages/image/src/index.ts',
  'packages/image/src/internals.ts',
]);
/** A format that stands for something besides itself. */
const MAY_NAME_ONE: Readonly<Record<string, readonly string[]>> = {
  // One magic number, which the version tells apart.
  qcow2: ['packages/image/src/qcow/format.ts'],
  // VirtualBox keeps beside a VDI what says that it encrypts it.
  vdi: ['packages/disk/src/open-disk.ts'],
};

/** The packages that open images or tell of them. */
const OPENERS = ['image', 'partitions', 'disk', 'triage', 'report', 'cli'];

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

function isLazy(from: string, to: string): boolean {
  const name = to.slice(to.lastIndexOf('/') + 1).replace('.ts', '.js');
  return textOf(`packages/image/src/${from}`).includes(`await import('./${name}')`);
}

describe('what a format says of file names', () => {
  test.each(['srv.vhdx', 'SRV.AVHDX', 'disk.E01', 'disk.001', 'vm.ova', 'a.hds', 'b.qcow2'])(
    '%s may be an image',
    (name) => {
      expect(isImageName(name)).toBe(true);
    },
  );

  test.each(['srv-flat.vmdk', 'srv-000001-delta.vmdk', 'srv-s003.vmdk', 'notes.txt', 'vhdx', 'x.vhdx.lock'])(
    '%s is none, or only a part of one',
    (name) => {
      expect(isImageName(name)).toBe(false);
    },
  );

  test('memory of saved machines and locks are told by their endings', () => {
    expect(['a.vmss', 'b.VMEM', 'c.sav', 'd.vsv', 'e.vmrs'].filter(isSavedStateName)).toEqual([
      'a.vmss',
      'b.VMEM',
      'c.sav',
      'd.vsv',
    ]);
    expect(['a.vmdk.lck', 'b.qcow2.lock', 'c.vmdk'].filter(isLockName)).toEqual(['a.vmdk.lck', 'b.qcow2.lock']);
  });
});

describe('a bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'deadbox-bundle-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(rooms)('that opens images with the format %s alone holds no other', async (room) => {
    const modules = await modulesOf(
      `import { openWithFormats, ${room}Format } from '@deadbox/image'; console.log(openWithFormats, ${room}Format);`,
    );
    const held = new Set(modules.map((path) => /packages\/image\/src\/([^/]+)\//.exec(path)?.[1]));
    expect(rooms.filter((other) => held.has(other))).toEqual(
      // Both begin alike.
      room === 'qcow' ? ['qcow2', 'qcow'] : [room],
    );
  });

  test('that opens images of any format holds them all', async () => {
    const modules = await modulesOf(`import { openImage } from '@deadbox/image'; console.log(openImage);`);
    for (const room of rooms)
      expect(modules.some((path) => path.includes(`packages/image/src/${room}/open.ts`))).toBe(true);
  });

  /** The modules of which something is left in the bundle of `text`. */
  async function modulesOf(text: string): Promise<string[]> {
    const entry = join(folder, 'entry.js');
    writeFileSync(entry, text);
    const { metafile } = await build({
      stdin: { contents: text, resolveDir: root },
      bundle: true,
      format: 'esm',
      write: false,
      metafile: true,
      conditions: ['deadbox-source'],
      logLevel: 'silent',
    });
    const [output] = Object.values(metafile.outputs);
    return Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [path] : [],
    );
  }
});
