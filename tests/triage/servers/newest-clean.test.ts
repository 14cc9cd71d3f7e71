import { DeadboxError } from '@deadbox/core';
import { openDisk } from '@deadbox/disk';
import { failedImage, findServers, type ImageReport, scanDisk } from '@deadbox/triage';
import { beforeAll, describe, expect, test } from 'vitest';
import { bitLockerDisk, serverDisk } from '../../support/fleet/servers.js';

type Windows = ImageReport['installations'][number];

let healthy: ImageReport;
let locked: ImageReport;

async function judge(name: string, source: Parameters<typeof openDisk>[0]): Promise<ImageReport> {
  const disk = await openDisk(source, { name });
  try {
    return await scanDisk(disk);
  } finally {
    await disk.close();
  }
}

beforeAll(async () => {
  healthy = await judge('a.img', await serverDisk({ name: 'WEB-01', ailment: 'none', at: '2024-07-18T22:00:00Z' }));
  locked = await judge('locked.img', bitLockerDisk('WEB-01', 'recovery'));
});

/** The healthy server at another time, otherwise as `change` makes it. */
function state(
  path: string,
  at: string,
  change: { image?: object; windows?: object; host?: object } = {},
): ImageReport {
  const [windows] = healthy.installations as [Windows];
  const sources = windows.sources.map((source) => ({ ...source, newest: source.newest === null ? null : at }));
  const host = { ...windows.host, lastShutdown: at, ...change.host };
  return { ...healthy, path, installations: [{ ...windows, sources, host, ...change.windows }], ...change.image };
}

describe('the states of a server', () => {
  test('are ordered by what the disk tells, and the newest that is whole is the one to restore', () => {
    const broken = state('new.img', '2024-07-19T04:00:00.0000000Z', { image: { severity: 'act', starts: 'no' } });
    const whole = state('middle.img', '2024-07-18T22:00:00.0000000Z');
    const older = state('old.img', '2024-07-17T22:00:00.0000000Z');
    const [server, ...others] = findServers([older, broken, whole]);
    expect(others).toEqual([]);
    expect(server).toMatchObject({ name: 'WEB-01', domain: 'corp.example', newestSafe: 1 });
    expect(server?.states.map(({ path }) => path)).toEqual(['new.img', 'middle.img', 'old.img']);
    expect(server?.states[0]).toMatchObject({ safe: false, unsafe: ['verdict', 'start'], atFrom: 'last-event' });
    expect(server?.lost).toMatchObject({ milliseconds: 6 * 3_600_000 });
    expect(server?.sameBy).toEqual(['disk-id', 'domain', 'machine-id', 'name', 'partition-id', 'volume-serial']);
  });

  test.each([
    ['its boot check is another', { windows: { boot: { verdict: 'identity-changed' } } }, 'boot'],
    ['its boot check was not made', { windows: { boot: { verdict: 'not-checked' } } }, 'not-checked'],
    ['a hive is damaged', { windows: { hives: [{ verdict: 'damaged' }] } }, 'hives'],
    ['hives were not read', { windows: { hives: [] } }, 'not-checked'],
    ['its files ask for something', { image: { severity: 'review' } }, 'verdict'],
    ['something speaks against its start', { image: { starts: 'doubtful' } }, 'start'],
  ])('are not safe where %s', (_, change, reason) => {
    const [server] = findServers([state('a.img', '2024-07-18T22:00:00.0000000Z', change)]);
    expect(server?.states[0]).toMatchObject({ safe: false, unsafe: [reason] });
    expect(server?.newestSafe).toBeNull();
  });

  test('of which the newest is safe lose nothing', () => {
    const [server] = findServers([
      state('new.img', '2024-07-19T04:00:00.0000000Z'),
      state('old.img', '2024-07-18T22:00:00.0000000Z'),
    ]);
    expect(server).toMatchObject({ newestSafe: 0, lost: null });
  });

  test('whose time is no time are older than any that has one, and say so', () => {
    const snapshot = (path: string, taken: string): ImageReport => {
      const details = { snapshot: { id: '1', name: 'x' }, snapshots: [{ id: '1', taken }] };
      const own = state(path, 'none', { image: { image: { ...healthy.image, details } } });
      return { ...own, installations: own.installations.map((windows) => ({ ...windows, sources: [] })) };
    };
    const [server] = findServers([
      snapshot('none.img', 'yesterday'),
      snapshot('new.img', '2024-07-19T04:00:00Z'),
      snapshot('nor.img', ''),
      snapshot('old.img', '2024-07-18T04:00:00Z'),
    ]);
    expect(server?.states.slice(0, 2).map(({ path }) => path)).toEqual(['new.img', 'old.img']);
    expect(server?.states.slice(2).map(({ at, atFrom }) => [at, atFrom])).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  test('name the changes that would be lost', () => {
    const update = { kind: 'update', at: '2024-07-19T01:00:00.0000000Z', what: 'KB1', failed: false, path: '/a' };
    const before = { ...update, at: '2024-07-18T01:00:00.0000000Z', what: 'KB0' };
    const broken = state('new.img', '2024-07-19T04:00:00.0000000Z', {
      image: { severity: 'act', starts: 'no' },
      windows: { timeline: { lastRan: null, changes: [before, update], firstFailed: null } },
    });
    const [server] = findServers([broken, state('old.img', '2024-07-18T22:00:00.0000000Z')]);
    expect(server?.lost?.changes).toEqual([update]);
  });

  test('are the snapshots and shadow copies of an image, too', () => {
    const snapshot = state('a.qcow2', '2024-07-18T22:00:00.0000000Z', {
      image: { image: { ...healthy.image, details: { snapshot: { id: '1', name: 'nightly' }, snapshots: [] } } },
    });
    const [windows] = healthy.installations as [Windows];
    const copy = { ...windows, active: false, shadowCopy: { number: 2, created: '2024-07-18T12:00:00.0000000Z' } };
    const image = state('a.qcow2', '2024-07-19T04:00:00.0000000Z', {});
    const [server] = findServers([{ ...image, installations: [...image.installations, copy] }, snapshot]);
    expect(server?.states.map(({ kind, name, atFrom }) => [kind, name, atFrom])).toEqual([
      ['image', null, 'last-event'],
      ['snapshot', 'nightly', 'last-event'],
      ['shadow-copy', '2', 'taken'],
    ]);
    // A shadow copy is judged by its files alone: nothing promises that it starts.
    expect(server?.states[2]).toMatchObject({ safe: false, unsafe: ['not-checked'] });
  });
});

describe('servers', () => {
  const at = '2024-07-18T22:00:00.0000000Z';

  test('that were copied from one image have other names and are two, though every id is the same', () => {
    const copy = state('b.img', at, { host: { computerName: 'WEB-02', hostName: 'web-02' } });
    expect(findServers([state('a.img', at), copy]).map(({ name }) => name)).toEqual(['WEB-01', 'WEB-02']);
  });

  test('of one name that were installed anew are two', () => {
    const anew = state('b.img', at, {
      host: { machineId: '00000000-0000-4000-8000-00000000ffff' },
    });
    expect(findServers([state('a.img', at), anew])).toHaveLength(2);
  });

  test('whose disk identity was changed are still one', () => {
    const changed = state('b.img', at, { image: { disk: { ...healthy.disk, diskId: 'AAAA' } } });
    const [server, ...others] = findServers([state('a.img', at), changed]);
    expect([server?.states.length, others.length]).toEqual([2, 0]);
    expect(server?.sameBy).not.toContain('disk-id');
  });

  test('have their locked disks, told by the partition, as long as only one server is like them', () => {
    const [server] = findServers([locked, state('a.img', at)]);
    expect(server?.states.map(({ path }) => path)).toEqual(['a.img', 'locked.img']);
    expect(server?.states[1]).toMatchObject({ unsafe: ['locked'], at: null });
    const copy = state('b.img', at, { host: { computerName: 'WEB-02', hostName: 'web-02' } });
    const servers = findServers([locked, state('a.img', at), copy]);
    expect(servers.map(({ states }) => states.length)).toEqual([1, 1]);
  });

  test('are not what could not be opened', () => {
    expect(findServers([failedImage('gone.vhdx', new DeadboxError('INTERNAL', 'It failed.'))])).toEqual([]);
  });

  test('are found among ten thousand states in a moment', () => {
    const many = Array.from({ length: 10_000 }, (_, index) =>
      state(`${index}.img`, at, { host: { computerName: `SRV-${index % 400}`, hostName: `srv-${index % 400}` } }),
    );
    const started = performance.now();
    expect(findServers(many)).toHaveLength(400);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
