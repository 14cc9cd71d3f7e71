import { DeadboxError, type Issue } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { describe, expect, test } from 'vitest';
import { containerDoubts } from '../../../packages/triage/src/report/container-doubts.js';
import type { FailedImage, ImageReport, UnjudgedVolume } from '../../../packages/triage/src/report/report-types.js';
import { compareSeverity, type Severity, worseSeverity } from '../../../packages/triage/src/report/words.js';
import type { Rule } from '../../../packages/triage/src/rules/rule.js';
import { judgeImage } from '../../../packages/triage/src/scan/image-verdict.js';
import { diskRoleOf, settleMachine } from '../../../packages/triage/src/scan/settle-machine.js';
import { unjudgedVolumes } from '../../../packages/triage/src/scan/unjudged-volumes.js';

/*
 * From what was found on a disk to the one word and severity of its image (docs/verdicts.md): here a wrong word sends
 * a server back into production.
 */

const SEVERITIES: readonly Severity[] = ['act', 'attention', 'review', 'none'];

test('of two severities the more urgent one stands first', () => {
  for (const [i, left] of SEVERITIES.entries())
    for (const [j, right] of SEVERITIES.entries()) {
      expect(worseSeverity(left, right)).toBe(SEVERITIES[Math.min(i, j)]);
      expect(Math.sign(compareSeverity(left, right))).toBe(Math.sign(i - j));
    }
});

const issue = (code: string, severity: Issue['severity'] = 'warning'): Issue => ({ code, severity, data: {} });

interface DiskFacts {
  readonly volumes?: number;
  readonly encrypted?: boolean;
  readonly table?: readonly Issue[];
  readonly container?: readonly Issue[];
}

const diskOf = ({ volumes = 1, encrypted = false, table = [], container = [] }: DiskFacts = {}): Disk =>
  ({
    volumes: Array.from({ length: volumes }, () => ({})),
    encryption: encrypted ? [{}] : [],
    table: { issues: table },
    issues: { issues: container },
  }) as unknown as Disk;

/** Two rules: what each says of a row, and in which order it would have its words. */
const RULES = [
  {
    name: 'one',
    order: ['late', 'early'],
    verdicts: [
      { verdict: 'faulty', severity: 'act' },
      { verdict: 'mixed', severity: 'act' },
      { verdict: 'mixed', severity: 'review' },
      { verdict: 'mixed', severity: 'attention' },
      { verdict: 'early', severity: 'attention' },
      { verdict: 'late', severity: 'attention' },
      { verdict: 'clean', severity: 'none' },
    ],
  },
  {
    name: 'two',
    verdicts: [
      { verdict: 'bad', severity: 'act' },
      { verdict: 'also', severity: 'act' },
      { verdict: 'odd', severity: 'review' },
      { verdict: 'fine', severity: 'none' },
    ],
  },
] as unknown as readonly Rule[];

interface Found {
  readonly rule?: string;
  readonly verdict: string;
  readonly severity: Severity;
  readonly boot?: Severity;
  readonly active?: boolean;
}

function judged(found: readonly Found[], unjudged: readonly Partial<UnjudgedVolume>[] = [], disk = diskOf()): string {
  const installations = found.map(({ rule = 'one', verdict, severity, boot = 'none', active = true }) => ({
    rule,
    verdict,
    severity,
    active,
    boot: { severity: boot },
  }));
  const answer = judgeImage(installations as never, unjudged as UnjudgedVolume[], disk, RULES);
  return `${answer.verdict} ${answer.severity}`;
}

const CLEAN: Found = { verdict: 'clean', severity: 'none' };

describe('an image without a Windows', () => {
  test.each<[string, DiskFacts, string]>([
    ['has none, where its volumes could be read', {}, 'no-windows attention'],
    ['has none, whatever else is encrypted', { encrypted: true }, 'no-windows attention'],
    [
      'may have one behind an encryption of the whole disk',
      { volumes: 0, encrypted: true },
      'blocked-encrypted attention',
    ],
    ['may have one behind a damaged table', { table: [issue('gpt.bad', 'error')] }, 'unreadable attention'],
    ['and a table with a fault that hides nothing', { table: [issue('gpt.bad')] }, 'no-windows attention'],
    ['and without a volume cannot be read', { volumes: 0 }, 'unreadable attention'],
  ])('%s', (_, facts, answer) => {
    expect(judged([], [], diskOf(facts))).toBe(answer);
    // An installation that no machine starts does not count.
    expect(judged([{ ...CLEAN, active: false }], [], diskOf(facts))).toBe(answer);
  });
});

describe('an image has the verdict of the worst installation', () => {
  test.each<[readonly Found[], string]>([
    [[CLEAN], 'clean none'],
    [[CLEAN, { verdict: 'faulty', severity: 'act' }], 'faulty act'],
    [[CLEAN, { verdict: 'faulty', severity: 'act', active: false }], 'clean none'],
    // The more urgent word, then the earlier rule, then the order of the rule's own words.
    [
      [
        { rule: 'two', verdict: 'odd', severity: 'review' },
        { verdict: 'early', severity: 'attention' },
      ],
      'early attention',
    ],
    [
      [
        { rule: 'two', verdict: 'bad', severity: 'act' },
        { verdict: 'faulty', severity: 'act' },
      ],
      'faulty act',
    ],
    [
      [
        { verdict: 'early', severity: 'attention' },
        { verdict: 'late', severity: 'attention' },
      ],
      'late attention',
    ],
    [[{ rule: 'two', verdict: 'fine', severity: 'none' }, CLEAN], 'clean none'],
    // A word has the mildest severity that a row gives it: review here.
    [
      [
        { verdict: 'mixed', severity: 'act' },
        { verdict: 'early', severity: 'attention' },
      ],
      'early act',
    ],
    [
      [
        { verdict: 'mixed', severity: 'review' },
        { rule: 'two', verdict: 'odd', severity: 'review' },
      ],
      'mixed review',
    ],
    [
      [
        { rule: 'two', verdict: 'also', severity: 'act' },
        { rule: 'two', verdict: 'bad', severity: 'act' },
      ],
      'bad act',
    ],
    // What no row decides is to be reviewed; of two such the more urgent one.
    [[{ verdict: 'undecided', severity: 'review' }, CLEAN], 'undecided review'],
    [
      [
        { verdict: 'undecided', severity: 'review' },
        { verdict: 'early', severity: 'attention' },
      ],
      'early attention',
    ],
    [
      [
        { verdict: 'x', severity: 'review' },
        { verdict: 'y', severity: 'act' },
      ],
      'y act',
    ],
    [
      [
        { rule: 'three', verdict: 'x', severity: 'review' },
        { verdict: 'mixed', severity: 'review' },
      ],
      'x review',
    ],
  ])('%j: %s', (found, answer) => {
    expect(judged(found)).toBe(answer);
    expect(judged(found.toReversed())).toBe(answer);
  });

  test('and at least the severity of every boot check', () => {
    expect(judged([{ ...CLEAN, boot: 'act' }])).toBe('clean act');
    expect(judged([CLEAN, { ...CLEAN, boot: 'review' }])).toBe('clean review');
    expect(judged([CLEAN, { ...CLEAN, boot: 'act', active: false }])).toBe('clean none');
  });

  test.each<[string, DiskFacts, string]>([
    ['lacks something', { container: [issue('image.part-missing')] }, 'clean review'],
    ['contradicts itself', { container: [issue('image.any', 'error')] }, 'clean review'],
    ['says something that is worth knowing', { container: [issue('image.any', 'note')] }, 'clean none'],
    ['had a log that was replayed', { container: [issue('image.log-replayed')] }, 'clean none'],
    ['has a table that may hide volumes (MBR)', { table: [issue('mbr.extended-loop', 'note')] }, 'clean review'],
    ['has a table that may hide volumes (LDM)', { table: [issue('ldm.any', 'note')] }, 'clean review'],
    ['has a table that was cut', { table: [issue('gpt.array-capped', 'note')] }, 'clean review'],
    ['has too many partitions', { table: [issue('partition.too-many', 'note')] }, 'clean review'],
    ['has too many that overlap', { table: [issue('x'), issue('partition.overlap-capped')] }, 'clean review'],
    ['has a table with other faults', { table: [issue('gpt.crc', 'error'), issue('partition.x')] }, 'clean none'],
    ['has a table of whose faults the words only occur', { table: [issue('x.mbr.extended-')] }, 'clean none'],
  ])('and nothing reassuring where its container %s', (_, facts, answer) => {
    expect(judged([CLEAN], [], diskOf(facts))).toBe(answer);
  });
});

describe('a volume that nobody can judge', () => {
  const LOCKED = { verdict: 'blocked-encrypted', couldHoldWindows: true } as const;
  const UNREADABLE = { verdict: 'unreadable', couldHoldWindows: true } as const;

  test.each<[string, readonly Found[], readonly Partial<UnjudgedVolume>[], string]>([
    ['counts where it could hold Windows', [CLEAN], [UNREADABLE], 'unreadable attention'],
    ['counts where it is locked and could', [CLEAN], [LOCKED], 'blocked-encrypted attention'],
    ['does not where it is small', [CLEAN], [{ ...UNREADABLE, couldHoldWindows: false }], 'clean none'],
    ['does not where it is small and locked', [CLEAN], [{ ...LOCKED, couldHoldWindows: false }], 'clean none'],
    [
      'counts, small and locked, where nothing else is',
      [],
      [{ ...LOCKED, couldHoldWindows: false }],
      'blocked-encrypted attention',
    ],
    [
      'does not, small and unreadable, where nothing is',
      [],
      [{ ...UNREADABLE, couldHoldWindows: false }],
      'no-windows attention',
    ],
    ['stands behind what asks for an act', [{ verdict: 'faulty', severity: 'act' }], [LOCKED], 'faulty act'],
    [
      'stands before what asks for attention',
      [{ verdict: 'late', severity: 'attention' }],
      [UNREADABLE],
      'unreadable attention',
    ],
    ['locked stands before unreadable', [], [UNREADABLE, LOCKED], 'blocked-encrypted attention'],
  ])('%s', (_, found, unjudged, answer) => {
    expect(judged(found, unjudged)).toBe(answer);
    expect(judged(found, unjudged.toReversed())).toBe(answer);
  });
});

const GIB = 2 ** 30;
const SMALL = 2 ** 20;
/** What a volume is asked for. */
interface VolumeFacts {
  readonly locked?: boolean;
  readonly product?: string;
  readonly role?: Volume['role'];
  readonly length?: number;
  readonly missingDisks?: readonly string[];
  readonly fileSystem?: string;
  readonly type?: string | null;
  /** Bytes of it that are not zero. */
  readonly marks?: readonly number[];
  /** Read, it ends in an error: of the medium, or of the program. */
  readonly damaged?: boolean;
  readonly broken?: boolean;
}

/** The volume is number 2; the first one is the largest, and was judged. */
async function outcome(facts: VolumeFacts, failure?: string, named = false, largest = 8 * GIB): Promise<unknown> {
  const { locked = false, product, role = 'data', length = SMALL, missingDisks = [], fileSystem = 'unknown' } = facts;
  const { type = '0x07', marks = [], damaged = false, broken = false } = facts;
  const source = {
    size: length,
    read: (offset: number, count: number) => {
      if (broken || offset + count > length || count > 4096) throw new RangeError('out of reach');
      if (damaged) throw new DeadboxError('READ_FAILED', 'the medium gives nothing');
      const bytes = new Uint8Array(count);
      for (const mark of marks) if (mark >= offset && mark < offset + count) bytes[mark - offset] = 1;
      return bytes;
    },
  };
  const partition = type === null ? undefined : { type };
  const own = { number: 2, locked, encryption: { product }, role, length, missingDisks, fileSystem, partition, source };
  const first = { number: 1, locked: false, encryption: {}, role: 'windows', length: largest, missingDisks: [] };
  const disk = { volumes: [first, own] } as unknown as Disk;
  const failures = new Map(failure === undefined ? [] : [[2, { code: failure, reason: 'its reason' }]]);
  const [found, ...more] = await unjudgedVolumes(disk, failures, new Set(named ? [2] : []), {});
  expect(more).toEqual([]);
  return found === undefined ? 'judged' : [found.verdict, found.couldHoldWindows, found.reason];
}

describe('which volumes nobody can judge', () => {
  const UNKNOWN = 'VOLUME_UNRECOGNISED';

  test('are the locked ones, by what locks them', async () => {
    expect(await outcome({ locked: true, product: 'BitLocker' })).toEqual(['blocked-encrypted', false, 'BitLocker']);
    expect(await outcome({ locked: true }, 'X')).toEqual(['blocked-encrypted', false, 'encryption']);
    expect(await outcome({ locked: true, length: 4 * GIB })).toEqual(['blocked-encrypted', true, 'encryption']);
    expect(await outcome({ locked: true, length: 4 * GIB - 1 })).toEqual(['blocked-encrypted', false, 'encryption']);
  });

  test('and those that failed, but for what Windows reserves; no others', async () => {
    expect(await outcome({})).toBe('judged');
    expect(await outcome({}, 'NTFS_DAMAGED')).toEqual(['unreadable', true, 'its reason']);
    expect(await outcome({ role: 'microsoft-reserved' }, UNKNOWN)).toBe('judged');
    expect(await outcome({ role: 'microsoft-reserved', locked: true })).toBe('judged');
  });

  test.each<[string, VolumeFacts, string, boolean, number, boolean]>([
    ['a large one', { length: 4 * GIB, role: 'recovery' }, UNKNOWN, false, 8 * GIB, true],
    ['the largest one', { role: 'recovery' }, UNKNOWN, false, 1000, true],
    ['one of the length of the largest', { role: 'recovery' }, UNKNOWN, false, SMALL, true],
    ['a part of one on several disks', { role: 'recovery', missingDisks: ['b'] }, UNKNOWN, false, 8 * GIB, true],
    ['one that a boot store names', { role: 'recovery' }, UNKNOWN, true, 8 * GIB, true],
    ['a small system partition', { role: 'efi-system', marks: [0] }, 'X', false, 8 * GIB, false],
    ['a small reserved one', { role: 'system-reserved', marks: [0] }, 'X', false, 8 * GIB, false],
    ['a small recovery partition', { role: 'recovery', marks: [0] }, 'X', false, 8 * GIB, false],
    ['a damaged one', {}, 'NTFS_DAMAGED', false, 8 * GIB, true],
    ['one with a mark of NTFS', { fileSystem: 'ntfs', type: '0x83' }, UNKNOWN, false, 8 * GIB, true],
    ['one of another system', { type: '0x83', marks: [0] }, UNKNOWN, false, 8 * GIB, false],
    ['one that was never formatted', {}, UNKNOWN, false, 8 * GIB, false],
    ['one that cannot be read', { damaged: true }, UNKNOWN, false, 8 * GIB, true],
    ['one with something at its beginning', { marks: [4095] }, UNKNOWN, false, 8 * GIB, true],
    ['one with something at its end', { length: 10_000, marks: [9_999] }, UNKNOWN, false, 8 * GIB, true],
    [
      'one with something in its middle',
      { length: 64 * 8192, marks: [8192 * 33 + 100] },
      UNKNOWN,
      false,
      8 * GIB,
      true,
    ],
    ['a disk without a table', { type: null, marks: [0] }, UNKNOWN, false, 8 * GIB, true],
    ['one of basic data', { type: 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7', marks: [0] }, UNKNOWN, false, 8 * GIB, true],
    [
      'one of a dynamic disk',
      { type: 'AF9B60A0-1431-4F62-BC68-3311714A69AD', marks: [0] },
      UNKNOWN,
      false,
      8 * GIB,
      true,
    ],
    ['one of type 0x0c', { type: '0x0c', marks: [0] }, UNKNOWN, false, 8 * GIB, true],
  ])('of those %s: whether it could hold Windows', async (_, facts, failure, named, largest, answer) => {
    expect(await outcome(facts, failure, named, largest)).toEqual(['unreadable', answer, 'its reason']);
  });

  test('pass on what is no fact about the volume', async () => {
    await expect(outcome({ broken: true }, UNKNOWN)).rejects.toThrow('out of reach');
  });
});

describe('the disks of one machine', () => {
  const windows = (severity: Severity = 'none', active = true) =>
    ({ verdict: 'clean', severity, installations: [{ active }] }) as unknown as ImageReport;
  const data = (more: object = {}, issues: readonly Issue[] = []) =>
    ({
      verdict: 'no-windows',
      severity: 'attention',
      installations: [],
      unjudgedVolumes: [],
      causes: [],
      obstacles: [],
      image: { issues },
      ...more,
    }) as unknown as ImageReport;
  const failed = { error: {} } as unknown as FailedImage;

  test('hold the Windows that starts, data, or what nobody knows', () => {
    expect(diskRoleOf(windows())).toBe('windows');
    expect(diskRoleOf(failed)).toBe('unknown');
    expect(diskRoleOf(data())).toBe('data');
    expect(diskRoleOf(data({ causes: [{ severity: 'none' }], obstacles: [{ id: 'dynamic-disk' }] }))).toBe('data');
  });

  test.each<[string, object, (readonly Issue[])?]>([
    ['it was not judged to hold no Windows', { verdict: 'unreadable' }],
    ['a volume of it could not be judged', { unjudgedVolumes: [{}] }],
    ['something of it ends the start', { causes: [{ severity: 'none' }, { severity: 'review' }] }],
    ['it may be older than what the machine has', { obstacles: [{ id: 'x' }, { id: 'snapshot-beside' }] }],
    ['it is in use', { obstacles: [{ id: 'in-use' }] }],
    ['its machine was saved', { obstacles: [{ id: 'saved-vm-state' }] }],
    ['its container lacks something', {}, [issue('image.part-missing')]],
    ['it holds one that does not start', { installations: [{ active: false }], verdict: 'clean' }],
  ])('are no data disk where %s', (_, more, issues = []) => {
    const disk = data(more, issues);
    expect(diskRoleOf(disk)).toBe('unknown');
    expect(settleMachine([windows(), disk])[1]).toBe(disk);
  });

  test('ask for nothing where they hold data beside the Windows, and for what they did without one', () => {
    const [sick, other] = [windows('act'), data()];
    expect(settleMachine([other, sick, failed])).toEqual([{ ...other, severity: 'none' }, sick, failed]);
    expect(settleMachine([other, failed])).toEqual([other, failed]);
    expect(settleMachine([other, windows('none', false)])[0]).toBe(other);
    expect(settleMachine([])).toEqual([]);
  });
});

test('what a container says of itself is a doubt, unless it is only worth knowing, or a log that was replayed', () => {
  const doubts = [issue('a'), issue('b', 'error')];
  expect(containerDoubts([...doubts, issue('c', 'note'), issue('image.log-replayed', 'error')])).toEqual(doubts);
});
