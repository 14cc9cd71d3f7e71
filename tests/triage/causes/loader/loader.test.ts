import { MemorySource } from '@deadbox/core';
import { readPeContent, readPeImage } from '@deadbox/windows/internals';
import { describe, expect, test, vi } from 'vitest';
import { type CatalogMember, writeCatalog } from '../../../support/catalog-writer.js';
import { writePe } from '../../../support/pe-writer.js';
import { allCauses, causesOf, scanWindows, windowsImage } from '../../../support/triage/windows-volume.js';

const SYSTEM32 = '/Windows/System32';
const text = (words: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(words);

describe('core files', () => {
  const image = windowsImage('ci.dll');
  const flipped = image.slice();
  flipped[0x500] ^= 0xff;

  test.each([
    ['ntoskrnl.exe', 'is missing', null, 'absent'],
    ['hal.dll', 'is empty', { size: 0 }, 'empty'],
    ['ci.dll', 'holds zeros', { content: new Uint8Array(9000) }, 'zeros'],
    ['ci.dll', 'is cut short', { content: image.slice(0, 2000) }, 'truncated'],
    ['ci.dll', 'has one byte changed', { content: flipped }, 'bad-checksum'],
    ['drivers/cng.sys', 'was never written', { size: 9000, valid: 0 }, 'unwritten'],
    ['drivers/Ntfs.sys', 'is text', { content: text('not an image '.repeat(100)) }, 'not-pe'],
    ['mcupdate_GenuineIntel.dll', 'holds zeros', { content: new Uint8Array(9000) }, 'zeros'],
  ])('%s %s', async (name, _, file, state) => {
    const causes = await allCauses({ files: { [`${SYSTEM32}/${name}`]: file } });
    expect(causes).toMatchObject([{ id: 'core-file-bad', phase: 'loader', data: { state } }]);
    const optional = name.startsWith('mcupdate');
    expect(causes[0]).toMatchObject(optional ? { severity: 'review' } : { severity: 'act', confidence: 'proves' });
  });

  test('as large as the kernel are compared with their checksum too', async () => {
    const large = windowsImage('ntoskrnl.exe', '10.0.17763.1', { code: { size: 6 << 20, seed: 3 } });
    const changed = large.slice();
    changed[5 << 20] ^= 0x10;
    const spec = (content: Uint8Array) => ({ files: { [`${SYSTEM32}/ntoskrnl.exe`]: { content } } });
    expect(await causesOf(spec(large))).toEqual([]);
    expect(await allCauses(spec(changed))).toMatchObject([{ id: 'core-file-bad', data: { state: 'bad-checksum' } }]);
  });

  test('without a checksum are not wrong for it', async () => {
    const files = { [`${SYSTEM32}/ci.dll`]: { content: writePe({ fileVersion: '10.0.17763.1' }) } };
    expect(await causesOf({ files })).toEqual([]);
  });

  test('are other ones in Windows 7: clfs.sys lies in System32, and newer ones do not exist', async () => {
    const gone = ['werkernel', 'tm'].map((name) => [`${SYSTEM32}/drivers/${name}.sys`, null]);
    const clfs = {
      [`${SYSTEM32}/clfs.sys`]: { content: windowsImage('clfs.sys', '10.0.7601.1') },
      [`${SYSTEM32}/drivers/CLFS.sys`]: null,
    };
    const keys = { 'Services\\CLFS': { ImagePath: { expand: 'System32\\CLFS.sys' } } };
    const newer = Object.fromEntries(
      ['acpiex', 'pdc', 'spaceport', 'volume'].map((name) => [`Services\\${name}`, null]),
    );
    const files = { ...Object.fromEntries(gone), ...clfs };
    expect(await causesOf({ build: 7601, files, keys: { ...keys, ...newer } })).toEqual([]);
    expect((await causesOf({ build: 17_763, files })).toSorted()).toEqual([
      'core-file-bad act proves',
      'core-file-bad act proves',
      'core-file-bad act proves',
    ]);
  });

  test('that all are gone are one finding, about the folder', async () => {
    const names = ['ntoskrnl.exe', 'hal.dll', 'kdcom.dll', 'ci.dll', 'PSHED.DLL', 'BOOTVID.dll', 'apisetschema.dll'];
    const drivers = ['CLFS', 'werkernel', 'tm', 'msrpc', 'CNG'].map((name) => `drivers/${name}.sys`);
    const files = Object.fromEntries([...names, ...drivers].map((name) => [`${SYSTEM32}/${name}`, null]));
    const causes = await allCauses({ files });
    expect(causes.filter(({ id }) => id === 'core-file-bad')).toMatchObject([
      { severity: 'none', confidence: 'hint', data: { path: SYSTEM32 } },
    ]);
  });

  test('that are all gone beside the registry of a whole machine were lost: that is to be looked at', async () => {
    const names = ['ntoskrnl.exe', 'kdcom.dll', 'ci.dll', 'drivers/Ntfs.sys', 'drivers/CNG.sys', 'drivers/FltMgr.sys'];
    const services = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`Services\\service${i}`, { Type: 0x20, Start: 3 }]),
    );
    const files = Object.fromEntries(names.map((name) => [`${SYSTEM32}/${name}`, null]));
    const { causes, starts } = await scanWindows({ files, keys: services });
    expect(causes.filter(({ severity }) => severity !== 'none')).toMatchObject([
      { id: 'core-file-bad', severity: 'review', confidence: 'strong', data: { path: SYSTEM32, state: 'absent' } },
    ]);
    expect(starts).toBe('doubtful');
  });

  test('for another processor have a cause of their own', async () => {
    const files = { [`${SYSTEM32}/hal.dll`]: { content: writePe({ fileVersion: '10.0.17763.1', narrow: true }) } };
    expect(await causesOf({ files })).toEqual(['core-file-machine act proves']);
  });

  test('of another build are told with both versions', async () => {
    const files = { [`${SYSTEM32}/hal.dll`]: { content: windowsImage('hal.dll', '10.0.20348.1') } };
    const [cause] = await allCauses({ files });
    expect(cause).toMatchObject({
      id: 'core-file-version',
      severity: 'act',
      confidence: 'strong',
      data: { version: '10.0.20348.1', usual: '10.0.17763.1' },
    });
  });

  test.each([
    [17_763, '10.0.17763.6659'],
    [19_045, '10.0.19041.1'],
    [26_200, '10.0.26100.4652'],
  ])('of build %i may be of version %s', async (build, version) => {
    expect(
      await causesOf({ build, files: { [`${SYSTEM32}/hal.dll`]: { content: windowsImage('hal.dll', version) } } }),
    ).toEqual([]);
  });

  test('bring what they import: a missing image is told with the first that imports it', async () => {
    const kernel = windowsImage('ntoskrnl.exe', '10.0.17763.1', {
      imports: ['HAL.dll', 'ext-ms-win-ntos-werkernel-l1-1-0.dll', 'ntosext.sys'],
    });
    const files = { [`${SYSTEM32}/ntoskrnl.exe`]: { content: kernel } };
    const [cause] = await allCauses({ files });
    expect(cause).toMatchObject({
      id: 'core-file-bad',
      data: { state: 'absent', importedBy: 'ntoskrnl.exe', path: `${SYSTEM32}/drivers/ntosext.sys` },
    });
    const ntosext = { [`${SYSTEM32}/drivers/ntosext.sys`]: { content: windowsImage('ntosext') } };
    expect(await causesOf({ files: { ...files, ...ntosext } })).toEqual([]);
  });
});

describe('the loader', () => {
  test('that is cut short is not looked at on a disk that no firmware starts', async () => {
    const image = windowsImage('winload.efi');
    expect(await causesOf({ files: { [`${SYSTEM32}/winload.efi`]: { content: image.slice(0, 1500) } } })).toEqual([]);
  });
});

describe('tables of the language', () => {
  test.each([
    ['c_1252.nls', null, 'absent'],
    ['c_437.nls', { size: 0 }, 'empty'],
    ['l_intl.nls', { content: new Uint8Array(700) }, 'zeros'],
  ])('%s bad', async (name, file, state) => {
    const causes = await allCauses({ files: { [`${SYSTEM32}/${name}`]: file } });
    expect(causes).toMatchObject([{ id: 'nls-file-bad', severity: 'act', confidence: 'proves', data: { state } }]);
  });

  test('of another code page may be missing', async () => {
    expect(await causesOf({ files: { [`${SYSTEM32}/c_932.nls`]: { size: 0 } } })).toEqual([]);
  });
});

describe('the control set', () => {
  const select = (values: Record<string, number>) => ({ system: { Select: values } });
  test.each(['Default', 'Current'])('that %s names must exist', async (name) => {
    const causes = (await scanWindows(select({ [name]: 3 }))).causes.filter(({ severity }) => severity !== 'none');
    expect(causes).toMatchObject([
      { id: 'select-broken', phase: 'loader', severity: 'act', confidence: 'proves', data: { found: 3, to: 1 } },
    ]);
    expect(causes[0]?.evidence).toMatchObject([{ bytes: '03000000' }]);
  });

  test('that was the last good one is worth knowing where it is another', async () => {
    const causes = await allCauses({ system: { Select: { LastKnownGood: 2 }, 'ControlSet002\\Control': {} } });
    expect(causes.map(({ id, severity }) => [id, severity])).toEqual([['lkg-available', 'none']]);
  });

  test('that was the last good one and is gone is no matter', async () => {
    expect(await allCauses(select({ LastKnownGood: 2 }))).toEqual([]);
  });
});

describe('an evaluation', () => {
  const policy = (year: number): Uint8Array => {
    const name = 'Kernel-ExpirationDate';
    const bytes = new Uint8Array(20 + 16 + name.length * 2 + 16 + 4);
    const view = new DataView(bytes.buffer);
    [bytes.length, bytes.length - 24, 4, 0, 1].forEach((value, i) => view.setUint32(i * 4, value, true));
    [bytes.length - 24, name.length * 2, 3, 16].forEach((value, i) => view.setUint16(20 + i * 2, value, true));
    for (let i = 0; i < name.length; i += 1) view.setUint16(36 + i * 2, name.charCodeAt(i), true);
    [year, 6, 1].forEach((value, i) => view.setUint16(36 + name.length * 2 + i * 2, value, true));
    return bytes;
  };
  const spec = (year: number) => ({ keys: { 'Control\\ProductOptions': { ProductPolicy: policy(year) } } });

  test('that is over most likely does not start; one that goes on is worth knowing', async () => {
    expect(await causesOf(spec(2020))).toEqual(['os-expired act strong']);
    expect((await allCauses(spec(2199))).map(({ id, severity }) => [id, severity])).toEqual([['os-expired', 'none']]);
    expect(await allCauses(spec(0))).toEqual([]);
  });

  test('is over by the clock of the run, on the very day', async () => {
    vi.useFakeTimers({ now: Date.UTC(2031, 4, 31), toFake: ['Date'] });
    try {
      expect(await causesOf(spec(2031))).toEqual([]);
      vi.setSystemTime(Date.UTC(2031, 5, 2));
      expect(await causesOf(spec(2031))).toEqual(['os-expired act strong']);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('code integrity', () => {
  const ACTIVE = `${SYSTEM32}/CodeIntegrity/CiPolicies/Active`;
  test('policies that are empty or zeros are suspect, others are not', async () => {
    expect(await causesOf({ files: { [`${ACTIVE}/{CDD5CB55}.cip`]: { size: 0 } } })).toEqual([
      'ci-policy-bad review strong',
    ]);
    expect(await causesOf({ files: { [`${ACTIVE}/{CDD5CB55}.cip`]: { content: text('policy') } } })).toEqual([]);
    expect(
      await causesOf({ files: { [`${SYSTEM32}/CodeIntegrity/SiPolicy.p7b`]: { content: new Uint8Array(4000) } } }),
    ).toEqual(['ci-policy-bad review strong']);
  });
});

describe('the catalog store', () => {
  const STORE = `${SYSTEM32}/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}`;
  const PACKAGES = '/Windows/servicing/Packages';
  const digestOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<CatalogMember> => {
    const source = new MemorySource(bytes);
    return { algorithm: 'sha256', digest: (await readPeContent(source, await readPeImage(source))).sha256 };
  };
  /** A catalog with every boot-start driver but the named ones. */
  const catalogWithout = async (...names: string[]): Promise<Uint8Array<ArrayBuffer>> => {
    const all = [
      'ACPI',
      'atapi',
      'disk',
      'storahci',
      'volume',
      'pci',
      'partmgr',
      'CNG',
      'fvevol',
      'mountmgr',
      'Wdf01000',
      'msisadrv',
      'EhStorClass',
      'spaceport',
    ];
    const listed = all.filter((name) => !names.includes(name)).map((name) => digestOf(windowsImage(name)));
    return writeCatalog(await Promise.all(listed));
  };
  const packages = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${PACKAGES}/Package_${i}.cat`, { size: 3000 }]));

  test('with a catalog of zeros and drivers that it alone listed ends the start', async () => {
    const files = {
      [`${STORE}/a.cat`]: { content: await catalogWithout('spaceport') },
      [`${STORE}/b.cat`]: { content: new Uint8Array(3000) },
    };
    const [cause] = await allCauses({ files });
    expect(cause).toMatchObject({
      id: 'catalog-store-damaged',
      severity: 'act',
      confidence: 'proves',
      data: { bad: ['b.cat'] },
    });
  });

  test('with far fewer catalogs than servicing keeps most likely ends the start', async () => {
    const files = { ...packages(10), [`${STORE}/Package_1.cat`]: { content: writeCatalog([]) } };
    expect(await causesOf({ files })).toEqual(['catalog-store-damaged act strong']);
  });

  test('that is too large to be read is examined where a crash does harm: at its newest catalogs', async () => {
    const catalog = { content: writeCatalog([]) };
    const store = (lost: number, modified: string) =>
      Object.fromEntries(
        Array.from({ length: 80 }, (_, i) => [
          `${STORE}/${i}.cat`,
          i === lost ? { content: new Uint8Array(3000), modified } : { ...catalog, modified: '2024-01-01T00:00:00Z' },
        ]),
      );
    const [cause] = await allCauses({ files: store(77, '2026-11-20T00:00:00Z') });
    expect(cause).toMatchObject({ id: 'catalog-store-damaged', severity: 'review', data: { bad: ['77.cat'] } });
    expect(await causesOf({ files: store(-1, '') })).toEqual([]);
  });

  test('that lists none of these drivers says nothing about them', async () => {
    const files = { [`${STORE}/a.cat`]: { content: writeCatalog([]) }, ...packages(1) };
    expect(await causesOf({ files })).toEqual([]);
  });

  test('that is whole and lists other drivers tells a driver that it does not list: of Windows, or of another maker', async () => {
    const store = async (...names: string[]) => ({ [`${STORE}/a.cat`]: { content: await catalogWithout(...names) } });
    const keys = { 'Services\\agent': { Type: 1, Start: 0, ErrorControl: 1 } };
    const agent = { [`${SYSTEM32}/drivers/agent.sys`]: { content: windowsImage('an agent of another maker') } };
    const causes = await allCauses({ keys, files: { ...(await store()), ...agent } });
    expect(causes.filter(({ id }) => id === 'unsigned-driver')).toMatchObject([
      { severity: 'act', confidence: 'strong', data: { name: 'agent' } },
    ]);
    // A driver that is too large to be digested is a doubt: whether a catalog lists it is not known.
    const code = { size: 9 << 20, seed: 5 };
    const large = { [`${SYSTEM32}/drivers/agent.sys`]: { content: windowsImage('agent', '1.0.0.0', { code }) } };
    const { issues } = await scanWindows({ keys, files: { ...(await store()), ...large } });
    expect(issues.filter(({ data }) => data.reason === 'too-many')).toMatchObject([
      {
        code: 'cause.undecided',
        data: {
          reason: 'too-many',
          path: `${SYSTEM32}/drivers/agent.sys`,
          causes: ['unsigned-driver', 'catalog-store-damaged'],
        },
      },
    ]);
    const testing = { Control: { SystemStartOptions: ' TESTSIGNING NOEXECUTE=OPTOUT' } };
    const quiet = await allCauses({ keys: { ...keys, ...testing }, files: { ...(await store()), ...agent } });
    expect(quiet.filter(({ id }) => id === 'unsigned-driver')).toEqual([]);
  });
});
