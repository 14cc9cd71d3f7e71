import type { CauseReport } from '@deadbox/triage';
import { causesOfCode, readWhyQuery, whyReport } from '@deadbox/triage/why';
import { knownFailureCodes } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';

// Codes and names: MS-ERREF 2.3.1 and Microsoft's "Bug Check Code Reference".

describe('what was asked', () => {
  test.each([
    ['0xC000000E', 0xc000000e, 'status', 'STATUS_NO_SUCH_DEVICE'],
    ['0xc000000e', 0xc000000e, 'status', 'STATUS_NO_SUCH_DEVICE'],
    ['C000000E', 0xc000000e, 'status', 'STATUS_NO_SUCH_DEVICE'],
    ['-1073741810', 0xc000000e, 'status', 'STATUS_NO_SUCH_DEVICE'],
    ['STATUS_NO_SUCH_DEVICE', 0xc000000e, 'status', 'STATUS_NO_SUCH_DEVICE'],
    ['7B', 0x7b, 'stop-code', 'INACCESSIBLE_BOOT_DEVICE'],
    ['0x7B', 0x7b, 'stop-code', 'INACCESSIBLE_BOOT_DEVICE'],
    ['0x0000007B', 0x7b, 'stop-code', 'INACCESSIBLE_BOOT_DEVICE'],
    ['7Bh', 0x7b, 'stop-code', 'INACCESSIBLE_BOOT_DEVICE'],
    ['STOP: 0x0000007B (0xFFFFF880009A97E8, 0xFFFFFFFFC0000034)', 0x7b, 'stop-code', 'INACCESSIBLE_BOOT_DEVICE'],
    ['inaccessible_boot_device', 0x7b, 'stop-code', 'INACCESSIBLE_BOOT_DEVICE'],
    ['EF', 0xef, 'stop-code', 'CRITICAL_PROCESS_DIED'],
    ['0x1000007E', 0x7e, 'stop-code', 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED'],
    ['0xC0000411', 0xc0000411, 'status', 'STATUS_HIBERNATION_FAILURE'],
    ['error 0x800F0845', 0x800f0845, 'status', undefined],
  ])('%s is a code', (query, code, kind, name) => {
    expect(readWhyQuery(query)).toEqual({
      kind: 'code',
      code: { code, kind, ...(name === undefined ? {} : { name }) },
    });
  });

  test.each(['Getting Windows ready', 'bad', 'face', 'BOOTMGR is missing', '', '   ', '0x', '123456789012'])(
    '"%s" is text',
    (query) => {
      expect(readWhyQuery(query)).toEqual({ kind: 'text', text: query.trim() });
    },
  );

  test('every known code is read back by its number and by its name', () => {
    for (const code of knownFailureCodes()) {
      const asked = readWhyQuery(`0x${code.toString(16)}`);
      if (asked.kind !== 'code') throw new Error(String(code));
      expect(readWhyQuery(asked.code.name ?? '')).toMatchObject({ kind: 'code', code: { name: asked.code.name } });
    }
  });
});

describe('the answer', () => {
  const found = (id: CauseReport['id'], more: Partial<CauseReport> = {}): CauseReport => ({
    id,
    phase: 'boot-manager',
    severity: 'act',
    confidence: 'proves',
    volume: null,
    installation: null,
    codes: ['0xC000000E'],
    data: {},
    evidence: [],
    repair: { class: 'none', operation: null },
    ...more,
  });
  const image = (causes: CauseReport[], more: object = {}) =>
    ({ path: 'disk.raw', causes, starts: 'no', issues: [], ...more }) as never;
  const answer = (disk?: never) => whyReport('0xC000000E', readWhyQuery('0xC000000E'), causesOfCode(0xc000000e), disk);

  test('without a disk, the causes stand in the order of the start', () => {
    const { causes, image: path } = answer();
    expect(path).toBeNull();
    expect(causes.map(({ id }) => id)).toEqual(expect.arrayContaining(['bcd-identity', 'bcd-device']));
    for (const cause of causes) expect(cause).toMatchObject({ onDisk: null, found: null });
  });

  test('with a disk, what it proves stands first, and the others are not there', () => {
    const { causes } = answer(image([found('bcd-device')]));
    expect(causes[0]).toMatchObject({ id: 'bcd-device', onDisk: 'proven', found: { id: 'bcd-device' } });
    expect(causes.slice(1).every(({ onDisk }) => onDisk === 'not-there')).toBe(true);
  });

  test('what speaks for a cause without proving it is called found', () => {
    expect(answer(image([found('bcd-device', { confidence: 'strong' })])).causes[0]).toMatchObject({ onDisk: 'found' });
  });

  test('a finding that is only worth knowing is none', () => {
    const { causes } = answer(image([found('bcd-device', { severity: 'none' })]));
    expect(causes.every(({ onDisk }) => onDisk === 'not-there')).toBe(true);
  });

  test('a cause that could not be decided is not called absent', () => {
    const issues = [{ code: 'cause.undecided', severity: 'warning', data: { causes: ['bcd-identity'] } }];
    const { causes } = answer(image([], { issues }));
    expect(causes[0]).toMatchObject({ id: 'bcd-identity', onDisk: 'not-decided' });
    expect(answer(image([], { starts: 'not-checked' })).causes.every(({ onDisk }) => onDisk === 'not-decided')).toBe(
      true,
    );
  });

  test('a rule whose crash shows the code is named too', () => {
    const rule = found('rule:some-driver', { codes: ['0x00000050'], phase: 'kernel' });
    const report = whyReport('50', readWhyQuery('50'), causesOfCode(0x50), image([rule]));
    expect(report.causes[0]).toMatchObject({ id: 'rule:some-driver', onDisk: 'proven' });
  });
});
