import { readDeviceInstances, readPartitionManagers } from '@deadbox/windows/internals';
import { expect, test } from 'vitest';
import { readOnlyDisk } from '../../../packages/triage/src/causes/data/read-only-disk.js';
import { codePages } from '../../../packages/triage/src/causes/loader/code-pages.js';
import { lsaPackages } from '../../../packages/triage/src/causes/logon/lsa-packages.js';
import { profiles } from '../../../packages/triage/src/causes/logon/profiles.js';
import { coreProcesses } from '../../../packages/triage/src/causes/session/core-processes.js';
import { driverFacts, isCountable } from '../../../packages/triage/src/drivers/driver-facts.js';
import { ListedNames } from '../../../packages/triage/src/drivers/listed-names.js';
import { Doubts } from '../../../packages/triage/src/subject/doubts.js';
import type {
  InstallationSubject,
  LoaderControlSet,
} from '../../../packages/triage/src/subject/installation-subject.js';
import { CS, sessionSubjects, type WindowsChange } from '../../support/triage/session-windows.js';

const facts = (doubts: Doubts): readonly unknown[] => doubts.issues.map(({ data }) => data);

test('behind the doubts that are kept, causes stay undecided all the same', () => {
  const doubts = new Doubts();
  for (let i = 0; i < 100; i += 1) doubts.add(['pending-renames'], { path: `/${i}`, reason: 'unreadable' });
  doubts.add(['disk-read-only', 'os-expired'], { path: '/behind', reason: 'unreadable' });
  doubts.add(['os-expired'], { path: '/further', reason: 'unreadable' });
  expect(doubts.issues).toHaveLength(100);
  expect(doubts.issues.at(-1)?.data).toEqual({
    causes: ['pending-renames', 'disk-read-only', 'os-expired'],
    path: '/99',
    reason: 'unreadable',
  });
});

test('lists are examined up to a number of names together; where they go on, it stays undecided', () => {
  const doubts = new Doubts();
  const names = new ListedNames({ doubts }, ['instance-filter']);
  const list = (name: string, count: number) => ({ key: '\\A', name, values: Array<string>(count).fill('x') });
  expect(names.of(list('first', 4000))).toHaveLength(4000);
  expect(facts(doubts)).toEqual([]);
  expect(names.of(list('second', 97))).toHaveLength(96);
  expect(names.of(list('third', 1))).toHaveLength(0);
  expect(facts(doubts)).toEqual([
    { causes: ['instance-filter'], key: '\\A\\second', reason: 'too-many' },
    { causes: ['instance-filter'], key: '\\A\\third', reason: 'too-many' },
  ]);
});

/** A key that says how many subkeys it has, which no test has the time to write. */
function keyOf(subkeyCount: number): LoaderControlSet['key'] {
  const child = { path: '\\ControlSet001\\Services', subkeyCount, subkeys: () => Promise.resolve([]) };
  return { key: () => Promise.resolve(child) } as unknown as LoaderControlSet['key'];
}

test.each([
  [16_384, true],
  [16_385, false],
])('of %i services those behind the last one read are not missing', async (count, countable) => {
  const doubts = new Doubts();
  const set = { number: 1, name: 'ControlSet001', key: keyOf(count) };
  expect(await isCountable({ doubts } as InstallationSubject, set, ['service-critical'])).toBe(countable);
  expect(facts(doubts)).toHaveLength(countable ? 0 : 1);
});

test.each([
  [16_384, true],
  [16_385, false],
])('of %i devices of a bus it is told whether all are looked at', async (count, complete) => {
  expect(await readDeviceInstances(keyOf(count))).toEqual({ devices: [], complete });
});

test.each([
  [16_384, true],
  [16_385, false],
])(
  'of %i disks of a bus it is told whether all are looked at, and a disk behind is no disk that may write',
  async (count, complete) => {
    expect(await readPartitionManagers(keyOf(count))).toEqual({ managers: [], complete });
    const doubts = new Doubts();
    const controlSet = () => Promise.resolve({ number: 1, name: 'ControlSet001', key: keyOf(count) });
    const installations = [{ doubts, controlSet }];
    expect(await readOnlyDisk.detect({ disk: {}, installations } as never, {})).toEqual([]);
    const doubt = { causes: ['disk-read-only'], key: '\\ControlSet001\\Enum', reason: 'too-many' };
    expect(facts(doubts)).toEqual(complete ? [] : [doubt]);
  },
);

test('instances of one disk count towards those that are looked at', async () => {
  const instance = { key: () => Promise.resolve(undefined) };
  const disk = {
    name: 'Disk&Ven_A',
    subkeyCount: 9000,
    subkeys: () => Promise.resolve(Array.from({ length: 9000 }, () => instance)),
  };
  const bus = (disks: number) => ({
    subkeyCount: disks,
    subkeys: () => Promise.resolve(Array.from({ length: disks }, () => disk)),
  });
  const set = (disks: number) =>
    ({ key: (path: string) => Promise.resolve(path === 'Enum\\SCSI' ? bus(disks) : undefined) }) as never;
  expect(await readPartitionManagers(set(1))).toEqual({ managers: [], complete: true });
  expect(await readPartitionManagers(set(2))).toEqual({ managers: [], complete: false });
});

test.each([
  [65_536, []],
  [65_537, [{ causes: ['profile-broken'], key: '\\ControlSet001\\Services', reason: 'too-many' }]],
])('of %i profiles those behind are not known to be whole', async (count, doubted) => {
  const doubts = new Doubts();
  const subject = { doubts, hive: () => Promise.resolve({ hive: keyOf(count) }) } as unknown as InstallationSubject;
  expect(await profiles.detect(subject, {})).toEqual([]);
  expect(facts(doubts)).toEqual(doubted);
});

test('machines behind those that are looked at leave open on which one Windows ran last', async () => {
  const config = 'HardwareConfig';
  const machines = Array.from({ length: 257 }, (_, i) => [`${config}\\{${i}}`, { Id: i }]);
  const { windows, doubts } = await sessionSubjects({
    system: { ...Object.fromEntries(machines), [config]: { LastId: 256 } },
  });
  await windows.fact(driverFacts, {});
  const causes = ['xen-residue', 'parallels-residue', 'storage-driver-absent'];
  expect(facts(doubts)).toEqual([{ causes, key: `\\${config}`, reason: 'too-many' }]);
});

test('a list of files that is longer than a real one ends in files that are not examined', async () => {
  const { windows } = await sessionSubjects();
  const paths = Array.from({ length: 4098 }, (_, i) => `/Windows/System32/${i}.dll`);
  const files = await windows.files.checkAll(paths, 'presence');
  expect(files.map(({ state }) => state)).toEqual([...Array<string>(4096).fill('absent'), 'unreadable', 'unreadable']);
  expect(files[4097]).toMatchObject({ path: '/Windows/System32', data: { reason: 'too-many' } });
});

const gone: Record<string, undefined> = Object.fromEntries(
  (
    'smss.exe autochk.exe csrss.exe csrsrv.dll basesrv.dll winsrv.dll sxssrv.dll wininit.exe winlogon.exe ' +
    'services.exe lsass.exe lsasrv.dll samsrv.dll svchost.exe userinit.exe LogonUI.exe dwm.exe ntdll.dll ' +
    'kernel32.dll KernelBase.dll user32.dll gdi32.dll advapi32.dll rpcrt4.dll sechost.dll msvcrt.dll win32k.sys'
  )
    .split(' ')
    .map((name) => [`/Windows/System32/${name}`, undefined]),
);

test.each<[string, typeof coreProcesses, WindowsChange]>([
  ['the programs of a session', coreProcesses, { files: gone }],
  [
    'the libraries of lsass.exe',
    lsaPackages,
    {
      system: {
        [`${CS}\\Control\\Lsa`]: {
          'Security Packages': ['a', 'b'],
          'Authentication Packages': ['c'],
          'Notification Packages': [],
        },
      },
    },
  ],
  [
    'the code pages',
    codePages,
    { system: { [`${CS}\\Control\\Nls\\CodePage`]: { ACP: '1', OEMCP: '2', 1: 'a.nls', 2: 'b.nls' } } },
  ],
])(
  'where most or all of %s are gone, no single one is the cause, and nobody says that nothing is wrong',
  async (_, detector, change) => {
    const { windows, doubts } = await sessionSubjects(change);
    expect(await detector.detect(windows, {})).toEqual([]);
    expect(doubts.issues.map(({ data }) => data)).toMatchObject([
      { causes: detector.causes, path: '/Windows/System32', reason: 'windows-incomplete' },
    ]);
  },
);
