import { describe, expect, test } from 'vitest';
import { headline, orderCauses, startVerdict } from '../../../packages/triage/src/causes/order.js';
import type { CauseReport } from '../../../packages/triage/src/report/cause-report.js';

const cause = (id: CauseReport['id'], more: Partial<CauseReport> = {}): CauseReport => ({
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

const ids = (causes: readonly CauseReport[]): string[] => causes.map(({ id }) => id);

describe('order of badness', () => {
  test('of two proven causes the one of the earlier phase stands first, whatever it asks for', () => {
    const late = cause('software-hive-bad', { phase: 'session' });
    const early = cause('bcd-missing', { severity: 'review' });
    expect(ids(orderCauses([late, early]))).toEqual(['bcd-missing', 'software-hive-bad']);
  });

  test('a proof of a late phase stands before a hint of an early one', () => {
    const hint = cause('bcd-device', { severity: 'review', confidence: 'hint' });
    const proof = cause('software-hive-bad', { phase: 'session', severity: 'review' });
    expect(headline(orderCauses([hint, proof]))).toBe('software-hive-bad');
  });

  test('what is only worth knowing stands last and makes no headline', () => {
    const known = cause('damaged-table-or-boot-sector', { phase: 'disk', severity: 'none' });
    expect(headline(orderCauses([known]))).toBeNull();
    expect(startVerdict(orderCauses([known]), false)).toBe('nothing-found');
    expect(ids(orderCauses([known, cause('bcd-device', { confidence: 'hint' })]))[1]).toBe(
      'damaged-table-or-boot-sector',
    );
  });
});

describe('one finding, one cause', () => {
  test('two ways to the same finding are one cause, with the surer proof and the more urgent severity', () => {
    const check = cause('loader-file-bad', { severity: 'review', data: { path: '\\x' } });
    const ladder = cause('loader-file-bad', { confidence: 'strong', data: { path: '\\X', state: 'zeros' } });
    const [one, ...more] = orderCauses([check, ladder]);
    expect(more).toEqual([]);
    expect(one).toMatchObject({ severity: 'act', confidence: 'proves', data: { path: '\\x', state: 'zeros' } });
  });

  test('the same cause in two files, or in two installations, is two causes', () => {
    const first = cause('loader-file-bad', { data: { path: '/a' } });
    const second = cause('loader-file-bad', { data: { path: '/b' } });
    const other = cause('loader-file-bad', { data: { path: '/a' }, installation: '/WINNT' });
    expect(orderCauses([first, second, other])).toHaveLength(3);
  });

  test('a consequence of another cause is left out on the same installation, and stays on another one', () => {
    const name = cause('bcd-wrong-loader-name', { installation: null });
    const file = cause('loader-file-bad', { phase: 'loader' });
    expect(ids(orderCauses([file, name]))).toEqual(['bcd-wrong-loader-name']);
    const elsewhere = cause('bcd-wrong-loader-name', { installation: '/WINNT' });
    expect(ids(orderCauses([file, elsewhere]))).toHaveLength(2);
  });
});

describe('what ordering costs', () => {
  test('many causes are looked at a few times each, not once for every other one', () => {
    const COUNT = 1000;
    let looks = 0;
    const counted = (i: number): CauseReport => ({
      ...cause('boot-execute-dangling', { phase: 'session', data: { name: `command${i}` } }),
      get installation() {
        looks += 1;
        return '/Windows';
      },
    });
    const causes = Array.from({ length: COUNT }, (_, i) => counted(i));
    expect(orderCauses([...causes, cause('bcd-missing')])).toHaveLength(COUNT + 1);
    expect(looks).toBeLessThanOrEqual(4 * COUNT);
  });
});

describe('whether Windows starts', () => {
  test('only a proof says no; a strong sign, a hint or something undecided is a doubt', () => {
    expect(startVerdict([cause('bcd-missing', { severity: 'review' })], false)).toBe('no');
    expect(startVerdict([cause('bcd-device', { confidence: 'strong' })], false)).toBe('doubtful');
    expect(startVerdict([], true)).toBe('doubtful');
    expect(startVerdict([], false)).toBe('nothing-found');
  });
});
