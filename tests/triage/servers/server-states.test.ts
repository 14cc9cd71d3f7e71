import { NIL_GUID } from '@deadbox/core';
import { describe, expect, test } from 'vitest';
import type { FailedImage, ImageReport } from '../../../packages/triage/src/report/report-types.js';
import { findServers } from '../../../packages/triage/src/servers/newest-clean.js';
import { statesOf } from '../../../packages/triage/src/servers/server-states.js';

/*
 * Which state of which server may be restored. A state that is called safe and is not, or a state of another server,
 * puts a broken or a foreign machine back into production.
 */

const AT = '2024-07-18T22:00:00.0000000Z';
const EVENTS = { kind: 'event-log', newest: AT };

/** A Windows that asks for nothing. */
const windows = (more: object = {}) => ({
  active: true,
  severity: 'none',
  verdict: 'clean',
  boot: { verdict: 'consistent' },
  hives: [{ verdict: 'clean' }, { verdict: 'recoverable' }],
  host: { computerName: 'WEB-01', machineId: 'M-1', domain: 'Corp.example' },
  sources: [EVENTS],
  ...more,
});

/** The report of an image whose one Windows is whole, with other facts where some are given. */
const image = (more: object = {}): ImageReport =>
  ({
    path: 'a.img',
    severity: 'none',
    verdict: 'clean',
    cause: null,
    starts: 'nothing-found',
    unjudgedVolumes: [],
    installations: [windows()],
    disk: { diskId: 'D-1' },
    volumes: [],
    image: { details: {} },
    ...more,
  }) as unknown as ImageReport;

const of = (more: object): ImageReport => image({ installations: [windows(more)] });

const unsafe = (report: ImageReport): unknown => {
  const [{ state }] = statesOf(report);
  expect(state.safe).toBe(state.unsafe.length === 0);
  return state.unsafe;
};

describe('a state is safe to restore', () => {
  test('where files, start, boot check and hives have nothing against it', () => {
    expect(unsafe(image())).toEqual([]);
    // Small locked volumes, and large ones that are unreadable, have words of their own in the verdict.
    expect(unsafe(image({ unjudgedVolumes: [{ verdict: 'blocked-encrypted', couldHoldWindows: false }] }))).toEqual([]);
    expect(unsafe(image({ unjudgedVolumes: [{ verdict: 'unreadable', couldHoldWindows: true }] }))).toEqual([]);
  });

  const locked = { verdict: 'blocked-encrypted', couldHoldWindows: true };

  test.each<[string, ImageReport, readonly string[]]>([
    ['a locked volume could hold another', image({ unjudgedVolumes: [{ verdict: 'unreadable' }, locked] }), ['locked']],
    ['it holds no Windows', image({ installations: [] }), ['not-checked']],
    ['its only Windows is none that starts', of({ active: false }), ['not-checked']],
    ['it is locked and holds none', image({ installations: [], unjudgedVolumes: [locked] }), ['locked']],
    ['its verdict asks for something', image({ severity: 'review' }), ['verdict']],
    ['it does not start', image({ starts: 'no' }), ['start']],
    ['it is doubtful that it starts', image({ starts: 'doubtful' }), ['start']],
    ['its start was not examined', image({ starts: 'not-checked' }), ['not-checked']],
    ['its boot store was not', of({ boot: { verdict: 'not-checked' } }), ['not-checked']],
    ['its boot store leads elsewhere', of({ boot: { verdict: 'identity-changed' } }), ['boot']],
    ['a hive is damaged', of({ hives: [{ verdict: 'clean' }, { verdict: 'damaged' }] }), ['hives']],
    ['a hive is at risk', of({ hives: [{ verdict: 'at-risk' }] }), ['hives']],
    ['no hive was looked at', of({ hives: [] }), ['not-checked']],
    [
      'nothing was looked at',
      image({ starts: 'not-checked', installations: [windows({ hives: [] })] }),
      ['not-checked'],
    ],
    [
      'everything is against it',
      image({
        severity: 'act',
        starts: 'no',
        unjudgedVolumes: [locked],
        installations: [windows({ boot: { verdict: 'store-missing' }, hives: [{ verdict: 'missing' }] })],
      }),
      ['locked', 'verdict', 'start', 'boot', 'hives'],
    ],
  ])('and not where %s', (_, report, reasons) => {
    expect(unsafe(report)).toEqual(reasons);
  });
});

describe('the time of a state', () => {
  const timed = (more: object, whole: object = {}): unknown => {
    const [{ state }] = statesOf(image({ installations: [windows(more)], ...whole }));
    return [state.at, state.atFrom];
  };
  const [early, late] = ['2024-07-18T01:00:00Z', '2024-07-18T23:00:00Z'];

  test('is the latest moment that its Windows tells of, and where that stands', () => {
    const record = { kind: 'mft', newest: early };
    expect(timed({ sources: [{ kind: 'event-log', newest: late }, record] })).toEqual([late, 'last-event']);
    expect(
      timed({
        sources: [
          { kind: 'event-log', newest: early },
          { ...record, newest: late },
        ],
      }),
    ).toEqual([late, 'newest-record']);
    expect(timed({ sources: [record], host: { computerName: 'a', lastShutdown: late } })).toEqual([
      late,
      'last-shutdown',
    ]);
    expect(timed({ sources: [{ ...record, newest: late }], host: { lastShutdown: early } })).toEqual([
      late,
      'newest-record',
    ]);
    expect(timed({ sources: [{ kind: 'mft', newest: null }, record, { kind: 'x', newest: 'no time' }] })).toEqual([
      early,
      'newest-record',
    ]);
    // Of two of the same moment the first.
    expect(
      timed({
        sources: [
          { kind: 'event-log', newest: late },
          { kind: 'mft', newest: late },
        ],
      }),
    ).toEqual([late, 'last-event']);
    // What is no moment is not one for standing first.
    expect(timed({ sources: [{ kind: 'x', newest: 'no time' }, record] })).toEqual([early, 'newest-record']);
    expect(timed({ sources: [{ kind: 'x', newest: 'no time' }] })).toEqual([null, null]);
    expect(timed({ sources: [] })).toEqual([null, null]);
  });

  const snapshots = (
    snapshot: unknown,
    known: unknown = [
      { id: '1', taken: early },
      { id: '2', taken: late },
    ],
  ) => ({
    image: { details: { snapshot, snapshots: known } },
  });

  test('of a snapshot is when it was taken, where its Windows tells nothing', () => {
    const details = snapshots({ id: '2', name: 'nightly' });
    expect(timed({ sources: [] }, details)).toEqual([late, 'taken']);
    expect(timed({}, details)).toEqual([AT, 'last-event']);
    expect(timed({ sources: [] }, snapshots({ id: '3', name: 'nightly' }))).toEqual([null, null]);
    expect(timed({ sources: [] }, snapshots({ id: '2' }, 'none'))).toEqual([null, null]);
    expect(timed({ sources: [] }, snapshots({ id: '2' }, [null, 7, { id: '2', taken: 'no time' }]))).toEqual([
      null,
      null,
    ]);
    expect(timed({ sources: [] }, snapshots({ id: '2' }, [{ id: '2', taken: 7 }]))).toEqual([null, null]);
  });

  test.each<[unknown, readonly [string, string | null]]>([
    [{ id: '2', name: 'nightly' }, ['snapshot', 'nightly']],
    [{ id: '2', name: '' }, ['snapshot', '2']],
    [{ id: '2', name: 7 }, ['snapshot', '2']],
    [{ id: '' }, ['snapshot', '']],
    [{}, ['snapshot', '']],
    [undefined, ['image', null]],
    [null, ['image', null]],
    ['2', ['image', null]],
  ])('the name of the snapshot %j', (snapshot, expected) => {
    const [{ state }] = statesOf(image(snapshots(snapshot)));
    expect([state.kind, state.name]).toEqual(expected);
  });
});

describe('the states of an image', () => {
  test('are itself, with what is known of its server, and its shadow copies', () => {
    const changes = [{ at: AT, kind: 'update', what: 'KB1' }];
    const copy = windows({ active: false, shadowCopy: { number: 3, created: AT }, severity: 'review', verdict: 'odd' });
    const report = image({
      severity: 'attention',
      verdict: 'late',
      cause: 'bcd-missing',
      installations: [windows({ timeline: { changes } }), copy],
    });
    const [own, shadow, ...more] = statesOf(report);
    expect(more).toEqual([]);
    expect(own).toMatchObject({ name: 'WEB-01', domain: 'Corp.example', machineId: 'M-1', changes });
    expect(own.state).toEqual({
      path: 'a.img',
      kind: 'image',
      name: null,
      at: AT,
      atFrom: 'last-event',
      safe: false,
      unsafe: ['verdict'],
      severity: 'attention',
      verdict: 'late',
      cause: 'bcd-missing',
    });
    expect(shadow).toMatchObject({ name: 'WEB-01', changes: [] });
    expect(shadow.state).toEqual({
      path: 'a.img',
      kind: 'shadow-copy',
      name: '3',
      at: AT,
      atFrom: 'taken',
      safe: false,
      unsafe: ['verdict', 'not-checked'],
      severity: 'review',
      verdict: 'odd',
      cause: null,
    });
  });

  test('of a shadow copy without a time or a number, and of a server without a name', () => {
    const copy = windows({ active: false, shadowCopy: { created: 'never' } });
    const report = image({ installations: [windows({ host: { hostName: 'web' }, timeline: undefined }), copy] });
    const [own, shadow] = statesOf(report);
    expect([own.name, own.domain, own.machineId, own.changes]).toEqual(['web', null, null, []]);
    expect(shadow.state).toMatchObject({ name: '', at: null, atFrom: null, unsafe: ['not-checked'] });
    const [nobody] = statesOf(image({ installations: [] }));
    expect([nobody.name, nobody.domain, nobody.machineId, nobody.changes]).toEqual([null, null, null, []]);
  });
});

describe('a disk that holds several Windows', () => {
  const nameless = windows({ host: { domain: 'nowhere', productName: 'Windows' } });
  const told = windows({ host: { computerName: 'APP-01', machineId: 'M-9', domain: 'corp' } });

  test('is of the server that the first active one tells that tells any', () => {
    const old = windows({ active: false, host: { computerName: 'FORMER', machineId: 'M-0' } });
    const whose = (...installations: readonly object[]) => {
      const [{ name, machineId, domain, identity }] = statesOf(image({ installations }));
      return [name, machineId, domain, identity.name, identity.machineId, identity.domain];
    };
    const expected = ['APP-01', 'M-9', 'corp', 'app-01', 'm-9', 'corp'];
    expect(whose(told)).toEqual(expected);
    expect(whose(old, told)).toEqual(expected);
    expect(whose(nameless, told)).toEqual(expected);
    expect(whose(nameless, windows({ host: { machineId: 'M-9' } }))).toEqual([
      null,
      'M-9',
      null,
      undefined,
      'm-9',
      undefined,
    ]);
    expect(whose(old)).toEqual([null, null, null, undefined, undefined, undefined]);
    expect(findServers([image({ installations: [nameless, told] })])).toMatchObject([{ name: 'APP-01' }]);
  });

  test('is safe only where every one of them is', () => {
    const with2 = (more: object) => unsafe(image({ installations: [windows(), windows(more)] }));
    expect(with2({})).toEqual([]);
    expect(with2({ hives: [] })).toEqual(['not-checked']);
    expect(with2({ hives: [{ verdict: 'damaged' }] })).toEqual(['hives']);
    expect(with2({ boot: { verdict: 'not-checked' } })).toEqual(['not-checked']);
    expect(with2({ boot: { verdict: 'identity-changed' } })).toEqual(['boot']);
    // What is not started is not asked.
    expect(with2({ active: false, hives: [] })).toEqual([]);
  });

  test('is of the latest moment, and has the changes, that any of them tells of', () => {
    const [first, second] = ['2024-07-01T00:00:00Z', '2024-07-09T00:00:00Z'];
    const at = (newest: string, more: object = {}) =>
      windows({ sources: [{ ...EVENTS, newest }], timeline: { changes: [{ at: newest }] }, ...more });
    const [own] = statesOf(image({ installations: [at(first), at(second), at(AT, { active: false })] }));
    expect(own.state.at).toBe(second);
    expect(own.changes).toEqual([{ at: first }, { at: second }]);
  });
});

/** An image of a server: its name and ids, and the hour of its state. */
function stateAt(path: string, hour: number | null, facts: Facts = {}): ImageReport {
  const { name = 'WEB-01', machineId = 'M-1', diskId = null, serial, partition, role = 'windows' } = facts;
  const newest = hour === null ? null : `2024-07-18T${String(hour).padStart(2, '0')}:00:00Z`;
  const host = {
    ...(name === null ? {} : { computerName: name }),
    ...(machineId === null ? {} : { machineId }),
    ...(facts.domain === undefined ? {} : { domain: facts.domain }),
  };
  return image({
    path,
    severity: facts.sick === true ? 'act' : 'none',
    disk: { diskId },
    volumes: [{ role, serial: serial ?? null, partitionId: partition ?? null }],
    installations: [windows({ host, sources: [{ ...EVENTS, newest }], timeline: { changes: facts.changes ?? [] } })],
  });
}

interface Facts {
  readonly name?: string | null;
  readonly machineId?: string | null;
  readonly diskId?: string | null;
  readonly domain?: string;
  readonly serial?: string;
  readonly partition?: string;
  readonly role?: string;
  readonly sick?: boolean;
  readonly changes?: readonly object[];
}

const paths = (images: readonly (ImageReport | FailedImage)[]): string[] =>
  findServers(images).map(({ states }) => states.map(({ path }) => path).join(' '));

describe('the newest state that is safe', () => {
  const sick = { sick: true } as const;

  test.each<[string, readonly ImageReport[], number | null]>([
    ['is the newest that has nothing against it', [stateAt('old', 1), stateAt('new', 9, sick), stateAt('mid', 5)], 1],
    ['is the newest of all', [stateAt('old', 1), stateAt('new', 9)], 0],
    ['is none', [stateAt('old', 1, sick), stateAt('new', 9, sick)], null],
    ['is one whose time nobody knows, where no other is', [stateAt('none', null), stateAt('new', 9, sick)], 1],
  ])('%s', (_, images, newest) => {
    const [server, ...others] = findServers(images);
    expect([others, server.newestSafe]).toEqual([[], newest]);
    expect(findServers(images.toReversed())[0].newestSafe).toBe(newest);
  });

  test('costs what was changed since', () => {
    const at = (time: string, what: string) => ({ at: `2024-07-18T${time}Z`, kind: 'update', what });
    const changes = [at('09:00:00', 'last'), at('05:00:00', 'own'), at('05:00:01', 'first'), at('09:00:01', 'later')];
    const servers = findServers([stateAt('old', 5, { changes }), stateAt('new', 9, { sick: true, changes })]);
    expect(servers[0].lost).toEqual({
      from: '2024-07-18T05:00:00Z',
      to: '2024-07-18T09:00:00Z',
      milliseconds: 4 * 3_600_000,
      changes: [changes[2], changes[0]],
    });
    // What two tell differently is two changes.
    const other = [at('06:00:00', 'a'), at('06:00:00', 'b'), { ...at('06:00:00', 'a'), kind: 'driver' }];
    expect(
      findServers([stateAt('old', 5), stateAt('new', 9, { sick: true, changes: other })])[0].lost?.changes,
    ).toHaveLength(3);
    expect(findServers([stateAt('old', 5), stateAt('new', 9)])[0].lost).toBeNull();
    expect(findServers([stateAt('new', 9, { sick: true })])[0].lost).toBeNull();
    expect(findServers([stateAt('none', null), stateAt('new', 9, { sick: true })])[0].lost).toBeNull();
    expect(findServers([stateAt('none', null), stateAt('nor', null, { sick: true })].toReversed())[0].lost).toBeNull();
  });

  test('and the others of no time stand as the image gives them: itself, then its shadow copies', () => {
    const copies = [1, 2].map((number) => windows({ active: false, shadowCopy: { number, created: null } }));
    const [server] = findServers([image({ installations: [windows({ sources: [] }), ...copies] })]);
    expect(server.states.map(({ name }) => name)).toEqual([null, '1', '2']);
  });

  test('is told of its server by whichever state knows it', () => {
    const [server] = findServers([
      stateAt('new', 9, { name: null, machineId: 'M-1' }),
      stateAt('old', 1, { domain: 'corp', serial: 's' }),
    ]);
    expect(server).toMatchObject({ name: 'WEB-01', domain: 'corp', machineId: 'M-1', sameBy: ['machine-id'] });
  });
});

describe('two states are of one server', () => {
  test.each<[string, Facts, Facts, boolean]>([
    ['of one name and machine', {}, { name: 'web-01', machineId: 'm-1' }, true],
    ['of one name and two machines', {}, { machineId: 'M-2' }, false],
    ['of two names and one machine', {}, { name: 'WEB-02' }, false],
    ['of one name and one disk, where one tells no machine', { diskId: 'D' }, { diskId: 'd', machineId: null }, true],
    ['of one name alone', { machineId: null }, { machineId: null }, false],
    ['of a disk whose server has no name', { diskId: 'D' }, { diskId: 'd', name: null, machineId: null }, true],
    [
      'of a disk without a name, of another machine',
      { diskId: 'D' },
      { diskId: 'D', name: null, machineId: 'M-2' },
      false,
    ],
    [
      'of a disk identity of nothing but zeros',
      { diskId: NIL_GUID },
      { diskId: NIL_GUID, name: null, machineId: null },
      false,
    ],
    [
      'of one serial of a data volume',
      { serial: 'S', role: 'data' },
      { serial: 's', role: 'data', name: null, machineId: null },
      true,
    ],
    [
      'of one serial of an unknown volume',
      { serial: 'S', role: 'unknown' },
      { serial: 's', role: 'unknown', name: null, machineId: null },
      true,
    ],
    [
      'of one serial of a system partition',
      { serial: 'S', role: 'efi-system' },
      { serial: 's', role: 'efi-system', name: null, machineId: null },
      false,
    ],
    ['of one partition', { partition: 'P' }, { partition: 'p', name: null, machineId: null }, true],
    ['of one id each, of two kinds', { partition: 'x' }, { serial: 'x', name: null, machineId: null }, false],
  ])('%s', (_, first, second, isOne) => {
    const images = [stateAt('a', 9, first), stateAt('b', 1, second)];
    const isAnybody = second.name === null && second.machineId === null;
    const two = isAnybody ? ['a'] : ['a', 'b'];
    expect(paths(images)).toEqual(isOne ? ['a b'] : two);
    expect(paths(images.toReversed()).toSorted()).toEqual(isOne ? ['a b'] : two);
  });

  test('by what two of them have, and a name or domain beside it', () => {
    const facts = { diskId: 'D', serial: 'S', partition: 'P', domain: 'corp' };
    const sameBy = (...all: readonly Facts[]) => findServers(all.map((one, i) => stateAt(String(i), i, one)))[0].sameBy;
    expect(sameBy(facts, facts)).toEqual(['disk-id', 'domain', 'machine-id', 'name', 'partition-id', 'volume-serial']);
    expect(sameBy(facts, { ...facts, diskId: 'E', domain: 'other' })).toEqual([
      'machine-id',
      'name',
      'partition-id',
      'volume-serial',
    ]);
    expect(sameBy(facts)).toEqual([]);
    // That neither has a name or a domain is nothing in common.
    const disk = { name: null, machineId: null, diskId: 'D' };
    expect(sameBy(disk, disk)).toEqual(['disk-id']);
  });

  test('and what could be of several, could not be opened, or is nobody’s, is of none', () => {
    const disk = { name: null, machineId: null, diskId: 'D' } as const;
    const failed = { path: 'x', error: {} } as unknown as FailedImage;
    const two = [stateAt('a', 1, { diskId: 'D' }), stateAt('b', 2, { diskId: 'D', name: 'WEB-02', machineId: 'M-2' })];
    expect(paths([...two, stateAt('c', 3, disk), failed])).toEqual(['a', 'b']);
    // Two that are like each other only are one server without a name.
    expect(paths([stateAt('c', 3, disk), stateAt('d', 4, disk)])).toEqual(['d c']);
    expect(paths([])).toEqual([]);
  });

  /** What the servers are, in whichever order the images come; a server without a name counts with two states. */
  const inAnyOrder = (...images: readonly ImageReport[]): string[] => {
    const sorted = (all: readonly ImageReport[]) => paths(all).toSorted();
    const found = sorted(images);
    for (const [index, first] of images.entries()) {
      const others = images.toSpliced(index, 1);
      expect(sorted([first, ...others])).toEqual(found);
      expect(sorted([first, ...others.toReversed()])).toEqual(found);
    }
    return found;
  };
  const nobody = { name: null, machineId: null } as const;

  test('that has the disk in several states', () => {
    const twice = [stateAt('a', 3, { diskId: 'D' }), stateAt('b', 2, { diskId: 'D' })];
    expect(inAnyOrder(...twice, stateAt('c', 1, { ...nobody, diskId: 'D' }))).toEqual(['a b c']);
  });

  test('and not where each of two has one of the ids', () => {
    const [a, b] = [
      stateAt('a', 3, { diskId: 'D' }),
      stateAt('b', 2, { name: 'WEB-02', machineId: 'M-2', serial: 'S' }),
    ];
    expect(inAnyOrder(a, b, stateAt('c', 1, { ...nobody, diskId: 'D', serial: 'S' }))).toEqual(['a', 'b']);
    // What could be of several leads nothing else anywhere.
    const c = stateAt('c', 1, { ...nobody, diskId: 'D', serial: 'S', partition: 'P' });
    expect(inAnyOrder(a, b, c, stateAt('d', 0, { ...nobody, partition: 'P' }))).toEqual(['a', 'b']);
  });

  test('that has no machine id is of the first that has one, and of no other then', () => {
    const facts = { name: null, diskId: 'D' };
    const images = [
      stateAt('a', 9, { diskId: 'D', machineId: null }),
      stateAt('b', 8, { ...facts, machineId: 'M-1' }),
      stateAt('c', 7, { ...facts, machineId: 'M-2' }),
    ];
    expect(paths(images)).toEqual(['a b', 'c']);
  });

  describe('made of one image, which differ in the machine id alone', () => {
    const disk = { diskId: 'D', serial: 'S', partition: 'P' };
    const [one, two] = [stateAt('a', 5, disk), stateAt('b', 4, { ...disk, name: 'WEB-02', machineId: 'M-2' })];
    const lost = (path: string, hour: number, machineId: string | null = 'M-2') =>
      stateAt(path, hour, { ...disk, name: null, machineId, sick: true });

    test('by that id where the name cannot be read', () => {
      expect(inAnyOrder(one, two, lost('c', 9))).toEqual(['a', 'c b']);
      const [, server] = findServers([one, two, lost('c', 9)]);
      // The newest state is broken: going back costs the hours since.
      expect(server).toMatchObject({ name: 'WEB-02', newestSafe: 1, lost: { milliseconds: 5 * 3_600_000 } });
    });

    test('also where none of that machine has a name', () => {
      expect(inAnyOrder(one, lost('c', 9), lost('d', 8))).toEqual(['a', 'c d']);
    });

    test('and of none where the machine id cannot be read either', () => {
      expect(inAnyOrder(one, lost('c', 9), lost('e', 1, null))).toEqual(['a', 'c']);
    });
  });

  test('that several link together: each like the one before', () => {
    const linked = [
      stateAt('a', 9, { machineId: null, serial: 's', diskId: 'd' }),
      stateAt('b', 8, { machineId: null, partition: 'p', diskId: 'e' }),
      stateAt('c', 7, { machineId: null, serial: 's', partition: 'p' }),
    ];
    // A partition and a serial of one volume lead from the first over the third to the second.
    expect(paths(linked)).toEqual(['a b c']);
    expect(paths([linked[2], linked[1], linked[0]])).toEqual(['a b c']);
    expect(paths(linked.slice(0, 2))).toEqual(['a', 'b']);
  });

  test('stand in the order in which the last image of each came', () => {
    const of2 = (path: string, hour: number) => stateAt(path, hour, { name: 'WEB-02', machineId: 'M-2' });
    expect(paths([stateAt('a', 1), of2('b', 2), stateAt('c', 3)])).toEqual(['b', 'c a']);
    expect(paths([of2('b', 2), stateAt('a', 1), of2('d', 3)])).toEqual(['a', 'd b']);
  });
});
