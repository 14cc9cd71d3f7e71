import { describeStructure, utf16Bytes } from '@deadbox/core';
import {
  findBootLogs,
  lastBootFailure,
  parseBootLog,
  parseBootStatus,
  readBootLog,
  readBootStatusFile,
} from '@deadbox/windows';
import { BOOT_LOG_HEADER, BOOT_STATUS } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { artifactBytes, describeWithArtifacts } from '../../support/artifacts.js';
import { bootLog, launched, recordedFailure, recordedStart, returned } from '../../support/boot-log-writer.js';
import { memoryTree } from '../../support/memory-tree.js';

const hex = (value: number): string => `0x${value.toString(16).toUpperCase()}`;

/** How often each of `items` occurs. */
function counts(items: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const item of items) found[item] = (found[item] ?? 0) + 1;
  return found;
}

describeWithArtifacts("real boot manager's logs", 'bootstat-efi', (artifacts) => {
  test.each(artifacts)('$id has the starts, programs and failures that were found by hand', (artifact) => {
    const log = parseBootLog(artifactBytes(artifact));
    const { expected } = artifact;
    expect(log).toMatchObject({
      version: expected.log_version,
      headerSize: expected.header_size,
      logSize: expected.log_size,
      nextOffset: expected.next_offset,
      firstOffset: expected.first_offset,
      damaged: false,
    });
    expect(counts(log?.entries.map(({ type }) => `0x${type.toString(16)}`) ?? [])).toEqual(expected.entry_types);
    expect(log?.entries.filter(({ type }) => type === 1)).toHaveLength(expected.boots);
    const times = log?.starts.flatMap(({ at }) => at ?? []);
    expect([times?.[0], times?.at(-1)]).toEqual([expected.first_boot, expected.last_boot]);
    expect(counts(log?.starts.flatMap((one) => one.launched.map(({ path }) => path)) ?? [])).toEqual(expected.loaded);
    const failures = log?.starts.flatMap(({ at, failures: found }) =>
      found.map(({ type, ...rest }) => ({ type: hex(type), ...rest, after_boot: at })),
    );
    expect(failures).toEqual(expected.failures);
  });

  test.each(artifacts)('$id has the failed starts and the last failure that were found by hand', (artifact) => {
    const log = parseBootLog(artifactBytes(artifact));
    const known = artifact.expected.failures as { status: string; after_boot: string }[];
    const failed = log?.starts.filter(({ outcome }) => outcome === 'failed').map(({ at }) => at);
    expect(failed).toEqual([...new Set(known.map(({ after_boot }) => after_boot))]);
    const last = log === undefined ? undefined : lastBootFailure(log);
    expect(last?.status).toBe(known.at(-1)?.status);
    expect(last?.at).toBe(known.at(-1)?.after_boot);
    // All these machines started again after their failures.
    expect(last?.newest ?? false).toBe(false);
    expect(log?.starts.at(-1)?.outcome).toMatch(/^(started|resumed)$/);
  });

  test.each(artifacts)(
    '$id is no status of Windows, and says nothing of whether the last start succeeded',
    (artifact) => {
      expect(parseBootStatus(artifactBytes(artifact))).toBeUndefined();
    },
  );

  test.each(artifacts)('$id is told as a source with the time of its last start', async (artifact) => {
    const [file] = await findBootLogs(memoryTree({ '/EFI/Microsoft/Boot/BOOTSTAT.DAT': artifactBytes(artifact) }));
    expect(file?.source).toEqual({
      path: '/EFI/Microsoft/Boot/BOOTSTAT.DAT',
      kind: 'boot-log',
      state: 'whole',
      newest: artifact.expected.last_boot,
    });
  });
});

describeWithArtifacts('real \\Windows\\bootstat.dat files', 'bootstat-windows', (artifacts) => {
  test.each(artifacts)('$id gives the fields that were read by hand', async (artifact) => {
    const { expected } = artifact;
    const file = await readBootStatusFile(
      memoryTree({ '/Windows/bootstat.dat': artifactBytes(artifact) }),
      '/Windows/bootstat.dat',
    );
    expect(file?.status).toEqual({
      version: expected.version,
      productType: expected.product_type,
      autoAdvancedBoot: expected.auto_advanced === 1,
      menuTimeout: expected.timeout,
      lastBootSucceeded: expected.boot_good === 1,
      lastBootShutdown: expected.boot_shutdown === 1,
      ...(expected.version < 0x38
        ? {}
        : {
            time: expect.stringContaining(expected['filetime_0x20'].slice(0, -1)),
            bootAttempts: expected['boot_attempt_count_0x30'],
            checkpoint: expected['checkpoint_0x31'],
            bootId: expected['boot_id_0x34'],
          }),
      ...(expected.version < 0x40
        ? {}
        : {
            shutdownBootId: expected['shutdown_boot_id_0x38'],
            abnormalBootId: expected['reported_abnormal_boot_id_0x3c'],
          }),
    });
    expect(file?.log).toMatchObject({
      version: expected['log_at_0x800'].log_version,
      headerSize: expected['log_at_0x800'].header_size,
      logSize: expected['log_at_0x800'].log_size,
      nextOffset: expected['log_at_0x800'].next_offset,
      damaged: false,
    });
    expect(file?.source).toMatchObject({ kind: 'boot-status', state: 'whole' });
  });
});

describe("the boot manager's log (synthetic)", () => {
  const start = recordedStart('2024-07-19T04:31:02');

  test('tells the status and the file of a failed start', () => {
    const path = [...utf16Bytes('\\winload.efi\0')];
    const log = parseBootLog(bootLog([start, { type: 0x13, data: [0x0e, 0, 0, 0xc0, ...path] }]));
    expect(log?.starts).toEqual([
      {
        at: '2024-07-19T04:31:02',
        launched: [],
        outcome: 'failed',
        failures: [{ type: 0x13, status: '0xC000000E', path: '\\winload.efi' }],
      },
    ]);
  });

  test.each([
    ['started', [launched('\\Windows\\system32\\winload.efi')]],
    [
      'started',
      [launched('\\Windows\\system32\\winresume.efi'), returned, launched('\\Windows\\system32\\winload.exe')],
    ],
    ['resumed', [launched('\\Windows\\system32\\winresume.exe')]],
    ['recovery', [recordedFailure(0x13, 0x0f), launched('\\windows\\system32\\winload.efi', 5)]],
    ['returned', [launched('\\Windows\\system32\\winload.efi'), returned]],
    ['failed', [launched('\\Windows\\system32\\winload.efi'), recordedFailure(0x16, 0x0e)]],
    ['unknown', []],
  ])('tells how far a start came: %s', (outcome, entries) => {
    expect(parseBootLog(bootLog([start, ...entries]))?.starts[0]?.outcome).toBe(outcome);
  });

  test('names the file of the last failure from the record before it, and says whether a start came after it', () => {
    const failed = [
      start,
      recordedFailure(0x13, 0x0e, '\\Windows\\system32\\winload.efi'),
      recordedFailure(0x16, 0x0e),
    ];
    const log = parseBootLog(bootLog(failed));
    const last = { status: '0xC000000E', path: '\\Windows\\system32\\winload.efi', at: '2024-07-19T04:31:02' };
    expect(log === undefined ? undefined : lastBootFailure(log)).toMatchObject({ ...last, newest: true });
    const later = parseBootLog(bootLog([...failed, start, launched('\\Windows\\system32\\winload.efi')]));
    expect(later === undefined ? undefined : lastBootFailure(later)).toMatchObject({ ...last, newest: false });
    const recovered = parseBootLog(bootLog([...failed, launched('\\windows\\system32\\winload.efi', 1)]));
    expect(recovered === undefined ? undefined : lastBootFailure(recovered)).toMatchObject({ ...last, newest: true });
  });

  test('with an entry that runs past the end is damaged, and what stands before it is read', () => {
    const bytes = bootLog([start, start]);
    new DataView(bytes.buffer).setUint32(24 + 52 + 24, 0x7fffffff, true);
    expect(parseBootLog(bytes)).toMatchObject({ damaged: true, starts: [{ at: '2024-07-19T04:31:02' }] });
  });

  test('that is something else is a damaged source, one that is not there none', async () => {
    const tree = memoryTree({ '/Boot/BOOTSTAT.DAT': new Uint8Array(65536).fill(7) });
    expect(await findBootLogs(tree)).toEqual([
      {
        path: '/Boot/BOOTSTAT.DAT',
        source: { path: '/Boot/BOOTSTAT.DAT', kind: 'boot-log', state: 'damaged', newest: null },
      },
    ]);
    expect(await readBootLog(tree, '/EFI/Microsoft/Boot/BOOTSTAT.DAT')).toBeUndefined();
  });
});

describe("Windows' boot status (synthetic)", () => {
  test('tells how the last start ended', () => {
    const bytes = new Uint8Array(0x38);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x38, true);
    view.setUint32(4, 1, true);
    bytes.set([1, 30, 0, 0], 8);
    view.setUint32(0x34, 41, true);
    expect(parseBootStatus(bytes)).toEqual({
      version: 0x38,
      productType: 1,
      autoAdvancedBoot: true,
      menuTimeout: 30,
      lastBootSucceeded: false,
      lastBootShutdown: false,
      bootAttempts: 0,
      checkpoint: 0,
      bootId: 41,
    });
    expect(parseBootStatus(new Uint8Array(0x38).fill(0xee))).toBeUndefined();
    expect(parseBootStatus(new Uint8Array(4))).toBeUndefined();
  });

  test('and the log are listed field by field', () => {
    const bytes = bootLog([]);
    expect(describeStructure(BOOT_LOG_HEADER, bytes).map(({ name, value }) => [name, value])).toEqual([
      ['version', 4],
      ['headerSize', 24],
      ['logSize', 0x10000],
      ['nextOffset', 24],
    ]);
    expect(describeStructure(BOOT_STATUS, new Uint8Array(0x40)).at(-1)).toMatchObject({ offset: 0x3c, length: 4 });
  });
});
