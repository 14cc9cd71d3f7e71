import { readFileSync } from 'node:fs';
import { CountingSource, type FileTree, MemorySource } from '@deadbox/core';
import { findInstallations, ianaTimeZone, type Machine, readMachine, type SecurityProduct } from '@deadbox/windows';
import { resolveImagePath, windowsTimeZones } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';
import { changedPages, makeDirty, writeNewLog } from '../../support/hive-log-writer.js';
import { keysFromPaths, writeHive } from '../../support/hive-writer.js';
import { type MemoryContent, memoryTree } from '../../support/memory-tree.js';
import { writePe } from '../../support/pe-writer.js';
import { type ServerSpec, softwareHive, systemHive } from '../../support/windows-hives.js';

const CONFIG = '/Windows/System32/config';
const SENSOR = '/Windows/System32/drivers/CrowdStrike/CSAgent.sys';

function server(spec: ServerSpec = {}, files: Record<string, MemoryContent | undefined> = {}): FileTree {
  return memoryTree({
    [`${CONFIG}/SYSTEM`]: systemHive(spec),
    [`${CONFIG}/SOFTWARE`]: softwareHive(spec),
    [SENSOR]: writePe({ fileVersion: '7.11.18110.0' }),
    '/Windows/System32/drivers/wd/WdFilter.sys': writePe({ fileVersion: '4.18.24050.7' }),
    '/Windows/System32/drivers/wd/WdBoot.sys': writePe({ fileVersion: '4.18.24050.7' }),
    '/Program Files/CrowdStrike/CSFalconService.exe': new Uint8Array(100),
    ...files,
  });
}
const machineOf = async (tree: FileTree): Promise<Machine> => (await readMachine(tree, '/Windows')).machine;

describe('the machine', () => {
  test('is named with product, version, zone, addresses and last shutdown', async () => {
    expect(await machineOf(server())).toMatchObject({
      computerName: 'SRV-FILE-07',
      hostName: 'srv-file-07',
      domain: 'corp.example.jp',
      productType: 'server',
      product: {
        name: 'Windows Server 2019 Datacenter',
        edition: 'ServerDatacenter',
        installationType: 'Server',
        build: 17763,
        revision: 5936,
        version: '10.0.17763.5936',
        displayVersion: '1809',
        systemRoot: 'C:\\Windows',
        installed: '2020-01-01T00:00:00.1234567Z',
      },
      timeZone: { key: 'Tokyo Standard Time', iana: 'Asia/Tokyo', biasMinutes: -540, name: 'Asia/Tokyo' },
      interfaces: [
        {
          id: '{11111111-2222-3333-4444-555555555555}',
          source: 'static',
          addresses: ['10.20.30.7', '10.20.30.8'],
          masks: ['255.255.255.0', '255.255.255.0'],
          gateways: ['10.20.30.1'],
          nameServers: ['10.20.0.1', '10.20.0.2'],
        },
      ],
      controlSet: { current: 1, default: 1, lastKnownGood: 2, name: 'ControlSet001' },
      start: {
        lastShutdown: '2024-07-18T13:00:00.0000000Z',
        lastBootSucceeded: 0,
        dirtyShutdownCount: 5,
        startOptions: 'NOEXECUTE=OPTOUT',
        alternateShell: 'cmd.exe',
        safeBootKeys: { minimal: true, network: true },
        bootExecute: ['autocheck autochk *'],
        pendingRenames: 2,
        setup: { inProgress: false, type: 0 },
      },
      pageFiles: ['C:\\pagefile.sys'],
      crashSettings: {
        dumpKind: 'automatic',
        autoReboot: true,
        minidumpsCount: 50,
        dumpFilePath: '/Windows/MEMORY.DMP',
        minidumpFolderPath: '/Windows/Minidump',
      },
      hives: { system: { verdict: 'clean', findings: [] }, software: { verdict: 'clean', findings: [] } },
      issues: [],
    });
  });

  test('lists the drivers that start with the boot loader, with their files', async () => {
    const { bootDrivers } = await machineOf(server());
    expect(bootDrivers.map((driver) => [driver.name, driver.file])).toEqual([
      ['disk', '/Windows/System32/drivers/disk.sys'],
      ['storahci', '/Windows/System32/drivers/storahci.sys'],
      ['WdBoot', '/Windows/system32/drivers/wd/WdBoot.sys'],
      ['WdFilter', '/Windows/system32/drivers/wd/WdFilter.sys'],
    ]);
  });

  test('names security products with the version in their driver', async () => {
    const { securityProducts } = await machineOf(server());
    expect(
      securityProducts.map((one) => [
        one.vendor,
        one.version,
        one.services.map((service) => `${service.name} ${service.startName}`),
      ]),
    ).toEqual([
      ['CrowdStrike', '7.11.18110.0', ['CSAgent system', 'CSFalconService automatic']],
      ['Microsoft', '4.18.24050.7', ['WdFilter boot', 'WdBoot boot']],
    ]);
  });

  const sensorOf = async (tree: FileTree): Promise<SecurityProduct | undefined> =>
    (await machineOf(tree)).securityProducts.find(({ vendor }) => vendor === 'CrowdStrike');

  test('tells a security product with version and ids', async () => {
    expect(await sensorOf(server())).toMatchObject({
      disabled: false,
      fileMissing: false,
      renamed: [],
      version: '7.11.18110.0',
      versionFrom: 'driver',
      identifiers: { agentId: 'a1'.repeat(16), customerId: 'c2'.repeat(16) },
      services: [{ start: 1, startName: 'system' }, {}],
    });
  });

  test('tells a security product that responders switched off, deleted or renamed', async () => {
    expect(await sensorOf(server({ sensorStart: 4 }))).toMatchObject({ disabled: true });
    const files = { '/Windows/System32/drivers/CrowdStrike.bak/CSAgent.sys': new Uint8Array(9) };
    const renamed = memoryTree({
      [`${CONFIG}/SYSTEM`]: systemHive(),
      [`${CONFIG}/SOFTWARE`]: softwareHive(),
      ...files,
      [SENSOR]: undefined,
    });
    expect(await sensorOf(renamed)).toMatchObject({
      renamed: ['/Windows/System32/drivers/CrowdStrike.bak'],
      version: '7.11.18110.0',
      versionFrom: 'uninstall',
    });
    const other = server({}, { '/Windows/System32/drivers/CrowdStrike/CSAgent.sys.old': new Uint8Array(4) });
    expect((await sensorOf(other))?.renamed).toEqual(['/Windows/System32/drivers/CrowdStrike/CSAgent.sys.old']);
    const gone = memoryTree({ [`${CONFIG}/SYSTEM`]: systemHive(), [`${CONFIG}/SOFTWARE`]: softwareHive() });
    expect(await sensorOf(gone)).toMatchObject({ fileMissing: true, renamed: [] });
    expect(await sensorOf(server({ sensorStart: null }))).toBeUndefined();
  });

  test('names a product that is a service of every Windows only where it is in use', async () => {
    const sense = (onboarded: number | undefined): FileTree =>
      memoryTree({
        [`${CONFIG}/SYSTEM`]: writeHive(
          keysFromPaths({
            Select: { Current: 1, Default: 1 },
            'ControlSet001\\Services\\Sense': { Start: 3, Type: 16, ImagePath: 'C:\\MsSense.exe' },
          }),
        ),
        [`${CONFIG}/SOFTWARE`]: writeHive(
          keysFromPaths({
            'Microsoft\\Windows Advanced Threat Protection\\Status':
              onboarded === undefined ? {} : { OnboardingState: onboarded },
          }),
        ),
      });
    const products = async (onboarded?: number): Promise<string[]> =>
      (await machineOf(sense(onboarded))).securityProducts.map(({ product }) => product);
    expect(await products()).toEqual([]);
    expect(await products(0)).toEqual([]);
    expect(await products(1)).toEqual(['Defender for Endpoint']);
  });

  test('takes no number from a build that is a text', async () => {
    const current = 'Microsoft\\Windows NT\\CurrentVersion';
    const build = async (values: Record<string, string>): Promise<number | undefined> => {
      const software = writeHive(keysFromPaths({ [current]: values }));
      return (await machineOf(memoryTree({ [`${CONFIG}/SOFTWARE`]: software }))).product?.build;
    };
    expect(await build({ CurrentBuild: '1.511.1 () (Obsolete data - do not use)' })).toBeUndefined();
    expect(await build({ CurrentBuild: '1.511.1 ()', CurrentBuildNumber: '2600' })).toBe(2600);
    expect(await build({ CurrentBuildNumber: '17763' })).toBe(17763);
  });

  test('tells the hives as sources', async () => {
    const { readSources } = await machineOf(server());
    expect(readSources.map(({ kind, state }) => [kind, state])).toEqual([
      ['hive', 'whole'],
      ['hive', 'whole'],
    ]);
    expect((await machineOf(memoryTree({}))).readSources.map(({ state }) => state)).toEqual(['absent', 'absent']);
  });

  test('corrects the name of Windows 11, tells a domain controller and a safe start', async () => {
    const machine = await machineOf(
      server({
        productName: 'Windows 10 Pro',
        build: 22631,
        productType: 'LanmanNT',
        system: { 'ControlSet001\\Control': { SystemStartOptions: ' NOEXECUTE=OPTIN  SAFEBOOT:NETWORK' } },
      }),
    );
    expect(machine.product?.name).toBe('Windows 11 Pro');
    expect(machine.productType).toBe('domain-controller');
    expect(machine.start?.safeMode).toBe('network');
  });

  test('has no product type where the registry names one that does not exist', async () => {
    for (const productType of ['Workstation', 'constructor', 'toString'])
      expect((await machineOf(server({ productType: productType as 'WinNT' }))).productType).toBeUndefined();
  });

  test('reads the control set that Select names as current', async () => {
    const machine = await machineOf(
      server({ system: { Select: { Current: 2, Default: 2, Failed: 1, LastKnownGood: 2 } } }),
    );
    expect(machine.computerName).toBe('OLD-NAME');
    expect(machine.controlSet?.name).toBe('ControlSet002');
  });

  test('tells on request where each value stands', async () => {
    const system = systemHive();
    const { machine } = await readMachine(server({}, { [`${CONFIG}/SYSTEM`]: system }), '/Windows', { explain: true });
    const source = machine.sources?.find((one) => one.name === 'ComputerName');
    expect(source).toMatchObject({
      hive: `${CONFIG}/SYSTEM`,
      key: '\\ControlSet001\\Control\\ComputerName\\ComputerName',
    });
    const at = source?.dataFileOffset ?? 0;
    expect(Buffer.from(system.subarray(at, at + 22)).toString('utf16le')).toBe('SRV-FILE-07');
    expect((await machineOf(server())).sources).toBeUndefined();
  });

  test('shows a zone without a known key by its offset', async () => {
    const machine = await machineOf(server({ timeZone: '', biasMinutes: 210 }));
    expect(machine.timeZone).toEqual({ biasMinutes: 210, activeBiasMinutes: 210, name: 'UTC-03:30' });
  });
});

describe('the health of the hives', () => {
  test('a control set that is not there is a finding with the code Windows would show', async () => {
    const { hives } = await machineOf(
      server({ system: { Select: { Current: 1, Default: 7, Failed: 0, LastKnownGood: 1 } } }),
    );
    expect(hives.system).toMatchObject({
      verdict: 'damaged',
      findings: [
        {
          id: 'hive-control-set-missing',
          data: { expected: 'ControlSet007', present: ['ControlSet001', 'ControlSet002'] },
        },
      ],
      codes: ['0xC0000225'],
    });
  });

  test('missing, empty and foreign files are findings, and the other hive is read', async () => {
    const missing = await machineOf(memoryTree({ [`${CONFIG}/SOFTWARE`]: softwareHive() }));
    expect(missing.hives.system).toMatchObject({ verdict: 'missing', codes: ['0xC0000218', '0x00000074'] });
    expect(missing.product?.build).toBe(17763);
    const empty = await machineOf(server({}, { [`${CONFIG}/SOFTWARE`]: new Uint8Array(0) }));
    expect(empty.hives.software.findings[0]?.id).toBe('hive-empty');
    expect(empty.computerName).toBe('SRV-FILE-07');
    const foreign = await machineOf(server({}, { [`${CONFIG}/SYSTEM`]: new Uint8Array(9000).fill(7) }));
    expect(foreign.hives.system).toMatchObject({ verdict: 'damaged', findings: [{ id: 'hive-not-regf' }] });
  });

  test('a dirty hive with its log is recoverable, and read as Windows would read it', async () => {
    const before = systemHive({ computerName: 'BEFORE-07' });
    const after = systemHive({ computerName: 'AFTERS-07' });
    const dirty = makeDirty(before);
    const log = writeNewLog(dirty, [
      { sequence: 8, binsSize: after.length - 4096, pages: changedPages(before, after) },
    ]);
    const machine = await machineOf(
      server(
        {},
        { [`${CONFIG}/SYSTEM`]: dirty, [`${CONFIG}/SYSTEM.LOG1`]: log, [`${CONFIG}/SYSTEM.LOG2`]: new Uint8Array(512) },
      ),
    );
    expect(machine.computerName).toBe('AFTERS-07');
    expect(machine.hives.system).toMatchObject({
      verdict: 'recoverable',
      state: { recovery: 'replayed', entriesApplied: 1 },
    });
    const without = await machineOf(server({}, { [`${CONFIG}/SYSTEM`]: dirty }));
    expect(without.hives.system).toMatchObject({ verdict: 'at-risk' });
    expect(without.computerName).toBe('BEFORE-07');
  });

  test('damage on the way to a fact makes the hive damaged, and the report still comes', async () => {
    const bytes = systemHive();
    const text = Buffer.from(bytes).indexOf('CrashControl', 0, 'latin1');
    bytes.fill(0, text - 0x4c, text - 0x40);
    const machine = await machineOf(server({}, { [`${CONFIG}/SYSTEM`]: bytes }));
    expect(machine.computerName).toBe('SRV-FILE-07');
    expect(machine.crashSettings).toBeUndefined();
    expect(machine.hives.system).toMatchObject({ verdict: 'damaged', findings: [{ id: 'hive-records-damaged' }] });
  });
});

describe('installations', () => {
  test('are found by name in any case, apart from those moved aside, and with what they lack', async () => {
    const tree = memoryTree({
      '/wINDOWS/System32/drivers/x.sys': new Uint8Array(1),
      '/wINDOWS/System32/config/SYSTEM': new Uint8Array(1),
      '/WINNT/system32/DRIVERS/': undefined,
      '/Windows.old/Windows/System32/drivers/': undefined,
      '/Windows.old.000/WINDOWS/System32/drivers/': undefined,
      '/Windows.bak/System32/drivers/': undefined,
      '/WindowsData/x': new Uint8Array(1),
    });
    expect(await findInstallations(tree)).toEqual([
      {
        path: '/wINDOWS',
        active: true,
        foundBy: 'name',
        missing: ['System32/config/SOFTWARE', 'System32/ntoskrnl.exe'],
      },
      { path: '/Windows.old/Windows', active: false, foundBy: 'name', missing: expect.any(Array) },
      { path: '/Windows.old.000/WINDOWS', active: false, foundBy: 'name', missing: expect.any(Array) },
      { path: '/WINNT', active: true, foundBy: 'name', missing: expect.any(Array) },
    ]);
  });

  test('are found where only a boot store names them, and not where there are no drivers', async () => {
    const tree = memoryTree({ '/OS/Win/System32/drivers/': undefined, '/Windows/System32/x': new Uint8Array(1) });
    expect(await findInstallations(tree)).toEqual([]);
    expect(
      (await findInstallations(tree, { bootRoots: ['\\os\\win', '\\nothing'] })).map((one) => [one.path, one.foundBy]),
    ).toEqual([['/OS/Win', 'boot-store']]);
  });
});

describe('image paths', () => {
  test('of every stored form lead to the file on the Windows volume', () => {
    const paths: [string, string | undefined][] = [
      ['system32\\drivers\\x.sys', '/W/system32/drivers/x.sys'],
      ['\\SystemRoot\\System32\\drivers\\x.sys', '/W/System32/drivers/x.sys'],
      ['%SystemRoot%\\system32\\svchost.exe -k netsvcs -p', '/W/system32/svchost.exe'],
      ['\\??\\C:\\Program Files\\A B\\x.sys', '/Program Files/A B/x.sys'],
      ['"C:\\Program Files\\A B\\x.exe" /service', '/Program Files/A B/x.exe'],
      ['C:\\Program Files\\A B\\x.exe /service', '/Program Files/A B/x.exe'],
      ['%ProgramFiles%\\x\\y.exe', '/Program Files/x/y.exe'],
      ['%windir%\\x.exe', '/W/x.exe'],
      ['D:\\x.sys', undefined],
      ['\\Device\\HarddiskVolume3\\x.sys', undefined],
      ['..\\..\\x.sys', undefined],
      ['', undefined],
    ];
    for (const [stored, expected] of paths)
      expect([stored, resolveImagePath(stored, '/W')]).toEqual([stored, expected]);
  });
});

describe('Windows time zones', () => {
  test('all have an IANA zone that this run-time knows', () => {
    expect(windowsTimeZones().size).toBeGreaterThan(135);
    for (const [key, zone] of windowsTimeZones())
      expect(() => new Intl.DateTimeFormat('en', { timeZone: zone }), key).not.toThrow();
  });

  test('agree with the bias that Windows stores', () => {
    // Bias of standard time in minutes, as Windows shows the zones in its list.
    const biases: Record<string, number> = {
      'Tokyo Standard Time': -540,
      'W. Europe Standard Time': -60,
      'Pacific Standard Time': 480,
      'India Standard Time': -330,
      'Nepal Standard Time': -345,
      'Newfoundland Standard Time': 210,
      'AUS Central Standard Time': -570,
      UTC: 0,
      'Hawaiian Standard Time': 600,
      'China Standard Time': -480,
    };
    for (const [key, bias] of Object.entries(biases)) {
      const parts = new Intl.DateTimeFormat('en', {
        timeZone: ianaTimeZone(key),
        timeZoneName: 'longOffset',
      }).formatToParts(new Date('2024-01-15T12:00:00Z'));
      const offset = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
      const [, sign, hours, minutes] = /^GMT(?:([+-])(\d{2}):(\d{2}))?$/.exec(offset) as RegExpExecArray;
      const shown = (sign === '-' ? 1 : -1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
      expect([key, shown + 0]).toEqual([key, bias]);
    }
    expect(ianaTimeZone('No Such Zone')).toBeUndefined();
  });
});

describeWithCorpus('SYSTEM hives of the corpus', () => {
  for (const entry of corpusManifest().filter((one) => one.expected?.system !== undefined)) {
    test(`${entry.id}: the machine's facts are the recorded ones, for less than 2.5 MB of reading`, async () => {
      const counted = new CountingSource(new MemorySource(new Uint8Array(readFileSync(corpusFile(entry)))));
      const tree = memoryTree({ [`${CONFIG}/SYSTEM`]: counted });
      // The chain of hive bins runs through the whole hive, so that following it costs its size.
      const { machine } = await readMachine(tree, '/Windows', { checkBins: false });
      const known = entry.expected.system;
      expect(machine.controlSet).toMatchObject({ current: known['Select\\Current'], name: known.control_set });
      expect(machine.computerName).toBe(known.ComputerName);
      expect(machine.crashSettings).toMatchObject({
        dumpEnabled: known.CrashDumpEnabled,
        dumpFile: known.DumpFile,
        autoReboot: known.AutoReboot === 1,
      });
      expect(machine.start?.systemBootDevice).toBe(known.SystemBootDevice);
      expect(machine.start?.startOptions).toBe(known.SystemStartOptions.trim());
      expect(machine.bootDrivers.find((driver) => driver.name === 'fvevol')).toMatchObject({
        start: known['fvevol Start'],
        imagePath: known['fvevol ImagePath'],
      });
      if (known.TimeZoneKeyName !== undefined) expect(machine.timeZone?.key).toBe(known.TimeZoneKeyName);
      expect(machine.mountedDevices.map((device) => device.name).sort()).toEqual(
        Object.keys(known.MountedDevices).sort(),
      );
      if (known.services !== undefined) expect(machine.serviceCount).toBe(known.services);
      expect(counted.reads).toBeLessThan(130);
      expect(counted.bytes).toBeLessThan(2.5e6);
    });
  }
});
