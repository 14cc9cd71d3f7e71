import { describe, expect, test } from 'vitest';
import { writePe } from '../../../support/pe-writer.js';
import { allCauses, causesOf, type WindowsSpec, windowsImage } from '../../../support/triage/windows-volume.js';

const start = (name: string, value: number): WindowsSpec => ({ keys: { [`Services\\${name}`]: { Start: value } } });
const DRIVERS = '/Windows/System32/drivers';

test('a Windows with everything in its place has no cause', async () => {
  expect(await allCauses({})).toEqual([]);
});

describe('start types', () => {
  test.each(['disk', 'partmgr', 'ACPI', 'volume'])(
    '%s that is not loaded with the kernel ends the start',
    async (name) => {
      expect(await causesOf(start(name, 3))).toEqual(['boot-driver-not-boot act proves']);
    },
  );

  test('mountmgr that is not loaded speaks strongly for it', async () => {
    expect(await causesOf(start('mountmgr', 4))).toEqual(['boot-driver-not-boot act strong']);
  });

  test('a driver that few machines need may start later', async () => {
    expect(await causesOf(start('vpci', 3))).toEqual([]);
  });

  test('fvevol is needed by an encrypted volume only, but its list must not name it while it is disabled', async () => {
    expect(await causesOf(start('fvevol', 3))).toEqual([]);
    expect(await causesOf(start('fvevol', 4))).toEqual(['class-filter-dangling act proves']);
  });

  test('an override of the last machine counts, one of another machine does not', async () => {
    const override = (id: string): WindowsSpec => ({ keys: { 'Services\\disk\\StartOverride': { [id]: 3 } } });
    expect(await causesOf(override('1'))).toEqual([]);
    const [cause] = await allCauses(override('0'));
    expect(cause).toMatchObject({
      id: 'boot-driver-not-boot',
      phase: 'kernel',
      codes: ['0x0000007B'],
      data: {
        name: 'disk',
        overridden: true,
        found: 3,
        to: 0,
        key: '\\ControlSet001\\Services\\disk\\StartOverride',
        value: '0',
      },
      repair: { class: 'in-place', operation: 'set-registry-value' },
      requests: [
        {
          operation: 'set-registry-value',
          path: '/Windows/System32/config/SYSTEM',
          key: 'ControlSet001\\Services\\disk\\StartOverride',
          value: '0',
          to: 0,
        },
      ],
    });
  });

  test('the evidence is the four bytes of the value on the volume', async () => {
    const [cause] = await allCauses(start('disk', 3));
    expect(cause?.evidence).toMatchObject([{ what: 'registry value Start', length: 4, bytes: '03000000' }]);
  });

  test('a needed driver without its key ends the start, and is the only cause', async () => {
    expect(await causesOf({ keys: { 'Services\\pci': null } })).toEqual(['boot-driver-key-missing act proves']);
  });

  test('a Windows of before 1703 has no driver "volume"', async () => {
    const keys = { 'Services\\volume': null };
    expect(await causesOf({ build: 10_586, keys })).toEqual([]);
    expect(await causesOf({ build: 17_763, keys })).toEqual(['boot-driver-key-missing act proves']);
  });

  test('the control set that the loader will use is judged, not the one that ran last', async () => {
    const other = { 'ControlSet002\\Services\\disk': { Type: 1, Start: 0 } };
    const system = { ...other, Select: { Current: 2, Default: 1, LastKnownGood: 2 } };
    expect(await causesOf({ system, ...start('disk', 3) })).toEqual(['boot-driver-not-boot act proves']);
  });
});

describe('the file of a driver that is loaded with the kernel', () => {
  const image = windowsImage('storahci');
  test.each([
    ['is missing', null, 'absent'],
    ['is empty', { size: 0 }, 'empty'],
    ['was never written', { size: 40_000, valid: 0 }, 'unwritten'],
    ['holds zeros', { content: new Uint8Array(5000) }, 'zeros'],
    ['is text', { content: new TextEncoder().encode('not an image '.repeat(90)) }, 'not-pe'],
    ['is cut short', { content: image.slice(0, image.length - 600) }, 'truncated'],
    ['is for 32 bits', { content: writePe({ fileVersion: '10.0.17763.1', narrow: true }) }, 'wrong-machine'],
  ])('%s: the start ends where the driver must be loaded', async (_, file, state) => {
    const [cause, ...more] = await allCauses({ files: { [`${DRIVERS}/storahci.sys`]: file } });
    expect(more).toEqual([]);
    expect(cause).toMatchObject({ id: 'boot-driver-file-bad', severity: 'act', confidence: 'proves', data: { state } });
  });

  test('missing, of a driver that Windows can do without, is to be looked at', async () => {
    expect(await causesOf({ files: { [`${DRIVERS}/vpci.sys`]: null } })).toEqual([
      'boot-driver-file-bad review strong',
    ]);
  });

  test('missing, of a driver that Windows can do without but this target cannot, ends the start', async () => {
    const files = { [`${DRIVERS}/vpci.sys`]: null };
    expect(await causesOf({ files, target: 'azure-nvme' })).toEqual(['boot-driver-file-bad act proves']);
  });

  test('does not matter while the driver is started later', async () => {
    expect(await causesOf({ files: { [`${DRIVERS}/vpci.sys`]: null }, ...start('vpci', 3) })).toEqual([]);
  });

  test('does not matter while this machine overrides the driver', async () => {
    const keys = { 'Services\\vpci\\StartOverride': { '0': 3 } };
    expect(await causesOf({ files: { [`${DRIVERS}/vpci.sys`]: null }, keys })).toEqual([]);
  });

  test('of "disk" is needed by every machine, whatever its error control says', async () => {
    expect(await causesOf({ files: { [`${DRIVERS}/disk.sys`]: null } })).toEqual(['boot-driver-file-bad act proves']);
  });
});

describe('filters of a class', () => {
  const DISK = 'Control\\Class\\{4d36e967-e325-11ce-bfc1-08002be10318}';
  const VOLUME = 'Control\\Class\\{71a27cdd-812a-11d0-bec7-08002be2092f}';
  const filter = (name: string): WindowsSpec => ({ keys: { [DISK]: { UpperFilters: ['partmgr', name] } } });
  const service = (spec: WindowsSpec, name: string, startType: number): WindowsSpec => ({
    ...spec,
    keys: { ...spec.keys, [`Services\\${name}`]: { Type: 1, Start: startType, ErrorControl: 1 } },
  });
  const file = { [`${DRIVERS}/snapman.sys`]: { content: windowsImage('snapman') } };

  test('a name without a service ends the start', async () => {
    const [cause] = await allCauses(filter('snapman'));
    expect(cause).toMatchObject({
      id: 'class-filter-dangling',
      confidence: 'proves',
      data: { reason: 'no-service', name: 'snapman', class: 'disk' },
    });
  });

  test('a disabled driver in the list ends the start', async () => {
    const [cause] = await allCauses({ ...service(filter('snapman'), 'snapman', 4), files: file });
    expect(cause).toMatchObject({ id: 'class-filter-dangling', data: { reason: 'disabled' } });
  });

  test.each([0, 3])('a driver of start type %i without its file ends the start, and is told once', async (type) => {
    expect(await causesOf(service(filter('snapman'), 'snapman', type))).toEqual(['class-filter-dangling act proves']);
  });

  test('a driver of another maker whose file is there is only worth knowing', async () => {
    const causes = await allCauses({ ...service(filter('snapman'), 'snapman', 0), files: file });
    expect(causes.map(({ id, severity }) => [id, severity])).toEqual([['class-filter-third-party', 'none']]);
  });

  test('a list of disks without partmgr ends the start', async () => {
    expect(await causesOf({ keys: { [DISK]: { UpperFilters: [] } } })).toEqual([
      'class-filter-default-missing act proves',
    ]);
  });

  test('a list of volumes without volsnap is a hint, and none in a Windows that never had it there', async () => {
    const keys = { [VOLUME]: { UpperFilters: [] } };
    expect(await causesOf({ keys })).toEqual(['class-filter-default-missing review hint']);
    expect(await causesOf({ keys: { ...keys, 'Services\\volume': null }, build: 10_586 })).toEqual([]);
  });

  test('filters of a class that no disk hangs on do not matter', async () => {
    const keys = { 'Control\\Class\\{4d36e96f-e325-11ce-bfc1-08002be10318}': { UpperFilters: ['gone'] } };
    expect(await causesOf({ keys })).toEqual([]);
  });
});
