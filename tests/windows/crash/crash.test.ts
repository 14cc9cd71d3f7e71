import { type Bytes, MemorySource, parseFileTime, utf16Bytes } from '@deadbox/core';
import {
  parseStartupRepairLog,
  parseWerReport,
  readCrashDump,
  readCrashEvidence,
  stopCodeName,
} from '@deadbox/windows';
import { faultingInstruction, parseDumpHeader, plainStopCode } from '@deadbox/windows/internals';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CRASH_DRIVERS, csagentCrash, writeDump32, writeDump64 } from '../../support/dump-writer.js';
import { memoryTree } from '../../support/memory-tree.js';

const AT = parseFileTime('2024-07-19T04:31:02.1234567Z') as bigint;
const [KERNEL, NTFS, SENSOR] = CRASH_DRIVERS as unknown as [{ base: bigint }, { base: bigint }, { base: bigint }];
const read = (bytes: Bytes) => readCrashDump(new MemorySource(bytes));

describe('crash dumps (synthetic)', () => {
  test('a small dump tells code, parameters, time, uptime, and names the driver by the instruction', async () => {
    expect(await read(csagentCrash(AT))).toMatchObject({
      bits: 64,
      build: 17763,
      machine: 0x8664,
      processors: 4,
      code: 0x50,
      codeName: 'PAGE_FAULT_IN_NONPAGED_AREA',
      parameters: ['0xFFFF84860000009C', '0x0000000000000000', '0xFFFFF803140E14ED', '0x0000000000000000'],
      instruction: '0xFFFFF803140E14ED',
      kind: 'small',
      time: '2024-07-19T04:31:02.1234567Z',
      uptime: 12,
      productType: 3,
      driverCount: 3,
      driver: { name: 'csagent.sys', how: 'instruction', offset: 0xe14ed, timeStamp: 0x669a0000, checksum: 0x2d1111 },
      stackDrivers: [{ name: 'csagent.sys', how: 'stack' }],
      damaged: [],
    });
  });

  test('an instruction in Windows itself leaves the others on the stack named as such', async () => {
    const dump = await read(
      writeDump64({
        code: 0xd1,
        parameters: [0n, 2n, 0n, KERNEL.base + 0x42n],
        drivers: CRASH_DRIVERS,
        stack: [NTFS.base + 1n, SENSOR.base + 2n, SENSOR.base + 3n, KERNEL.base],
      }),
    );
    expect(dump.driver).toMatchObject({ name: 'ntoskrnl.exe', how: 'instruction' });
    expect(dump.stackDrivers.map((driver) => driver.name)).toEqual(['csagent.sys']);
  });

  test('a file that only begins like a dump is no dump', async () => {
    const bytes = new TextEncoder().encode(`PAGEDU64${'memory '.repeat(4000)}`);
    expect(parseDumpHeader(bytes)).toBeUndefined();
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'DUMP_NOT_FOUND',
      message: expect.stringContaining('Damaged crash dump'),
    });
  });

  test('a driver is not named for being loaded', async () => {
    const dump = await read(writeDump64({ code: 0x7b, parameters: [1n, 2n, 3n, 4n], drivers: CRASH_DRIVERS }));
    expect(dump.driver).toBeUndefined();
    expect(dump.stackDrivers).toEqual([]);
    expect(dump.driverCount).toBe(3);
  });

  test('without an instruction in the parameters the exception address is used', async () => {
    const dump = await read(
      writeDump64({
        code: 0x139,
        parameters: [3n, 0n, 0n, 0n],
        exception: { code: 0xc0000409, address: NTFS.base + 8n },
        drivers: CRASH_DRIVERS,
      }),
    );
    expect(dump).toMatchObject({ exceptionCode: 0xc0000409, driver: { name: 'Ntfs.sys', offset: 8 } });
  });

  test('the breakpoint of the stop itself names no driver', async () => {
    const dump = await read(
      writeDump64({
        code: 0xef,
        parameters: [1n, 0n, 0n, 0n],
        exception: { code: 0x80000003, address: KERNEL.base + 8n },
        drivers: CRASH_DRIVERS,
      }),
    );
    expect(dump).toMatchObject({ exceptionCode: 0x80000003, exceptionAddress: '0xFFFFF80312000008', driverCount: 3 });
    expect([dump.instruction, dump.driver]).toEqual([undefined, undefined]);
  });

  test('a driver that comes with Windows is marked as such', async () => {
    const kernel = await read(
      writeDump64({ code: 0xd1, parameters: [1n, 2n, 0n, KERNEL.base + 1n], drivers: CRASH_DRIVERS }),
    );
    expect([kernel.driver?.windows, (await read(csagentCrash(AT))).driver?.windows]).toEqual([true, false]);
  });

  test('a kernel dump gives its header and names nobody', async () => {
    const dump = await read(writeDump64({ code: 0x50, parameters: [1n, 0n, SENSOR.base, 0n], kind: 2, time: AT }));
    expect(dump).toMatchObject({ kind: 'kernel', time: '2024-07-19T04:31:02.1234567Z', driverCount: 0 });
    expect(dump.driver).toBeUndefined();
    expect(dump.uptime).toBeUndefined();
  });

  test('a 32-bit dump gives its header', async () => {
    const dump = await read(
      writeDump32({ code: 0x1000007e, parameters: [0xc0000005n, 0x8a001234n, 0n, 0n], time: AT, uptime: 5_0000000n }),
    );
    expect(dump).toMatchObject({
      bits: 32,
      code: 0x1000007e,
      codeName: 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED',
      instruction: '0x8A001234',
      uptime: 5,
    });
  });

  test('fields that still hold the filler PAGE are not set', async () => {
    const dump = await read(writeDump64({ code: 0xef, parameters: [0n, 0n, 0n, 0n], kind: 7 }));
    expect([dump.time, dump.uptime, dump.exceptionAddress, dump.comment]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('what is no dump, or ends inside its header, is refused', async () => {
    await expect(read(new Uint8Array(9000))).rejects.toMatchObject({ code: 'DUMP_NOT_FOUND' });
    await expect(read(csagentCrash(AT).slice(0, 4096))).rejects.toMatchObject({
      code: 'DUMP_NOT_FOUND',
      data: { truncated: true },
    });
  });

  test('a small dump cut off behind its header gives the header and says what is damaged', async () => {
    const whole = csagentCrash(AT);
    const dump = await read(whole.slice(0, 0x2110));
    expect(dump).toMatchObject({ code: 0x50, driverCount: 0, damaged: ['drivers'] });
  });

  test('forged counts and offsets end in the typed result', async () => {
    const whole = csagentCrash(AT);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat((whole.length - 0x2000) / 4 - 1), fc.integer()), { minLength: 1, maxLength: 20 }),
        async (changes) => {
          const bytes = new Uint8Array(whole);
          for (const [at, value] of changes) new DataView(bytes.buffer).setInt32(0x2000 + at * 4, value, true);
          return (await read(bytes)).code === 0x50;
        },
      ),
    );
    expect(parseDumpHeader(new Uint8Array(16))).toBeUndefined();
  });
});

describe('stop codes', () => {
  test('tell which parameter is the instruction', () => {
    const parameters = [1n, 2n, 3n, 4n];
    expect(
      [0x50, 0x7e, 0x3b, 0x1e, 0x8e, 0xd1, 0x0a, 0x1000007e, 0x100000d1].map((code) =>
        faultingInstruction(code, parameters),
      ),
    ).toEqual([3n, 2n, 2n, 2n, 2n, 4n, 4n, 2n, 4n]);
    expect([0x7b, 0xef, 0x74].map((code) => faultingInstruction(code, parameters))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([stopCodeName(0x7b), stopCodeName(0x100000d1), plainStopCode(0xc000021a)]).toEqual([
      'INACCESSIBLE_BOOT_DEVICE',
      'DRIVER_IRQL_NOT_LESS_OR_EQUAL',
      0xc000021a,
    ]);
  });
});

const SRT = `Startup Repair diagnosis and repair log
---------------------------
Last successful boot time: \u200e7/\u200e18/\u200e2024 7:15:47 PM (GMT)
Number of repair attempts: 3

Session details
---------------------------
System Disk = \\Device\\Harddisk0
Windows directory = C:\\Windows
Number of root causes = 1

Root cause found:
---------------------------
Unknown Bugcheck: Bugcheck 50. Parameters = 0xffff84860000009c, 0x0, 0xfffff803140e14ed, 0x0.

Repair action: System files integrity check and repair
---------------------------
Result: Failed. Error code =  0x490

Session details
---------------------------
Number of root causes = 1

Root cause found:
---------------------------
Boot critical file c:\\windows\\system32\\drivers\\CSAgent.sys is corrupt.

`;

const WER = `Version=1
EventType=BlueScreen
EventTime=${AT}
Sig[0].Name=Code
Sig[0].Value=50
Sig[1].Name=Parameter 1
Sig[1].Value=ffff84860000009c
Sig[2].Name=Parameter 2
Sig[2].Value=0
Sig[5].Name=OS version
Sig[5].Value=10_0_17763
File[0].OriginalPath=\\\\?\\C:\\Windows\\Minidump\\071924-7890-01.dmp
`;

describe('other traces of crashes', () => {
  test('the start-up repair log gives last start, attempts, causes, stop code and files', () => {
    expect(parseStartupRepairLog(SRT)).toEqual({
      lastSuccessfulBoot: '2024-07-18T19:15:47.0000000Z',
      lastSuccessfulBootText: '7/18/2024 7:15:47 PM (GMT)',
      repairAttempts: 3,
      rootCauses: 2,
      causes: [
        'Unknown Bugcheck: Bugcheck 50. Parameters = 0xffff84860000009c, 0x0, 0xfffff803140e14ed, 0x0.',
        'Boot critical file c:\\windows\\system32\\drivers\\CSAgent.sys is corrupt.',
      ],
      code: 0x50,
      codeName: 'PAGE_FAULT_IN_NONPAGED_AREA',
      parameters: ['0xffff84860000009c', '0x0', '0xfffff803140e14ed', '0x0'],
      files: ['csagent.sys'],
    });
  });

  test('an error report gives type, time, code, parameters and dump file', () => {
    expect(parseWerReport(WER)).toMatchObject({
      eventType: 'BlueScreen',
      time: '2024-07-19T04:31:02.1234567Z',
      code: 0x50,
      codeName: 'PAGE_FAULT_IN_NONPAGED_AREA',
      parameters: ['ffff84860000009c', '0'],
      dumpFile: '\\\\?\\C:\\Windows\\Minidump\\071924-7890-01.dmp',
      signature: { 'OS version': '10_0_17763' },
    });
    expect(parseWerReport('nothing of the kind')).toBeUndefined();
  });

  test('an error report names the module of its bucket, which is the same in every language', () => {
    const report = parseWerReport('EventType=BlueScreen\nResponse.BucketId=AV_R_INVALID_csagent!unknown_function\n');
    expect(report).toMatchObject({ bucket: 'AV_R_INVALID_csagent!unknown_function', module: 'csagent' });
    expect(parseWerReport('EventType=BlueScreen\n')).not.toHaveProperty('module');
  });

  test('a megabyte without a single space costs the start-up repair log no more than its length', () => {
    const long = 'a'.repeat(1 << 20);
    const log = parseStartupRepairLog(`Root cause found:\n---\n${long}\n${long}.sys\nBoot file x.sys is corrupt\n`);
    expect(log.files).toEqual(['x.sys']);
  });
});

describe('the evidence of a volume', () => {
  const utf16 = (text: string): Bytes => Uint8Array.of(0xff, 0xfe, ...utf16Bytes(text));
  const status = Uint8Array.of(12, 0, 0, 0, 1, 0, 0, 0, 0, 30, 0, 0);

  test('collects dumps, also one that still lies in the page file, reports and logs, newest first', async () => {
    const tree = memoryTree({
      '/Windows/Minidump/071924-7890-01.dmp': csagentCrash(AT),
      '/Windows/Minidump/071924-9000-02.dmp': csagentCrash(AT + 600_000_000n),
      '/Windows/Minidump/readme.txt': new Uint8Array(10),
      '/Windows/MEMORY.DMP': writeDump64({ code: 0x50, parameters: [0n, 0n, 0n, 0n], kind: 7, time: AT - 1n }),
      '/pagefile.sys': csagentCrash(AT + 1_200_000_000n),
      '/ProgramData/Microsoft/Windows/WER/ReportArchive/Kernel_50_abc/Report.wer': utf16(WER),
      '/ProgramData/Microsoft/Windows/WER/ReportArchive/AppCrash_x/Report.wer': utf16('EventType=APPCRASH'),
      '/Windows/bootstat.dat': status,
      '/Windows/System32/LogFiles/Srt/SrtTrail.txt': utf16(SRT),
    });
    const evidence = await readCrashEvidence(tree, '/Windows');
    expect(evidence.dumps.map((file) => [file.source, file.path])).toEqual([
      ['page-file', '/pagefile.sys'],
      ['minidump', '/Windows/Minidump/071924-9000-02.dmp'],
      ['minidump', '/Windows/Minidump/071924-7890-01.dmp'],
      ['memory-dump', '/Windows/MEMORY.DMP'],
    ]);
    expect(evidence.reports.map((one) => one.report.eventType)).toEqual(['BlueScreen']);
    expect(evidence.bootStatus[0]?.status).toMatchObject({ lastBootSucceeded: false, lastBootShutdown: false });
    expect(evidence.repairLog?.log.code).toBe(0x50);
    expect(evidence.unreadable).toEqual([]);
    expect(evidence.sources.map(({ kind, state, newest }) => [kind, state, newest?.slice(0, 19) ?? null])).toEqual([
      ['dump', 'whole', '2024-07-19T04:32:02'],
      ['dump', 'whole', '2024-07-19T04:31:02'],
      ['dump', 'whole', '2024-07-19T04:31:02'],
      ['dump', 'whole', '2024-07-19T04:33:02'],
      ['error-report', 'whole', '2024-07-19T04:31:02'],
      ['boot-status', 'whole', null],
      ['startup-repair', 'whole', null],
    ]);
  });

  test('goes where the crash settings point, and opens only the newest dumps', async () => {
    const dumps = Object.fromEntries(
      Array.from(
        { length: 9 },
        (_, i) => [`/Dumps/0719${String(20 + i)}-1000-01.dmp`, csagentCrash(AT + BigInt(i))] as const,
      ),
    );
    const evidence = await readCrashEvidence(memoryTree({ ...dumps, '/d.dmp': csagentCrash(AT) }), '/Windows', {
      settings: { minidumpFolderPath: '/Dumps', dedicatedDumpFilePath: '/d.dmp' },
      maxDumps: 4,
    });
    expect(evidence.dumps.filter((file) => file.source === 'minidump').map((file) => file.path.slice(7, 13))).toEqual([
      '071928',
      '071927',
      '071926',
      '071925',
    ]);
    expect(evidence.dumps.some((file) => file.source === 'dedicated-dump-file')).toBe(true);
    expect(evidence.skipped).toBe(5);
  });

  test('takes an ordinary page file for what it is, and notes a dump that cannot be read', async () => {
    const evidence = await readCrashEvidence(
      memoryTree({ '/pagefile.sys': new Uint8Array(4096), '/Windows/Minidump/x.dmp': new Uint8Array(9000) }),
      '/Windows',
    );
    expect(evidence.dumps).toEqual([]);
    expect(evidence.unreadable).toEqual([{ path: '/Windows/Minidump/x.dmp', code: 'DUMP_NOT_FOUND' }]);
    expect(evidence.sources).toEqual([
      { path: '/Windows/Minidump/x.dmp', kind: 'dump', state: 'damaged', newest: null },
    ]);
  });
});
