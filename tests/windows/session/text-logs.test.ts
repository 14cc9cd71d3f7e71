import { parseDeviceLines, parseServicingLines, readDeviceLog, readServicingLog } from '@deadbox/windows/internals';
import { expect, test } from 'vitest';
import { memoryTree } from '../../support/memory-tree.js';

/** Lines as Windows writes them (Microsoft, "Analyze common CBS errors" and "SetupAPI text logs"). */
const SERVICING = [
  '2024-07-18 20:00:12, Info                  CBS    Exec: Processing complete.  Session: 31118_1, Package: Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.4651.1.13 [HRESULT = 0x00000000 - S_OK]',
  '2024-07-18 20:01:12, Info                  CBS    Exec: Processing complete.  Session: 31118_2, Package: Package_for_KB5034439~31bf3856ad364e35~amd64~~10.0.1.2 [HRESULT = 0x800f0922 - CBS_E_INSTALLERS_FAILED]',
  '2024-07-18 20:02:12, Error                 CBS    Startup: Failed to process advanced operation queue, startupPhase: 0.  A rollback transaction will be created. [HRESULT = 0x80004005 - E_FAIL]',
  '2024-07-18 20:03:12, Error                 CSI    00000008 (F) HRESULT_FROM_WIN32(ERROR_LOG_FULL) [HRESULT = 0x800719e4 - ERROR_LOG_FULL]',
];
const DEVICE = [
  '>>>  [Device Install (Hardware initiated) - PCI\\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00\\3&13c0b0c5&0&20]',
  '>>>  Section start 2024/07/18 20:00:12.123',
  '     dvi: {Build Driver List} 20:00:12.139',
  '<<<  Section end 2024/07/18 20:00:13.456',
  '<<<  [Exit status: SUCCESS]',
  '>>>  [Uninstall Driver Store Package]',
  '>>>  Section start 2024/07/19 01:02:03.004',
];

test('the end of the servicing log tells of packages, of a full log and of what was rolled back', () => {
  const log = parseServicingLines(SERVICING);
  expect(log.packages).toEqual([
    { name: 'Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.4651.1.13', time: '2024-07-18 20:00:12', result: 0 },
    { name: 'Package_for_KB5034439~31bf3856ad364e35~amd64~~10.0.1.2', time: '2024-07-18 20:01:12', result: 0x800f0922 },
  ]);
  expect(log.logFull).toBe('2024-07-18 20:03:12');
  expect(log.rolledBack).toBe('2024-07-18 20:02:12');
  expect(log.lastLine).toBe('2024-07-18 20:03:12');
});

test('a log without failures tells of none', () => {
  const log = parseServicingLines([SERVICING[0], '2024-07-18 20:05:00, Info   CBS    Rollback is not needed', 'noise']);
  expect(log.logFull).toBeUndefined();
  expect(log.rolledBack).toBeUndefined();
});

test('sections of the log of device installations, the last one unfinished', () => {
  expect(parseDeviceLines(DEVICE)).toEqual([
    {
      title: 'Device Install (Hardware initiated) - PCI\\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00\\3&13c0b0c5&0&20',
      time: '2024-07-18 20:00:12',
      status: 'SUCCESS',
    },
    { title: 'Uninstall Driver Store Package', time: '2024-07-19 01:02:03' },
  ]);
});

test('only the end of a long log is read, and a cut line is left out', async () => {
  const filler = `${'x'.repeat(200)}\r\n`.repeat(5000);
  const bytes = Uint8Array.from(Buffer.from(`${SERVICING[3]}\r\n${filler}${SERVICING[0]}\r\n`, 'latin1'));
  const log = await readServicingLog(memoryTree({ '/Windows/Logs/CBS/CBS.log': bytes }), '/Windows');
  expect(log?.packages).toHaveLength(1);
  expect(log?.logFull).toBeUndefined();
  const text = Uint8Array.from(Buffer.from(`\ufeff${DEVICE.join('\r\n')}`, 'utf16le'));
  const device = await readDeviceLog(memoryTree({ '/Windows/INF/setupapi.dev.log': text }), '/Windows');
  expect(device?.installations).toHaveLength(2);
  expect(await readServicingLog(memoryTree({ '/Windows/x': bytes }), '/Windows')).toBeUndefined();
});
