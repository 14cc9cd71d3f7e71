import { type Json, MemorySource } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import { describe, expect, test } from 'vitest';
import type { CauseId } from '../../../packages/triage/src/cause-kinds/cause-kinds.js';
import { bootCheckCauses } from '../../../packages/triage/src/causes/boot-check-causes.js';
import { capCauses } from '../../../packages/triage/src/causes/cap-causes.js';
import { hiveCauses } from '../../../packages/triage/src/causes/hive-causes.js';
import { headline, orderCauses, startVerdict } from '../../../packages/triage/src/causes/order.js';
import { ruleCauses } from '../../../packages/triage/src/causes/rule-causes.js';
import type { CauseReport } from '../../../packages/triage/src/report/cause-report.js';
import type { BootReport } from '../../../packages/triage/src/report/report-types.js';
import type { DiskSubject } from '../../../packages/triage/src/subject/disk-subject.js';
import { Doubts } from '../../../packages/triage/src/subject/doubts.js';

/*
 * Which of all that was found is the cause that stands in the headline, and what is left out, or not believed
 * (docs/causes.md).
 */

const cause = (id: CauseId, more: Partial<CauseReport> = {}): CauseReport => ({
  id,
  phase: 'boot-manager',
  severity: 'act',
  confidence: 'proves',
  volume: 3,
  installation: '/Windows',
  codes: [],
  data: {},
  evidence: [],
  repair: { class: 'none', operation: null },
  ...more,
});

describe('of two causes the one stands first', () => {
  const PHASES = ['image', 'disk', 'firmware', 'boot-manager', 'loader', 'kernel', 'session', 'logon', 'data'] as const;
  const rows: readonly [string, Partial<CauseReport>, Partial<CauseReport>][] = [
    ['that asks for something', { severity: 'review', confidence: 'hint', phase: 'data' }, { severity: 'none' }],
    ['that ends the start', { phase: 'data', severity: 'review' }, { confidence: 'strong', phase: 'image' }],
    ['that is a strong sign', { confidence: 'strong', phase: 'data' }, { confidence: 'hint', phase: 'image' }],
    ['that is more urgent', { severity: 'act' }, { severity: 'review' }],
    ['of the earlier volume', { volume: 2 }, { volume: 3 }],
    ['of the disk itself', { volume: null }, { volume: 1 }],
    ...PHASES.slice(1).map((phase, i): [string, Partial<CauseReport>, Partial<CauseReport>] => [
      `of the phase ${PHASES[i]}, before ${phase}`,
      { phase: PHASES[i], severity: 'review', volume: 9 },
      { phase, volume: 1 },
    ]),
  ];

  test.each(rows)('%s', (_, first, second) => {
    const [one, two] = [
      cause('winre-broken', { ...first, data: { path: 1 } }),
      cause('winre-broken', { ...second, data: { path: 2 } }),
    ];
    for (const causes of [
      [one, two],
      [two, one],
    ])
      expect(orderCauses(causes).map(({ data }) => data.path)).toEqual([1, 2]);
  });

  test('that ends the start, though what Windows starts in spite of is proven as well', () => {
    const harmless = cause('secure-boot-state', { phase: 'firmware' });
    const proof = cause('software-hive-bad', { phase: 'session', severity: 'review' });
    expect(headline(orderCauses([harmless, proof]))).toBe('software-hive-bad');
    expect(startVerdict([harmless], false)).toBe('doubtful');
    expect(startVerdict([{ ...proof, severity: 'none' }], false)).toBe('nothing-found');
    expect(headline([])).toBeNull();
    expect(headline([{ ...proof, severity: 'none' }])).toBeNull();
  });

  test('of which two ways to one finding made the more urgent', () => {
    const [one, two] = [
      cause('winre-broken', { severity: 'review', confidence: 'strong', volume: 1 }),
      cause('bcd-imc', { confidence: 'strong', volume: 2 }),
    ];
    expect(orderCauses([one, two]).map(({ id }) => id)).toEqual(['bcd-imc', 'winre-broken']);
    const again = cause('winre-broken', { confidence: 'hint', volume: 1 });
    expect(orderCauses([one, again, two]).map(({ id }) => id)).toEqual(['winre-broken', 'bcd-imc']);
  });
});

describe('whether Windows starts', () => {
  const [proof, hint, known] = [
    cause('bcd-missing', { severity: 'review' }),
    cause('bcd-device', { confidence: 'hint' }),
    cause('bcd-imc', { severity: 'none', confidence: 'hint' }),
  ];

  test.each([
    [[proof], false, 'no'],
    [[hint, proof, known], true, 'no'],
    [[hint], false, 'doubtful'],
    [[cause('bcd-device', { confidence: 'strong' })], false, 'doubtful'],
    [[known, hint], false, 'doubtful'],
    [[known], true, 'doubtful'],
    [[], true, 'doubtful'],
    [[known], false, 'nothing-found'],
    [[], false, 'nothing-found'],
  ])('%#: one proof says no; anything else that asks for something, or is open, is a doubt', (causes, open, answer) => {
    expect(startVerdict(causes, open)).toBe(answer);
  });
});

describe('two findings are one', () => {
  const differ = (left: Partial<CauseReport>, right: Partial<CauseReport>): boolean =>
    orderCauses([cause('winre-broken', left), cause('winre-broken', right)]).length === 2;

  test('of the same file, key or name, whatever its case, in the same place', () => {
    expect(differ({ data: { path: '/A' } }, { data: { path: '/a', name: 'x' } })).toBe(false);
    expect(differ({ data: { key: 'k' } }, { data: { key: 'K' } })).toBe(false);
    expect(differ({ data: { key: 'k', name: 'a' } }, { data: { key: 'k', name: 'b' } })).toBe(false);
    expect(differ({ data: { path: 'p', key: 'a' } }, { data: { path: 'p', key: 'b' } })).toBe(false);
    expect(differ({ data: { name: 'n' } }, { data: { name: 'N' } })).toBe(false);
    expect(differ({}, {})).toBe(false);
    expect(differ({ installation: '/Windows', volume: 1 }, { installation: '/WINDOWS', volume: 2 })).toBe(false);
  });

  test('and not of another file, key, name, volume or Windows', () => {
    for (const key of ['path', 'key', 'name']) {
      expect(differ({ data: { [key]: 'a' } }, { data: { [key]: 'b' } })).toBe(true);
      expect(differ({ data: { [key]: 'a' } }, {})).toBe(true);
    }
    expect(differ({ installation: '/a' }, { installation: '/b' })).toBe(true);
    expect(differ({ installation: null, volume: 1 }, { installation: null, volume: 2 })).toBe(true);
  });

  test('with the facts and the evidence of both, those of the surer one first', () => {
    const bytes = (offset: number) => ({ offset }) as unknown as CauseReport['evidence'][number];
    const [sure, other] = [
      cause('winre-broken', { severity: 'review', data: { path: 'a', from: 'sure' } }),
      cause('winre-broken', { confidence: 'hint', data: { path: 'A', from: 'other', more: 1 }, evidence: [bytes(2)] }),
    ];
    expect(orderCauses([other, sure])).toEqual([
      { ...sure, severity: 'act', data: { path: 'a', from: 'sure', more: 1 }, evidence: other.evidence },
    ]);
    expect(orderCauses([other, { ...sure, evidence: [bytes(1)] }])[0].evidence).toEqual([bytes(1)]);
    const mild = { ...other, severity: 'none' } as const;
    expect(orderCauses([mild, sure])[0]).toMatchObject({ severity: 'review', confidence: 'proves' });
  });
});

describe('a consequence is left out', () => {
  const HIVE = 'software-hive-bad';
  const name = cause('bcd-wrong-loader-name', { installation: null });
  const file = cause('loader-file-bad', { phase: 'loader' });
  const left = (...causes: readonly CauseReport[]): boolean => !orderCauses(causes).some(({ id }) => id === file.id);

  test('of a cause of the same Windows, of the disk, or of any where it is of the disk itself', () => {
    expect(left(file, { ...name, installation: '/Windows' })).toBe(true);
    expect(left(file, name)).toBe(true);
    expect(left({ ...file, installation: null }, { ...name, installation: '/Other' })).toBe(true);
    expect(
      left(file, { ...name, installation: '/Other' }, { ...name, installation: '/Windows', data: { path: 'x' } }),
    ).toBe(true);
  });

  test('and not of another Windows, of what is only worth knowing, nor of what brings nothing about', () => {
    expect(left(file, { ...name, installation: '/Other' })).toBe(false);
    expect(left(file, { ...name, severity: 'none' })).toBe(false);
    expect(left(file, cause(HIVE))).toBe(false);
    expect(left(file)).toBe(false);
  });

  test('unless it is only worth knowing itself', () => {
    expect(left({ ...file, severity: 'none' }, name)).toBe(false);
  });
});

describe('of a kind in one place', () => {
  const many = (count: number, more: Partial<CauseReport> = {}): CauseReport[] =>
    Array.from({ length: count }, (_, i) => cause('boot-execute-dangling', { data: { name: i }, ...more }));

  test('fifty are listed, and the last one says how many more there are', () => {
    expect(capCauses(many(50))).toEqual(many(50));
    const capped = capCauses(many(53));
    expect(capped).toHaveLength(50);
    expect(capped.slice(0, 49)).toEqual(many(49));
    expect(capped[49]).toEqual({ ...many(50)[49], more: 3 });
  });

  test('and those of other kinds and places are counted on their own, and stay where they stand', () => {
    const others: readonly Partial<CauseReport>[] = [
      { severity: 'none' },
      { confidence: 'hint' },
      { volume: 4 },
      { installation: '/Other' },
      { id: 'bcd-missing' },
    ];
    for (const other of others) {
      const causes = [...many(30), ...many(51, other), ...many(22)];
      const capped = capCauses(causes);
      expect(capped).toHaveLength(100);
      expect(capped.filter(({ more }) => more !== undefined).map(({ more }) => more)).toEqual([1, 2]);
      expect(capped[79]).toMatchObject({ ...other, more: 1 });
      expect(capped[99]).toMatchObject({ more: 2 });
    }
  });
});

describe('what a rule found is a cause', () => {
  const RESULT = {
    rule: 'a-rule',
    verdict: 'faulty',
    severity: 'act',
    confidence: 'confirmed',
    confidenceFrom: null,
    provisional: [],
    decided: { files: ['bad', 'none'] },
    files: {
      bad: [
        { path: '/a', evidence: [1] },
        { path: '/b', evidence: [2, 3] },
      ],
      good: [{ path: '/c', evidence: [4] }],
    },
  };

  const found = (result: object, more: object = {}): CauseReport[] =>
    ruleCauses([
      { active: true, volume: 3, root: '/Windows', crash: {}, rules: [{ ...RESULT, ...result }], ...more } as never,
    ]);

  test('with the files that decided, and the proof of its confidence', () => {
    expect(found({})).toEqual([
      {
        id: 'rule:a-rule',
        phase: 'kernel',
        severity: 'act',
        confidence: 'proves',
        volume: 3,
        installation: '/Windows',
        codes: [],
        data: { rule: 'a-rule', verdict: 'faulty', files: ['/a', '/b'] },
        evidence: [1, 2, 3],
        repair: { class: 'none', operation: null },
      },
    ]);
  });

  test.each([
    ['confirmed', 'proves'],
    ['likely', 'proves'],
    ['normal', 'strong'],
    ['file-only', 'strong'],
    ['lower', 'hint'],
    ['contradicted', 'hint'],
  ])('%s: it %s, where it asks for an act; else it is a hint', (confidence, answer) => {
    expect(found({ confidence })[0].confidence).toBe(answer);
    for (const severity of ['review', 'attention']) expect(found({ confidence, severity })[0].confidence).toBe('hint');
  });

  test('with the code of the crash that its confidence comes from', () => {
    const crash = { dump: { code: '0x50' }, log: { code: null } };
    expect(found({ confidenceFrom: 'dump' }, { crash })[0].codes).toEqual(['0x50']);
    expect(found({ confidenceFrom: 'log' }, { crash })[0].codes).toEqual([]);
    expect(found({ confidenceFrom: 'other' }, { crash })[0].codes).toEqual([]);
    expect(found({}, { crash })[0].codes).toEqual([]);
  });

  test('unless it is harmless, not proven, decided by no row, or of a Windows that does not start', () => {
    expect(found({ severity: 'none' })).toEqual([]);
    expect(found({ provisional: ['log-pending'] })).toEqual([]);
    expect(found({ decided: null })).toEqual([]);
    expect(found({}, { active: false })).toEqual([]);
    expect(found({ decided: {} })[0].data.files).toEqual([]);
  });
});

describe('what the boot check found is a cause', () => {
  const STORE = { partition: 2, path: '/Boot/BCD' };

  function subject(boot: object | undefined, disk: object = { table: { kind: 'none' } }): DiskSubject {
    const report =
      boot === undefined
        ? undefined
        : { severity: 'act', findings: [], codes: ['0xC000000E'], entries: [], store: STORE, identity: null, ...boot };
    return {
      boot: report as BootReport | undefined,
      disk: disk as Disk,
      doubts: new Doubts(),
    } as unknown as DiskSubject;
  }

  const idOf = async (boot: object | undefined): Promise<string | undefined> =>
    (await bootCheckCauses(subject(boot), {}))[0]?.id;

  test.each([
    ['identity-changed', 'bcd-identity'],
    ['partition-missing', 'bcd-device'],
    ['converted-disk', 'bcd-device'],
    ['store-missing', 'bcd-missing'],
    ['store-damaged', 'bcd-damaged'],
    ['default-entry-missing', 'bcd-default-missing'],
    ['consistent', undefined],
    ['system-partition-missing', undefined],
    ['not-checked', undefined],
  ])('%s: %s', async (verdict, id) => {
    expect(await idOf({ verdict })).toBe(id);
  });

  test('of a loader that is not found the surest finding', async () => {
    const finding = (id: string, data: Record<string, Json> = {}) => ({ id, data });
    const missing = (...findings: readonly object[]) => idOf({ verdict: 'loader-missing', findings });
    const [firmware, root, file] = ['loader-wrong-firmware', 'system-root-missing', 'loader-file-missing'].map((id) =>
      finding(id),
    );
    expect(await missing(file, root, firmware)).toBe('bcd-wrong-loader-name');
    expect(await missing(file, root)).toBe('bcd-systemroot-wrong');
    expect(await missing(file)).toBe('loader-file-bad');
    expect(await missing(finding('loader-file-missing', { found: '/x' }))).toBe('bcd-wrong-loader-name');
    expect(await missing(finding('boot-manager-missing'))).toBeUndefined();
    expect(await missing()).toBeUndefined();
    expect(await bootCheckCauses(subject(undefined), {})).toEqual([]);
  });

  test('with all facts', async () => {
    const boot = {
      verdict: 'partition-missing',
      findings: [
        { id: 'a', data: { one: 1, both: 1 } },
        { id: 'b', data: { two: 2, both: 2 } },
      ],
    };
    const facts = {
      id: 'bcd-device',
      severity: 'act',
      confidence: 'proves',
      installation: null,
      codes: ['0xC000000E'],
      evidence: [],
    };
    const findings = { one: 1, two: 2, both: 2 };
    expect(await bootCheckCauses(subject(boot), {})).toEqual([
      { ...facts, volume: 2, data: { ...findings, store: '/Boot/BCD', current: null, former: null } },
    ]);
    const identity = { current: 'c', former: 'f' };
    expect(await bootCheckCauses(subject({ ...boot, store: null, identity }), {})).toEqual([
      { ...facts, volume: null, data: { ...findings, store: null, ...identity } },
    ]);
  });
});

describe('what became of a hive is a cause', () => {
  const of = (path: string, verdict: string, findings: readonly string[] = []) =>
    hiveCauses({
      volume: 3,
      root: '/Windows',
      hives: [{ path, verdict, codes: ['0x74'], findings: findings.map((id) => ({ id })) }],
    } as never);
  const SYSTEM = '/Windows/System32/config/SYSTEM';

  test.each([
    [SYSTEM, 'missing', 'system-hive-missing'],
    [SYSTEM, 'damaged', 'system-hive-damaged'],
    ['\\config\\system', 'at-risk', 'system-hive-incomplete'],
    ['/Windows/System32/config/SOFTWARE', 'missing', 'software-hive-bad'],
    ['/config/SYSTEM.old', 'damaged', 'software-hive-bad'],
    ['/config/MYSYSTEM', 'damaged', 'software-hive-bad'],
  ])('%s, %s: %s', (path, verdict, id) => {
    expect(of(path, verdict)).toEqual([
      {
        id,
        severity: 'review',
        confidence: 'strong',
        volume: 3,
        installation: '/Windows',
        codes: ['0x74'],
        data: { path, findings: [] },
        evidence: [],
      },
    ]);
  });

  test('a proof where Windows cannot load it at all, and none where it can', () => {
    for (const fatal of ['hive-missing', 'hive-empty', 'hive-not-regf', 'hive-root-unreadable', 'hive-truncated'])
      expect(of(SYSTEM, 'damaged', ['hive-other', fatal])).toMatchObject([
        { confidence: 'proves', data: { findings: ['hive-other', fatal] } },
      ]);
    expect(of(SYSTEM, 'damaged', ['hive-other'])[0].confidence).toBe('strong');
    for (const verdict of ['clean', 'recoverable'])
      for (const path of [SYSTEM, '/config/SOFTWARE']) expect(of(path, verdict)).toEqual([]);
  });
});

describe('of a boot check', () => {
  const STORE = { partition: 2, path: '/Boot/BCD' };

  test('that did not come to its end every cause of the store stays open', async () => {
    const boot = {
      verdict: 'consistent',
      findings: [
        { id: 'other', data: {} },
        { id: 'store-too-long', data: {} },
      ],
      store: STORE,
    };
    const doubts = new Doubts();
    const facts = { boot, doubts, disk: { table: { kind: 'none' } } } as unknown as DiskSubject;
    expect(await bootCheckCauses(facts, {})).toEqual([]);
    expect(doubts.issues).toMatchObject([{ data: { volume: 2, path: '/Boot/BCD', reason: 'too-many' } }]);
    expect(doubts.issues[0].data.causes).toEqual(
      expect.arrayContaining(['bcd-identity', 'bcd-device', 'recovery-loop', 'loader-file-bad', 'safe-boot-left']),
    );
    for (const other of [
      { ...boot, store: null },
      { ...boot, findings: boot.findings.slice(0, 1) },
    ]) {
      const none = new Doubts();
      await bootCheckCauses({ ...facts, boot: other, doubts: none } as unknown as DiskSubject, {});
      expect(none.issues).toEqual([]);
    }
  });

  test.each([
    // UEFI 2.10, 5.3.2: DiskGUID at byte 56 of the header, in the sector behind the first one.
    ['gpt', 512, 512 + 56, 16],
    ['gpt', 4096, 4096 + 56, 16],
    ['mbr', 512, 0x1b8, 4],
    ['mbr', 4096, 0x1b8, 4],
    ['none', 512, 0, 0],
  ])('another identity is shown where it stands: %s, %i bytes a sector', async (kind, sectorSize, offset, length) => {
    const bytes = Uint8Array.from({ length: 8192 }, (_, i) => i % 251);
    const boot = {
      verdict: 'identity-changed',
      severity: 'act',
      findings: [],
      codes: [],
      store: STORE,
      identity: null,
    };
    const disk = { table: { kind, sectorSize }, image: new MemorySource(bytes, { name: 'disk' }) };
    const [found] = await bootCheckCauses({ boot, disk, doubts: new Doubts() } as unknown as DiskSubject, {});
    expect(found.evidence.map((one) => [one.offset, one.length])).toEqual(length === 0 ? [] : [[offset, length]]);
    const other = { ...boot, verdict: 'store-missing' };
    const [missing] = await bootCheckCauses({ boot: other, disk, doubts: new Doubts() } as unknown as DiskSubject, {});
    expect(missing.evidence).toEqual([]);
  });
});

describe('a doubt', () => {
  const issue = (causes: readonly string[], facts: Record<string, Json>, more: object = {}) => ({
    code: 'cause.undecided',
    severity: 'warning',
    ...more,
    data: { causes, ...facts },
  });

  test('is kept once for each reason and place, with all causes that it leaves open', () => {
    const doubts = new Doubts();
    const at = { layer: 'volume', offset: 7 };
    doubts.add(['bcd-missing'], { reason: 'unreadable', path: '/a' });
    doubts.add(['bcd-device', 'bcd-missing'], { reason: 'unreadable', path: '/a' });
    doubts.add(['bcd-device'], { reason: 'unreadable', path: '/b' });
    doubts.add(['bcd-device'], { reason: 'unreadable', path: '/b' }, at);
    expect(doubts.issues).toEqual([
      issue(['bcd-missing', 'bcd-device'], { reason: 'unreadable', path: '/a' }),
      issue(['bcd-device'], { reason: 'unreadable', path: '/b' }),
      issue(['bcd-device'], { reason: 'unreadable', path: '/b' }, { at }),
    ]);
    expect(Object.hasOwn(doubts.issues[0], 'at')).toBe(false);
    expect(new Doubts().issues).toEqual([]);
  });

  test('beyond the hundredth speaks through the last one: no cause is decided by being one too many', () => {
    const doubts = new Doubts();
    const add = (i: number, ...causes: readonly CauseId[]): void => doubts.add(causes, { path: String(i) });
    for (let i = 0; i < 100; i += 1) add(i, 'bcd-missing');
    expect(doubts.issues).toHaveLength(100);
    add(100, 'bcd-device', 'bcd-missing');
    add(101, 'bcd-identity');
    expect(doubts.issues).toHaveLength(100);
    expect(doubts.issues[99]).toEqual(issue(['bcd-missing', 'bcd-device', 'bcd-identity'], { path: '99' }));
    // One that is known is told of where it stands.
    add(5, 'bcd-imc');
    expect(doubts.issues[5].data.causes).toEqual(['bcd-missing', 'bcd-imc']);
  });
});
