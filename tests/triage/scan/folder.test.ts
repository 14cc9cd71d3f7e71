import type { FileNode, FileTree } from '@deadbox/core';
import { type Disk, openDisk } from '@deadbox/disk';
import { type CauseReport, type ImageReport, scanDisk } from '@deadbox/triage';
import { type MountedFiles, scanFolder } from '@deadbox/triage/folder';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { healthyDisk } from '../../support/healthy/healthy-disk.js';
import { sickWindows } from '../../support/triage/hostile-windows.js';

/** The files of a volume as a folder shows them: no records, and a link to nowhere in place of what is not read. */
class Shown implements MountedFiles {
  readonly fileSystem = 'folder';
  readonly unread: readonly string[] = [];
  readonly #tree: FileTree;
  readonly #links: ReadonlySet<string>;

  constructor(tree: FileTree, links: readonly string[]) {
    this.#tree = tree;
    this.#links = new Set(links.map((path) => path.toUpperCase()));
  }

  async lookup(path: string): Promise<FileNode | undefined> {
    const node = await this.#tree.lookup(path);
    return node === undefined ? undefined : this.#shown(node);
  }

  #shown(node: FileNode): FileNode {
    const shown = (one: FileNode): FileNode => this.#shown(one);
    const link = this.#links.has(node.path.toUpperCase());
    return {
      name: node.name,
      path: node.path,
      type: link ? 'symlink' : node.type,
      size: link ? 0 : node.size,
      created: node.created,
      modified: node.modified,
      accessed: node.accessed,
      stream: (name, options) => node.stream(name, options),
      async *entries(options) {
        for await (const batch of node.entries(options))
          yield batch.map(({ name, open }) => ({ name, open: async () => shown(await open()) }));
      },
    };
  }
}

/** What is asked of the firmware, the store, the partitions or the volume itself: no folder shows those. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'bootmgfw-missing',
  'boot-manager-damaged',
  'layout-vs-firmware',
  'boot-log-failure',
  'ntds-unavailable',
  'chkdsk-each-boot',
  // Which loader is used, the firmware tells.
  'loader-file-bad',
]);

const names = (causes: readonly CauseReport[]): string[] =>
  causes
    .filter(({ id, phase }) => !ELSEWHERE.has(id) && phase !== 'boot-manager')
    .map(
      ({ id, severity, data, more }) =>
        `${id} ${severity} ${JSON.stringify(data.path ?? data.key ?? data.name)} ${more ?? ''}`,
    )
    .toSorted();

describe('a Windows of which only the files are seen', () => {
  let disk: Disk;
  let whole: ImageReport;
  let tree: FileTree;
  beforeAll(async () => {
    disk = await openDisk(await healthyDisk(sickWindows()), { name: 'server.raw' });
    whole = await scanDisk(disk);
    tree = (await disk.volumes.at(-1)?.fileTree()) as FileTree;
  });
  afterAll(() => disk.close());

  const scan = (links: readonly string[] = [], mode: 'quick' | 'full' = 'full'): Promise<ImageReport> =>
    scanFolder(new Shown(tree, links), { path: '/mnt', reason: 'no-device', mode });

  test('has the causes that its files and hives have on the disk', async () => {
    const folder = await scan();
    expect(names(folder.causes)).toEqual(names(whole.causes));
    expect(folder.causes.length).toBeGreaterThan(20);
    const [on] = whole.installations;
    const [from] = folder.installations;
    expect([from.platforms, from.timeline]).toEqual([on.platforms, on.timeline]);
  });

  test('proves nothing, shows no bytes of a volume, and asks for no change', async () => {
    const { causes, starts, provisional, severity } = await scan();
    expect({ starts, provisional, severity }).toEqual({
      starts: 'doubtful',
      provisional: ['files-only'],
      severity: 'act',
    });
    for (const { confidence, evidence, requests, volume } of causes) {
      expect(confidence).not.toBe('proves');
      expect({ evidence, requests, volume }).toEqual({ evidence: [], requests: undefined, volume: 1 });
    }
  });

  test('is not called damaged where the system shows a file that it cannot read as a link to nowhere', async () => {
    const path = '/Windows/System32/csrss.exe';
    const { causes, issues } = await scan([path]);
    expect(causes.filter(({ data }) => data.path === path)).toEqual([]);
    expect(issues).toMatchObject([{ code: 'cause.undecided', data: { causes: ['core-process-bad'], path } }]);
  });

  test('is asked nothing of this by a quick scan', async () => {
    const { causes, issues, starts } = await scan([], 'quick');
    expect({ causes, issues, starts }).toEqual({ causes: [], issues: [], starts: 'not-checked' });
  });
});
