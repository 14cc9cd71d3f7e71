import { describe, expect, test } from 'vitest';
import { readTimeline } from '../../../../packages/triage/src/causes/timeline/read-timeline.js';
import { writeDump64 } from '../../../support/dump-writer.js';
import { writeEventLog } from '../../../support/evtx-writer.js';
import { type FileOptions, fileTime } from '../../../support/ntfs-writer/tree.js';
import { CS, fileTimeBytes, sessionSubjects, textFile } from '../../../support/triage/session-windows.js';

const systemLog = (events: readonly [number, string][]): Record<string, FileOptions> => ({
  '/Windows/System32/winevt/Logs/System.evtx': {
    content: writeEventLog([
      events.map(([eventId, time]) => ({
        provider: 'Microsoft-Windows-Kernel-General',
        eventId,
        time: fileTime(time),
        data: {},
      })),
    ]),
  },
});
const dump: Record<string, FileOptions> = {
  '/Windows/MEMORY.DMP': {
    content: writeDump64({ code: 0x7b, parameters: [1n, 2n, 3n, 4n], time: fileTime('2024-07-19T04:30:00Z') }),
  },
};
const CBS = textFile(
  '2024-07-19 12:00:00, Info  CBS  Exec: Processing complete.  Session: 1, Package: Package_for_RollupFix~31bf3856ad364e35~amd64~~17763.6054.1.9 [HRESULT = 0x00000000 - S_OK]\r\n' +
    '2024-07-19 14:00:00, Info  CBS  Exec: Processing complete.  Session: 2, Package: Package_for_KB1~31bf3856ad364e35~amd64~~1.0 [HRESULT = 0x800f0922 - E]\r\n',
);
const DEVICE = textFile(
  '>>>  [Device Install (Hardware initiated) - PCI\\VEN_1AF4&DEV_1001]\r\n>>>  Section start 2024/07/19 12:30:00.123\r\n<<<  [Exit status: SUCCESS]\r\n',
);

describe('the time line', () => {
  test('tells when Windows last ran, what was changed then, and when it failed first', async () => {
    const { windows } = await sessionSubjects({
      system: { [`${CS}\\Control\\Windows`]: { ShutdownTime: fileTimeBytes('2024-07-18T13:00:00Z') } },
      files: {
        ...systemLog([
          [12, '2024-07-18T00:00:00Z'],
          [13, '2024-07-18T13:00:00Z'],
          [12, '2024-07-19T03:50:00Z'],
        ]),
        ...dump,
        '/Windows/Logs/CBS/CBS.log': CBS,
        '/Windows/INF/setupapi.dev.log': DEVICE,
      },
    });
    const { lastRan, changes, firstFailed } = await readTimeline(windows, {});
    expect(lastRan).toMatchObject({ at: '2024-07-19T03:50:00.0000000Z' });
    expect(firstFailed).toMatchObject({
      kind: 'crashed',
      at: '2024-07-19T04:30:00.0000000Z',
      what: expect.stringContaining('0x0000007B'),
    });
    // The clock of the machine is that of Tokyo, nine hours before UTC; what came after the crash did not bring it
    // about.
    expect(changes.filter(({ kind }) => kind !== 'driver-file')).toEqual([
      {
        kind: 'update',
        at: '2024-07-19T03:00:00.0000000Z',
        what: 'Package_for_RollupFix 17763.6054.1.9',
        failed: false,
        path: '/Windows/Logs/CBS/CBS.log',
      },
      {
        kind: 'device',
        at: '2024-07-19T03:30:00.0000000Z',
        what: 'Device Install (Hardware initiated) - PCI\\VEN_1AF4&DEV_1001',
        failed: false,
        path: '/Windows/INF/setupapi.dev.log',
      },
    ]);
  });

  test('a crash before the last orderly end is over', async () => {
    const { windows } = await sessionSubjects({
      system: { [`${CS}\\Control\\Windows`]: { ShutdownTime: fileTimeBytes('2024-07-25T13:00:00Z') } },
      files: dump,
    });
    expect(await readTimeline(windows, {})).toMatchObject({
      lastRan: { kind: 'stopped', at: '2024-07-25T13:00:00.0000000Z' },
      firstFailed: null,
    });
  });

  test('says nothing where nothing tells', async () => {
    const { windows } = await sessionSubjects({ system: { [`${CS}\\Control\\Windows`]: undefined } });
    expect(await readTimeline(windows, {})).toMatchObject({ lastRan: null, firstFailed: null });
  });
});
