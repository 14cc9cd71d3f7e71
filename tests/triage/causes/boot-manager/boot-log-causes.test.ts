import { utf16Bytes } from '@deadbox/core';
import { describe, expect, test } from 'vitest';
import { artifactBytes, describeWithArtifacts } from '../../../support/artifacts.js';
import { gptDevice } from '../../../support/bcd-writer.js';
import {
  type BootRecord,
  bootLog,
  launched,
  recordedFailure,
  recordedStart,
} from '../../../support/boot-log-writer.js';
import { HEALTHY_WINDOWS_ID, type HealthyDraft, healthyDisk } from '../../../support/healthy/healthy-disk.js';
import { asking, causeOf, reportOf } from '../../../support/triage/found-causes.js';

const LOG = '/EFI/Microsoft/Boot/BOOTSTAT.DAT';
const LOADER = '\\Windows\\system32\\winload.efi';

const withLog = async (
  log: Uint8Array,
  change: (draft: HealthyDraft) => void = () => undefined,
): Promise<Awaited<ReturnType<typeof reportOf>>> =>
  reportOf(
    await healthyDisk({
      firmware: 'uefi',
      change(draft) {
        draft.systemFiles[LOG] = log;
        change(draft);
      },
    }),
  );

const good: BootRecord[] = [recordedStart('2026-11-20T08:00:00'), launched(LOADER)];
const failed: BootRecord[] = [
  recordedStart('2026-11-21T09:30:15'),
  recordedFailure(0x13, 0x0e, LOADER),
  recordedFailure(0x16, 0x0e),
];

describe("the boot manager's log", () => {
  test('of a machine that started says so', async () => {
    const report = await withLog(bootLog(good));
    expect(report.bootLog).toEqual({
      starts: [
        {
          at: '2026-11-20T08:00:00',
          entry: '{abababab-abab-abab-abab-abababababab}',
          path: LOADER,
          outcome: 'started',
        },
      ],
      lastFailure: null,
    });
    expect(asking(report)).toEqual([]);
  });

  test('with a failure that nothing on the disk explains makes it a finding of its own', async () => {
    const report = await withLog(bootLog([...good, ...failed]));
    expect(report.bootLog.lastFailure).toEqual({ at: '2026-11-21T09:30:15', status: '0xC000000E', path: LOADER });
    expect(report.bootLog.starts.map(({ outcome }) => outcome)).toEqual(['started', 'failed']);
    expect(asking(report)).toEqual(['boot-log-failure review strong']);
    expect(causeOf(report, 'boot-log-failure')).toMatchObject({ codes: ['0xC000000E'], data: { path: LOADER } });
  });

  test('with a failure after which Windows started again says nothing against the disk', async () => {
    const report = await withLog(bootLog([...failed, ...good]));
    expect(report.bootLog.lastFailure).toMatchObject({ status: '0xC000000E' });
    expect(asking(report)).toEqual([]);
  });

  test('confirms the cause that shows its code, which stays the only one', async () => {
    const report = await withLog(bootLog([...good, ...failed]), ({ store }) => {
      store.windows = gptDevice(HEALTHY_WINDOWS_ID, 'A1B2C3D4-0102-0304-0506-0708090A0B0C');
    });
    expect(report.cause).toBe('bcd-identity');
    expect(causeOf(report, 'boot-log-failure')).toBeUndefined();
    expect(causeOf(report, 'bcd-identity')).toMatchObject({ confidence: 'proves', data: { inBootLog: true } });
  });

  test('that names a driver which the loader could not read confirms what is wrong with that driver', async () => {
    const driver = '/Windows/System32/drivers/disk.sys';
    const refused = [recordedStart('2026-11-21T09:30:15'), recordedFailure(0x13, 0x0f, driver.replaceAll('/', '\\'))];
    const report = await withLog(bootLog([...good, ...refused]), ({ files }) => void delete files[driver]);
    expect(report.cause).toBe('boot-driver-file-bad');
    expect(causeOf(report, 'boot-driver-file-bad')?.data.inBootLog).toBe(true);
    expect(causeOf(report, 'boot-log-failure')).toBeUndefined();
  });

  test('with starts that went to recovery tells that as a consequence', async () => {
    const again = [...failed, launched('\\windows\\system32\\winload.efi', 5)];
    const report = await withLog(bootLog([...good, ...again, ...again]));
    expect(causeOf(report, 'recovery-loop')).toMatchObject({ severity: 'none' });
    expect(causeOf(await withLog(bootLog([...again, ...good])), 'recovery-loop')).toBeUndefined();
  });
});

describe('policies of code integrity on the EFI system partition', () => {
  const POLICY = '/EFI/Microsoft/Boot/CiPolicies/Active/{CDD5CB55-DB68-4D71-AA38-3DF2B6473A52}.cip';
  const withPolicy = (content: Uint8Array, log = bootLog(good)): ReturnType<typeof withLog> =>
    withLog(log, ({ systemFiles }) => void (systemFiles[POLICY] = content));
  /** Record 32h as the loader of a real machine wrote it: two numbers, the status, the path. */
  const refused: BootRecord = {
    type: 0x32,
    data: [0xae, 0, 0, 0, 1, 0, 0, 0, 0x02, 0, 0xe9, 0xc0, ...utf16Bytes(`${POLICY.replaceAll('/', '\\')}\0`)],
  };
  const gaveUp: BootRecord = { type: 0x16, data: [0x02, 0, 0xe9, 0xc0, 0, 0] };

  test('that hold zeros speak for a start that fails; a whole one is none', async () => {
    const report = await withPolicy(new Uint8Array(9000));
    expect(asking(report)).toEqual(['ci-policy-bad review strong']);
    expect(causeOf(report, 'ci-policy-bad')?.data).toMatchObject({ path: POLICY, state: 'zeros' });
    expect(causeOf(await withPolicy(new Uint8Array(9000).fill(7)), 'ci-policy-bad')).toBeUndefined();
  });

  test('that the log names are worth knowing while Windows starts, and more where the start ended with that', async () => {
    const whole = new Uint8Array(9000).fill(7);
    const started = await withPolicy(whole, bootLog([...good, refused]));
    expect(asking(started)).toEqual([]);
    expect(causeOf(started, 'ci-policy-bad')).toMatchObject({ severity: 'none', codes: ['0xC0E90002'] });
    const ended = await withPolicy(whole, bootLog([...good, recordedStart('2026-11-21T09:30:15'), refused, gaveUp]));
    expect(asking(ended)).toEqual(['ci-policy-bad review proves']);
    // Of an older start it says nothing.
    expect(causeOf(await withPolicy(whole, bootLog([refused, ...good])), 'ci-policy-bad')).toBeUndefined();
  });
});

describeWithArtifacts('the log of a real loader on a healthy disk', 'bootstat-windows', (artifacts) => {
  test.each(artifacts)('$id raises no alarm, whatever it says of policies', async (artifact) => {
    const report = await withLog(bootLog(good), ({ files }) => {
      files['/Windows/bootstat.dat'] = { content: artifactBytes(artifact) };
    });
    expect(report.causes.filter(({ id, severity }) => id === 'ci-policy-bad' && severity !== 'none')).toEqual([]);
  });
});

describeWithArtifacts("a real boot manager's log on a healthy disk", 'bootstat-efi', (artifacts) => {
  test.each(artifacts)(
    '$id gives the starts and the last failure that were found by hand, and no false alarm',
    async (artifact) => {
      const { expected } = artifact;
      const { bootLog: told, ...report } = await withLog(artifactBytes(artifact));
      expect(told.starts).toHaveLength(expected.boots);
      expect([told.starts[0]?.at, told.starts.at(-1)?.at]).toEqual([expected.first_boot, expected.last_boot]);
      const last = expected.failures.at(-1);
      expect(told.lastFailure?.status).toBe(last?.status);
      expect(told.lastFailure?.at).toBe(last?.after_boot);
      expect(asking(report)).toEqual([]);
    },
  );
});
