import { failureCode, failureCodeNamed, knownFailureCodes, parseWerReport } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { parseStartupRepairLog } from '../../../packages/windows/src/crash/startup-repair.js';

describe('a code that a failed start shows', () => {
  test.each([
    [0x7b, 0x7b, 'stop-code', 'INACCESSIBLE_BOOT_DEVICE'],
    [0x1000_007e, 0x7e, 'stop-code', 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED'],
    [0xc000_000e, 0xc000_000e, 'status', 'STATUS_NO_SUCH_DEVICE'],
    [0xc000_021a, 0xc000_021a, 'status', 'STATUS_SYSTEM_PROCESS_TERMINATED'],
    [0xdead_dead, 0xdead_dead, 'stop-code', 'MANUALLY_INITIATED_CRASH1'],
  ])(
    '0x%s is a stop or a status (Microsoft, "Bug Check Code Reference"; MS-ERREF 2.3.1)',
    (code, plain, kind, name) => {
      expect(failureCode(code)).toEqual({ code: plain, kind, name });
    },
  );

  test('that is not known has no name', () => {
    expect(failureCode(0x9999)).toEqual({ code: 0x9999, kind: 'stop-code' });
    expect(failureCode(0xc012_3456)).toEqual({ code: 0xc012_3456, kind: 'status' });
  });

  test('is found by its name, in any case, with or without STATUS', () => {
    expect(failureCodeNamed(' no_such_device ')?.code).toBe(0xc000_000e);
    expect(failureCodeNamed('STATUS_NO_SUCH_DEVICE')?.code).toBe(0xc000_000e);
    expect(failureCodeNamed('critical_process_died')?.code).toBe(0xef);
    expect(failureCodeNamed('NO_SUCH_NAME')).toBeUndefined();
  });

  test('is known once', () => {
    const known = knownFailureCodes();
    expect(new Set(known).size).toBe(known.length);
    expect(known).toEqual(known.toSorted((left, right) => left - right));
    expect(known).toEqual(expect.arrayContaining([0x7b, 0xc000_000e, 0x8007_19e4]));
  });
});

describe("Startup Repair's log", () => {
  const boot = (text: string) => parseStartupRepairLog(`Last successful boot time: ${text}\n`).lastSuccessfulBoot;

  test.each([
    ['7/18/2024 7:15:47 PM (GMT)', '2024-07-18T19:15:47.0000000Z'],
    ['7/18/2024 12:00:01 AM (GMT)', '2024-07-18T00:00:01.0000000Z'],
    ['7/18/2024 12:00:01 PM (GMT)', '2024-07-18T12:00:01.0000000Z'],
    ['7/18/2024 19:15:47 (GMT)', '2024-07-18T19:15:47.0000000Z'],
    ['2/29/2024 1:00:00 AM (GMT)', '2024-02-29T01:00:00.0000000Z'],
    ['2/30/2024 1:00:00 AM (GMT)', undefined],
    ['13/1/2024 1:00:00 AM (GMT)', undefined],
    ['7/18/2024 24:00:00 (GMT)', undefined],
    ['7/18/2024 1:60:00 AM (GMT)', undefined],
    ['18.07.2024 19:15:47 (GMT)', undefined],
  ])('tells that the last good start was at %s where that is a date', (text, expected) => {
    expect(boot(text)).toBe(expected);
  });

  test('tells a stop code without parameters, and at most 32 causes', () => {
    const causes = Array.from({ length: 40 }, (_, i) => `Cause ${i}`);
    const log = parseStartupRepairLog(
      `Root cause found:\n---\nBugcheck 7b\n\nRoot cause found:\n---\n${causes.slice(0, 20).join('\n')}\n\nRoot cause found:\n---\n${causes.slice(20).join('\n')}\n`,
    );
    expect(log).toMatchObject({ code: 0x7b, codeName: 'INACCESSIBLE_BOOT_DEVICE', parameters: [] });
    expect(log.causes).toHaveLength(32);
    expect(parseStartupRepairLog('Root cause found:\n---\nBugcheck 7b. Parameters = none\n').parameters).toEqual([]);
  });
});

test('a name of an error report without a value has an empty one', () => {
  expect(parseWerReport('EventType=BlueScreen\nSig[0].Name=Code\nEventTime=x\n')).toEqual({
    eventType: 'BlueScreen',
    parameters: [],
    signature: { Code: '' },
  });
});
