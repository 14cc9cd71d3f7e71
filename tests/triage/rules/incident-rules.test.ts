import { SHIPPED_RULES } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { bootLog, launched, recordedFailure, recordedStart } from '../../support/boot-log-writer.js';
import { writeEventLog } from '../../support/evtx-writer.js';
import type { ValueData } from '../../support/hive-writer.js';
import { fileTime } from '../../support/ntfs-writer/tree.js';
import { writePe } from '../../support/pe-writer.js';
import { temporaryFolder } from '../../support/tools.js';
import { judge } from '../../support/triage/decision-disk.js';
import { type ServerSpec, softwareHive, systemHive } from '../../support/windows-hives.js';

// Builds, updates and dates: the pages that each rule refers to. Every rule has disks that it means and disks that
// nearly are such.

type Files = Record<string, { content: Uint8Array }>;

/** A server, and when its System log says that it was restarted unexpectedly. */
interface Case extends ServerSpec {
  readonly restarted?: string;
  readonly updates?: Record<string, number>;
  readonly drivers?: Record<string, Record<string, ValueData>>;
  readonly files?: Files;
  /** Status of the last failure in the boot manager's log (0xC00000..), and the file that it names. */
  readonly bootFailure?: readonly [status: number, path: string];
}

const PACKAGES = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages';
const INSTALLED = 0x70;
const SUPERSEDED = 0x50;
const PENDING = 0x60;

const update = (kb: string, version = '6.1.1.1'): string => `Package_for_${kb}~31bf3856ad364e35~amd64~~${version}`;

function disk({ bootFailure: _, restarted, updates = {}, drivers = {}, files = {}, ...spec }: Case): Files {
  const keys = (below: string, from: Record<string, Record<string, ValueData>>) =>
    Object.fromEntries(Object.entries(from).map(([name, values]) => [`${below}\\${name}`, values]));
  const states = Object.fromEntries(Object.entries(updates).map(([name, state]) => [name, { CurrentState: state }]));
  return {
    '/Windows/System32/config/SYSTEM': {
      content: systemHive({ ...spec, system: { ...spec.system, ...keys('ControlSet001\\Services', drivers) } }),
    },
    '/Windows/System32/config/SOFTWARE': {
      content: softwareHive({ ...spec, software: { ...spec.software, ...keys(PACKAGES, states) } }),
    },
    ...(restarted === undefined
      ? {}
      : {
          '/Windows/System32/winevt/Logs/System.evtx': {
            content: writeEventLog([
              [{ provider: 'EventLog', eventId: 6008, time: fileTime(restarted), data: { '0': '03:00:00', '1': '' } }],
            ]),
          },
        }),
    ...files,
  };
}

const dc = (build: number, revision: number): Case => ({ productType: 'LanmanNT', build, revision });
const sophos = { SAVService: { Start: 2, Type: 0x10 } };
const sprotect = (version: string): Files => ({
  '/Windows/System32/drivers/sprotect.sys': { content: writePe({ fileVersion: version }) },
});
const loaded = { sprotect: { Start: 1, Type: 1 } };
const both = (version: string, wrapper = PENDING): Record<string, number> => ({
  [`Package_for_RollupFix~31bf3856ad364e35~amd64~~${version}`]: PENDING,
  [`Package_for_RollupFix_Wrapper~31bf3856ad364e35~amd64~~${version}`]: wrapper,
});
const guard = (value: number): Record<string, Record<string, ValueData>> => ({
  'ControlSet001\\Control\\DeviceGuard': { EnableVirtualizationBasedSecurity: value },
});
const agent = { WindowsAzureGuestAgent: { Start: 2, Type: 0x10 } };

const ids = (start: number): Record<string, Record<string, ValueData>> => ({ IDSVia64: { Start: start, Type: 1 } });
const definitions = (revision: string): Files => ({
  [`/ProgramData/Symantec/Symantec Endpoint Protection/14.2/Data/Definitions/IPSDefs/${revision}/IDSvia64.sys`]: {
    content: writePe({ fileVersion: '16.0.0.1' }),
  },
});

const efiFiles = ({ bootFailure }: Case): object =>
  bootFailure === undefined
    ? {}
    : {
        efiFiles: {
          '/EFI/Microsoft/Boot/BOOTSTAT.DAT': bootLog([
            recordedStart('2025-05-14T03:00:00'),
            launched('\\Windows\\system32\\winload.efi'),
            recordedFailure(0x13, ...bootFailure),
          ]),
        },
      };
const acpi = '\\Windows\\System32\\drivers\\ACPI.sys';

const CASES: readonly [rule: string, what: string, disk: Case, verdict: string, severity: string][] = [
  [
    '2026-04-dc-lsass-loop',
    'a domain controller of that build that was restarted since',
    { ...dc(26100, 32690), restarted: '2026-04-15T01:00:00Z' },
    'lsass-loop-likely',
    'act',
  ],
  ['2026-04-dc-lsass-loop', 'one that was not restarted', dc(26100, 32697), 'lsass-loop-possible', 'review'],
  [
    '2026-04-dc-lsass-loop',
    'one restarted before the update',
    { ...dc(26100, 32690), restarted: '2026-04-01T01:00:00Z' },
    'lsass-loop-possible',
    'review',
  ],
  ['2026-04-dc-lsass-loop', 'one with the cure', dc(26100, 32698), 'not-applicable', 'none'],
  ['2026-04-dc-lsass-loop', 'one of the month before', dc(26100, 32689), 'not-applicable', 'none'],
  ['2026-04-dc-lsass-loop', 'a member server', { build: 26100, revision: 32690 }, 'not-applicable', 'none'],

  [
    '2024-03-dc-lsass',
    'a domain controller restarted since',
    { ...dc(20348, 2340), restarted: '2024-03-14T01:00:00Z' },
    'lsass-leak-likely',
    'review',
  ],
  [
    '2024-03-dc-lsass',
    'Server 2019',
    { ...dc(17763, 5576), restarted: '2024-03-14T01:00:00Z' },
    'lsass-leak-likely',
    'review',
  ],
  [
    '2024-03-dc-lsass',
    'Server 2012 R2 by its package',
    { ...dc(9600, 21871), restarted: '2024-03-14T01:00:00Z', updates: { [update('KB5035885')]: INSTALLED } },
    'lsass-leak-likely',
    'review',
  ],
  [
    '2024-03-dc-lsass',
    'Server 2012 R2 with the cure',
    {
      ...dc(9600, 21871),
      restarted: '2024-03-14T01:00:00Z',
      updates: { [update('KB5035885')]: SUPERSEDED, [update('KB5037426')]: INSTALLED },
    },
    'not-applicable',
    'none',
  ],
  [
    '2024-03-dc-lsass',
    'the next revision',
    { ...dc(20348, 2341), restarted: '2024-03-14T01:00:00Z' },
    'not-applicable',
    'none',
  ],
  ['2024-03-dc-lsass', 'one that was not restarted', dc(20348, 2340), 'not-applicable', 'none'],

  [
    '2022-01-dc-hyperv',
    'a domain controller restarted since',
    { ...dc(17763, 2452), restarted: '2022-01-12T01:00:00Z' },
    'restart-loop-likely',
    'act',
  ],
  ['2022-01-dc-hyperv', 'one that was not restarted', dc(20348, 469), 'restart-loop-possible', 'review'],
  [
    '2022-01-dc-hyperv',
    '2012 R2 by its package',
    { ...dc(9600, 20246), updates: { [update('KB5009624')]: INSTALLED } },
    'restart-loop-possible',
    'review',
  ],
  [
    '2022-01-dc-hyperv',
    'a host of virtual machines',
    { build: 17763, revision: 2452, drivers: { vmms: { Start: 2, Type: 0x10 } } },
    'guests-do-not-start',
    'review',
  ],
  [
    '2022-01-dc-hyperv',
    'a host that starts none',
    { build: 17763, revision: 2452, drivers: { vmms: { Start: 3, Type: 0x10 } } },
    'not-applicable',
    'none',
  ],
  ['2022-01-dc-hyperv', 'the cure', dc(17763, 2458), 'not-applicable', 'none'],

  [
    '2025-04-sprotect',
    'a bad version that is loaded, after a restart',
    { build: 26100, revision: 1742, drivers: loaded, files: sprotect('1.0.2.372'), restarted: '2024-10-10T01:00:00Z' },
    'driver-stops-windows',
    'act',
  ],
  [
    '2025-04-sprotect',
    'a bad version that is loaded',
    { build: 26200, revision: 5, drivers: loaded, files: sprotect('1.0.3.48903') },
    'driver-present',
    'review',
  ],
  [
    '2025-04-sprotect',
    'another version',
    { build: 26100, revision: 1742, drivers: loaded, files: sprotect('1.0.3.48904') },
    'not-applicable',
    'none',
  ],
  [
    '2025-04-sprotect',
    'an older Windows',
    { build: 22631, revision: 4317, drivers: loaded, files: sprotect('1.0.2.372') },
    'not-applicable',
    'none',
  ],
  [
    '2025-04-sprotect',
    'a disabled driver',
    { build: 26100, revision: 1742, drivers: { sprotect: { Start: 4, Type: 1 } }, files: sprotect('1.0.2.372') },
    'not-applicable',
    'none',
  ],

  [
    '2025-07-azure-vbs',
    'an Azure machine that enforces VBS',
    { build: 26100, revision: 4652, system: guard(1), drivers: agent },
    'vbs-start-fails',
    'review',
  ],
  [
    '2025-07-azure-vbs',
    'one with Trusted Launch',
    {
      build: 26100,
      revision: 4652,
      system: guard(1),
      drivers: agent,
      files: { '/Windows/Logs/MeasuredBoot/0000000001-0000000000.log': { content: new Uint8Array(64) } },
    },
    'not-applicable',
    'none',
  ],
  [
    '2025-07-azure-vbs',
    'one without VBS',
    { build: 26100, revision: 4652, system: guard(0), drivers: agent },
    'not-applicable',
    'none',
  ],
  [
    '2025-07-azure-vbs',
    'one with the cure',
    { build: 26100, revision: 4656, system: guard(1), drivers: agent },
    'not-applicable',
    'none',
  ],
  [
    '2025-07-azure-vbs',
    'a machine elsewhere',
    { build: 26100, revision: 4652, system: guard(1) },
    'not-applicable',
    'none',
  ],

  [
    '2019-04-av-hang',
    'Windows 7 with Sophos, restarted since',
    { build: 7601, updates: { [update('KB4493472')]: INSTALLED }, drivers: sophos, restarted: '2019-04-10T01:00:00Z' },
    'antivirus-hang-likely',
    'review',
  ],
  [
    '2019-04-av-hang',
    'not restarted',
    { build: 7601, updates: { [update('KB4493472')]: INSTALLED }, drivers: sophos },
    'not-applicable',
    'none',
  ],
  [
    '2019-04-av-hang',
    'without such software',
    { build: 7601, updates: { [update('KB4493472')]: INSTALLED }, restarted: '2019-04-10T01:00:00Z' },
    'not-applicable',
    'none',
  ],
  [
    '2019-04-av-hang',
    'only staged',
    { build: 7601, updates: { [update('KB4493472')]: 0x40 }, drivers: sophos, restarted: '2019-04-10T01:00:00Z' },
    'not-applicable',
    'none',
  ],

  [
    '2019-05-sophos-win7',
    'the update pending beside Sophos',
    { build: 7601, updates: { [update('KB4499175')]: PENDING }, drivers: sophos },
    'update-hangs',
    'review',
  ],
  [
    '2019-05-sophos-win7',
    'the update installed, no restart',
    { build: 7601, updates: { [update('KB4499164')]: INSTALLED }, drivers: sophos },
    'not-applicable',
    'none',
  ],
  [
    '2019-05-sophos-win7',
    'Sophos disabled',
    { build: 7601, updates: { [update('KB4499164')]: PENDING }, drivers: { SAVService: { Start: 4, Type: 0x10 } } },
    'not-applicable',
    'none',
  ],

  [
    '2017-10-delta',
    'both pending on 1703',
    { build: 15063, revision: 608, updates: both('15063.674.1.8') },
    'both-pending',
    'act',
  ],
  [
    '2017-10-delta',
    'both pending on 1607',
    { build: 14393, revision: 1715, updates: both('14393.1770.1.6') },
    'both-pending',
    'act',
  ],
  [
    '2017-10-delta',
    'one of them installed',
    { build: 15063, revision: 608, updates: both('15063.674.1.8', INSTALLED) },
    'not-applicable',
    'none',
  ],
  [
    '2017-10-delta',
    'both of another month',
    { build: 15063, revision: 608, updates: both('15063.726.1.8') },
    'not-applicable',
    'none',
  ],
  [
    '2019-10-sep-ids',
    'the definitions and their driver, restarted since',
    { drivers: ids(1), files: definitions('20191014.061'), restarted: '2019-10-15T01:00:00Z' },
    'definitions-stop-windows',
    'act',
  ],
  [
    '2019-10-sep-ids',
    'not restarted',
    { drivers: ids(1), files: definitions('20191014.061') },
    'definitions-present',
    'review',
  ],
  [
    '2019-10-sep-ids',
    'a disabled driver',
    { drivers: ids(4), files: definitions('20191014.061') },
    'not-applicable',
    'none',
  ],
  [
    '2019-10-sep-ids',
    'other definitions',
    { drivers: ids(1), files: definitions('20191015.001') },
    'not-applicable',
    'none',
  ],
  [
    '2019-10-sep-ids',
    'the next revision beside them',
    { drivers: ids(1), files: { ...definitions('20191014.061'), ...definitions('20191014.062') } },
    'not-applicable',
    'none',
  ],
  [
    '2025-05-acpi-c0000098',
    '23H2 whose last start named ACPI.sys',
    { build: 22631, revision: 5335, bootFailure: [0x98, acpi] },
    'acpi-start-fails',
    'act',
  ],
  [
    '2025-05-acpi-c0000098',
    '22H2 whose last start named ACPI.sys',
    { build: 22621, revision: 5335, bootFailure: [0x98, acpi] },
    'acpi-start-fails',
    'act',
  ],
  [
    '2025-05-acpi-c0000098',
    'another status',
    { build: 22631, revision: 5335, bootFailure: [0x0f, acpi] },
    'not-applicable',
    'none',
  ],
  [
    '2025-05-acpi-c0000098',
    'another file',
    { build: 22631, revision: 5335, bootFailure: [0x98, '\\Windows\\System32\\drivers\\disk.sys'] },
    'not-applicable',
    'none',
  ],
  [
    '2025-05-acpi-c0000098',
    'the cure',
    { build: 22631, revision: 5415, bootFailure: [0x98, acpi] },
    'not-applicable',
    'none',
  ],
  ['2025-05-acpi-c0000098', 'no failure', { build: 22631, revision: 5335 }, 'not-applicable', 'none'],
];

describe('rules of incidents that builds, updates and drivers tell', () => {
  const folder = temporaryFolder();

  test.each(CASES)('%s: %s', async (rule, _what, spec, verdict, severity) => {
    const options = { channelFiles: [], crowdStrikeEntries: 0, windowsFiles: disk(spec), ...efiFiles(spec) };
    const report = await judge(folder, options, { mode: 'full', rules: SHIPPED_RULES });
    const result = report.installations[0]?.rules.find((candidate) => candidate.rule === rule);
    expect(result).toMatchObject({ verdict, severity });
  });

  test('each rule has a disk that it means, and one that it does not mean', () => {
    for (const rule of new Set(CASES.map(([name]) => name))) {
      const severities = CASES.filter(([name]) => name === rule).map(([, , , , severity]) => severity);
      expect(severities, rule).toContain('none');
      expect(
        severities.some((severity) => severity !== 'none'),
        rule,
      ).toBe(true);
    }
  });
});
