import { MemorySource } from '@deadbox/core';
import { type Disk, openDisk } from '@deadbox/disk';
import { describe, expect, test } from 'vitest';
import { type CauseResult, findCauses } from '../../../packages/triage/src/causes/find-causes.js';
import { diskSubject, firmwareOf } from '../../../packages/triage/src/subject/disk-subject.js';
import { Doubts } from '../../../packages/triage/src/subject/doubts.js';

/*
 * What is made of all that rules, boot check, hives and detectors found: whether the machine starts, and of which
 * Windows that is said. The disk here is empty; what was found on it is given.
 */

const EMPTY = await openDisk(new MemorySource(new Uint8Array(512), { name: 'disk' }));

/** A Windows of a volume, with what a rule and its hives say. */
interface Windows {
  readonly volume?: number;
  readonly active?: boolean;
  readonly faulty?: boolean;
  readonly hive?: string;
  readonly provisional?: readonly string[];
}

const report = ({ volume = 1, active = true, faulty = false, hive, provisional = [] }: Windows): object => ({
  active,
  volume,
  root: '/Windows',
  crash: {},
  provisional,
  hives:
    hive === undefined
      ? []
      : [{ path: '/config/SYSTEM', verdict: hive, codes: [], findings: [{ id: 'hive-missing' }] }],
  rules: faulty
    ? [
        {
          rule: 'r',
          verdict: 'faulty',
          severity: 'act',
          confidence: 'confirmed',
          confidenceFrom: null,
          provisional: [],
          decided: { files: [] },
          files: {},
        },
      ]
    : [],
});

interface Found {
  readonly windows?: readonly Windows[];
  readonly boot?: object;
  readonly log?: object;
  readonly doubt?: boolean;
}

const BOOT = {
  verdict: 'consistent',
  severity: 'none',
  findings: [],
  codes: [],
  store: null,
  identity: null,
  entries: [],
};

function found({ windows = [], boot, log, doubt = false }: Found): Promise<CauseResult> {
  const doubts = new Doubts();
  if (doubt) doubts.add(['bcd-missing'], { reason: 'unreadable' });
  const bootLogs = log === undefined ? [] : [{ volume: 2, path: '/Boot/log', log }];
  const subject = diskSubject({
    disk: EMPTY,
    volumes: [],
    stores: { stores: [], bootLogs, unreadable: [] } as never,
    boot: boot as never,
    firmware: 'none',
    obstacles: [],
    installations: [],
    target: undefined,
    doubts,
  });
  return findCauses(subject, windows.map(report) as never, {});
}

const told = ({ causes, cause, starts }: CauseResult): unknown => [
  starts,
  cause,
  causes.map(({ id, severity, confidence, volume }) => `${id} ${severity} ${confidence} ${volume}`),
];

describe('of a disk it is said', () => {
  test('nothing, where it holds no Windows, or its boot was not looked at', async () => {
    expect(told(await found({}))).toEqual(['not-checked', null, []]);
    expect(told(await found({ boot: BOOT }))).toEqual(['not-checked', null, []]);
    expect(told(await found({ windows: [{}] }))).toEqual(['not-checked', null, []]);
    expect(told(await found({ windows: [{}], boot: { ...BOOT, verdict: 'not-checked' } }))).toEqual([
      'not-checked',
      null,
      [],
    ]);
    expect(told(await found({ windows: [{ active: false }], boot: BOOT }))).toEqual(['not-checked', null, []]);
  });

  test('that nothing was found, unless something is open', async () => {
    expect(told(await found({ windows: [{}], boot: BOOT }))).toEqual(['nothing-found', null, []]);
    expect(told(await found({ windows: [{}], boot: BOOT, doubt: true }))).toEqual(['doubtful', null, []]);
    const listing = [{ provisional: ['log-pending'] }, { provisional: ['hibernated', 'listing-incomplete'] }];
    expect(told(await found({ windows: listing, boot: BOOT }))).toEqual(['doubtful', null, []]);
    expect(told(await found({ windows: listing.slice(0, 1), boot: BOOT }))).toEqual(['nothing-found', null, []]);
    expect((await found({ windows: [{}], boot: BOOT, doubt: true })).issues).toHaveLength(1);
  });

  test('what a rule, a hive and the boot check found', async () => {
    expect(told(await found({ windows: [{ faulty: true }], boot: BOOT }))).toEqual([
      'no',
      'rule:r',
      ['rule:r act proves 1'],
    ]);
    expect(told(await found({ windows: [{ faulty: true }] }))).toEqual(['no', 'rule:r', ['rule:r act proves 1']]);
    expect(told(await found({ windows: [{ hive: 'missing' }], boot: BOOT }))).toEqual([
      'no',
      'system-hive-missing',
      ['system-hive-missing review proves 1'],
    ]);
    expect(told(await found({ windows: [{ hive: 'missing', active: false }, {}], boot: BOOT }))).toEqual([
      'nothing-found',
      null,
      [],
    ]);
    const boot = { ...BOOT, verdict: 'store-missing', severity: 'act' };
    expect(told(await found({ windows: [{}], boot }))).toEqual(['no', 'bcd-missing', ['bcd-missing act proves null']]);
  });

  test('no proof, where nobody could read its Windows', async () => {
    const boot = { ...BOOT, verdict: 'store-missing', severity: 'act' };
    expect(told(await found({ boot }))).toEqual(['doubtful', 'bcd-missing', ['bcd-missing review strong null']]);
    expect(told(await found({ boot: { ...boot, severity: 'attention' } }))).toEqual([
      'doubtful',
      'bcd-missing',
      ['bcd-missing attention strong null'],
    ]);
  });
});

describe('of several Windows of a disk', () => {
  const entry = (volume: number | undefined, role = 'default', element = 'osdevice') => ({
    role,
    devices: [
      { element: 'device', partition: 1 },
      { element, partition: volume },
    ],
  });
  const boot = (...entries: readonly object[]) => ({ ...BOOT, entries });
  const two = [{ volume: 1 }, { volume: 2, faulty: true }];

  test('the one that the machine does not start is worth knowing only', async () => {
    const result = await found({ windows: two, boot: boot(entry(2, 'other'), entry(1)) });
    // A rule's finding stays: it is about files that must not come back into use.
    expect(told(result)).toEqual(['no', 'rule:r', ['rule:r act proves 2']]);
    const hives = [{ volume: 1 }, { volume: 2, hive: 'missing' }];
    const other = await found({ windows: hives, boot: boot(entry(2, 'other'), entry(1)) });
    expect(told(other)).toEqual(['nothing-found', null, ['system-hive-missing none proves 2']]);
    expect(other.causes[0].data).toMatchObject({ otherWindows: true, path: '/config/SYSTEM' });
    expect(told(await found({ windows: hives, boot: boot(entry(2)) }))).toEqual([
      'no',
      'system-hive-missing',
      ['system-hive-missing review proves 2'],
    ]);
  });

  test.each<[string, object, readonly Windows[]]>([
    ['no entry is the default', boot(entry(1, 'other')), [{ volume: 1 }, { volume: 2, hive: 'missing' }]],
    [
      'the default names no device',
      boot(entry(1, 'default', 'device')),
      [{ volume: 3 }, { volume: 2, hive: 'missing' }],
    ],
    ['the default names another volume', boot(entry(9)), [{ volume: 1 }, { volume: 2, hive: 'missing' }]],
    ['the default names none', boot(entry(undefined)), [{ volume: 1 }, { volume: 2, hive: 'missing' }]],
    [
      'there is one only',
      boot(entry(1)),
      [
        { volume: 1, active: false },
        { volume: 2, hive: 'missing' },
      ],
    ],
  ])('each may be meant where %s', async (_, store, windows) => {
    expect((await found({ windows, boot: store })).starts).toBe('no');
  });

  test('what is of the disk itself concerns all', async () => {
    const store = { ...boot(entry(1)), verdict: 'store-damaged', severity: 'act' };
    expect(
      (await found({ windows: [{ volume: 1 }, { volume: 2, hive: 'missing' }], boot: store })).causes,
    ).toHaveLength(2);
  });
});

describe('a failure that the boot manager recorded', () => {
  const start = (outcome: string, ...failures: readonly object[]) => ({
    at: '2024-07-19',
    launched: [],
    failures,
    outcome,
  });
  const log = (...starts: readonly object[]) => ({ starts, entries: [] });
  const failed = start('failed', { status: '0xC000000F', path: '/a' });

  test('stands by itself where nothing explains it, and was the last start', async () => {
    expect(told(await found({ windows: [{}], boot: BOOT, log: log(failed) }))).toEqual([
      'doubtful',
      'boot-log-failure',
      ['boot-log-failure review strong 2'],
    ]);
    expect((await found({ windows: [{}], boot: BOOT, log: log(failed) })).causes[0]).toMatchObject({
      codes: ['0xC000000F'],
      data: { status: '0xC000000F', path: '/a', at: '2024-07-19', log: '/Boot/log' },
    });
    expect((await found({ windows: [{}], boot: BOOT, log: log(failed, start('started')) })).causes).toEqual([]);
    expect((await found({ windows: [{}], boot: BOOT, log: log(start('started')) })).causes).toEqual([]);
  });

  test('proves what shows its code, and is left out beside what ends the start before the kernel', async () => {
    const boot = { ...BOOT, verdict: 'store-missing', severity: 'act', codes: ['0xC000000F'] };
    const [cause, ...more] = (await found({ boot, log: log(failed) })).causes;
    // Nobody read a Windows here: strong at first, raised by the log.
    expect([more, cause]).toMatchObject([[], { id: 'bcd-missing', confidence: 'proves', data: { inBootLog: true } }]);
    const other = { ...boot, codes: ['0xC0000225'] };
    const [plain, ...rest] = (await found({ windows: [{}], boot: other, log: log(failed) })).causes;
    expect([rest, plain]).toMatchObject([[], { id: 'bcd-missing', confidence: 'proves' }]);
    expect(plain.data).not.toHaveProperty('inBootLog');
  });
});

test('a disk offers a way of starting by its stores and by its table', () => {
  const disk = (kind: string, ...volumes: readonly object[]): Disk => ({ table: { kind }, volumes }) as unknown as Disk;
  const stores = (...roles: readonly string[]) => ({ stores: roles.map((role) => ({ role })) }) as never;
  const [active, efi, data] = [
    { partition: { bootable: true } },
    { role: 'efi-system' },
    { partition: {}, role: 'data' },
  ];
  for (const [answer, facts] of [
    ['none', firmwareOf(disk('mbr', data, {}), stores())],
    ['none', firmwareOf(disk('gpt', active), stores('other'))],
    ['bios', firmwareOf(disk('mbr', data, active), stores())],
    ['bios', firmwareOf(disk('gpt', data), stores('other', 'bios'))],
    ['uefi', firmwareOf(disk('gpt', data, efi), stores())],
    ['uefi', firmwareOf(disk('mbr', data), stores('uefi', 'other'))],
    ['both', firmwareOf(disk('mbr', efi, active), stores())],
    ['both', firmwareOf(disk('gpt'), stores('uefi', 'bios'))],
  ])
    expect(facts).toBe(answer);
});
