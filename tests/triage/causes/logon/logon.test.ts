import { describe, expect, test } from 'vitest';
import { criticalServices } from '../../../../packages/triage/src/causes/logon/critical-services.js';
import { directoryService } from '../../../../packages/triage/src/causes/logon/directory-service.js';
import { imageOptions } from '../../../../packages/triage/src/causes/logon/image-options.js';
import { lsaPackages } from '../../../../packages/triage/src/causes/logon/lsa-packages.js';
import { profiles } from '../../../../packages/triage/src/causes/logon/profiles.js';
import { rpcHost } from '../../../../packages/triage/src/causes/logon/rpc-host.js';
import { winlogon } from '../../../../packages/triage/src/causes/logon/winlogon.js';
import type { FileOptions } from '../../../support/ntfs-writer/tree.js';
import {
  CS,
  detected,
  detectedOnDisk,
  IMAGE,
  type Values,
  VERSION,
  type WindowsChange,
} from '../../../support/triage/session-windows.js';

const logonValues = (changed: Values): WindowsChange => ({ software: { [`${VERSION}\\Winlogon`]: changed } });

test('the shell of a server core may be PowerShell, which lies in a folder of its own', async () => {
  const files = { '/Windows/System32/WindowsPowerShell/v1.0/powershell.exe': IMAGE };
  const shell = logonValues({ Shell: 'powershell.exe -NoExit' });
  expect(await detected(winlogon, { ...shell, files })).toEqual([]);
  expect(await detected(winlogon, shell)).toMatchObject([{ id: 'winlogon-values', data: { fault: 'no-program' } }]);
});

describe('winlogon-values', () => {
  test.each<[string, Values, object]>([
    ['Userinit is empty', { Userinit: '' }, { name: 'Userinit', fault: 'empty' }],
    ['Userinit begins with a comma', { Userinit: ',C:\\x.exe' }, { fault: 'empty' }],
    ['Userinit is not there', { Userinit: 'C:\\Windows\\system32\\userinit2.exe,' }, { fault: 'no-program' }],
    ['Userinit lies on another drive', { Userinit: 'D:\\Windows\\system32\\userinit.exe,' }, { fault: 'other-drive' }],
    ['Shell is empty', { Shell: '' }, { name: 'Shell', fault: 'empty' }],
    ['Shell is not there', { Shell: 'kiosk.exe' }, { name: 'Shell', fault: 'no-program' }],
  ])('%s', async (_, changed, data) => {
    const found = await detected(winlogon, logonValues(changed));
    expect(found).toMatchObject([{ id: 'winlogon-values', severity: 'act', data }]);
    expect(found[0]?.evidence).toHaveLength(1);
  });

  test('an Explorer that is gone from a folder that has its neighbours', async () => {
    expect(await detected(winlogon, { files: { '/Windows/explorer.exe': undefined } })).toMatchObject([
      { confidence: 'proves', data: { name: 'Shell' } },
    ]);
    const files = { '/Windows/explorer.exe': undefined, '/Windows/regedit.exe': undefined };
    expect(await detected(winlogon, { files })).toEqual([]);
  });

  test('another shell that is there is ordinary', async () => {
    const files = { '/Windows/System32/cmd.exe': IMAGE };
    expect(await detected(winlogon, { ...logonValues({ Shell: 'cmd.exe /c "cd /d x"' }), files })).toEqual([]);
    expect(await detected(winlogon, logonValues({ Shell: undefined }))).toEqual([]);
  });

  test('a userinit.exe that is gone is a cause of its own', async () => {
    expect(await detected(winlogon, { files: { '/Windows/System32/userinit.exe': undefined } })).toEqual([]);
  });
});

describe('ifeo-hijack', () => {
  const option = (program: string, changed: Values): WindowsChange => ({
    software: { [`${VERSION}\\Image File Execution Options\\${program}`]: changed },
  });

  test('a debugger that is not there', async () => {
    expect(await detected(imageOptions, option('LogonUI.exe', { Debugger: 'C:\\x\\gone.exe -p' }))).toMatchObject([
      { id: 'ifeo-hijack', severity: 'act', confidence: 'strong', data: { program: 'LogonUI.exe', name: 'Debugger' } },
    ]);
  });

  test('a stack that no thread gets', async () => {
    expect(await detected(imageOptions, option('lsass.exe', { MinimumStackCommitInBytes: 0x0200_0000 }))).toMatchObject(
      [{ data: { name: 'MinimumStackCommitInBytes' } }],
    );
  });

  test('a debugger that is there, one of another program, and a small stack are none', async () => {
    const files = { '/Windows/System32/vsjitdebugger.exe': IMAGE };
    expect(
      await detected(imageOptions, { ...option('explorer.exe', { Debugger: 'vsjitdebugger.exe' }), files }),
    ).toEqual([]);
    expect(await detected(imageOptions, option('sethc.exe', { Debugger: 'gone.exe' }))).toEqual([]);
    expect(await detected(imageOptions, option('lsass.exe', { MinimumStackCommitInBytes: 0x8000 }))).toEqual([]);
  });
});

describe('lsa-package-missing', () => {
  const lsa = (changed: Values): WindowsChange => ({ system: { [`${CS}\\Control\\Lsa`]: changed } });

  test('a library that is named and not there', async () => {
    const found = await detected(lsaPackages, lsa({ 'Security Packages': ['msv1_0', 'tspkg'] }));
    expect(found).toMatchObject([
      {
        id: 'lsa-package-missing',
        severity: 'act',
        confidence: 'strong',
        data: { name: 'tspkg', list: 'Security Packages', path: '/Windows/System32/tspkg.dll' },
      },
    ]);
  });

  test('a filter of passwords that is gone is a hint: Windows logs it and goes on', async () => {
    const found = await detected(lsaPackages, lsa({ 'Notification Packages': ['scecli', 'PasswordFilter'] }));
    expect(found).toMatchObject([
      {
        severity: 'review',
        confidence: 'hint',
        data: { name: 'PasswordFilter', list: 'Notification Packages', path: '/Windows/System32/PasswordFilter.dll' },
      },
    ]);
  });

  test('a library that is there, an empty name and a path elsewhere are none', async () => {
    const files = { '/Windows/System32/rassfm.dll': IMAGE };
    const change = lsa({ 'Notification Packages': ['scecli', 'rassfm', '""', 'C:\\Program Files\\x\\y.dll'] });
    expect(await detected(lsaPackages, { ...change, files })).toEqual([]);
  });
});

describe('service-critical', () => {
  const service = (changed: Values): WindowsChange => ({
    system: {
      [`${CS}\\Services\\RdAgent`]: {
        Start: 2,
        Type: 0x10,
        ErrorControl: 2,
        ImagePath: { expand: 'C:\\WindowsAzure\\Packages\\WaAppAgent.exe' },
        ...changed,
      },
    },
  });

  test.each([2, 3])('a service with ErrorControl %i whose program is not there', async (control) => {
    expect(await detected(criticalServices, service({ ErrorControl: control }))).toMatchObject([
      { id: 'service-critical', severity: 'act', data: { service: 'RdAgent', state: 'absent', errorControl: control } },
    ]);
  });

  test('one whose failure is a message, one on demand, one whose program is there', async () => {
    expect(await detected(criticalServices, service({ ErrorControl: 1 }))).toEqual([]);
    expect(await detected(criticalServices, service({ Start: 3 }))).toEqual([]);
    const files = { '/WindowsAzure/Packages/WaAppAgent.exe': IMAGE };
    expect(await detected(criticalServices, { ...service({}), files })).toEqual([]);
  });
});

describe('rpc-host-split', () => {
  test('the mapper has a process of its own', async () => {
    const change = {
      system: {
        [`${CS}\\Services\\RpcEptMapper`]: { ImagePath: { expand: '%SystemRoot%\\system32\\svchost.exe -k rpcx' } },
      },
    };
    expect(await detected(rpcHost, change)).toMatchObject([{ id: 'rpc-host-split', data: { name: 'ImagePath' } }]);
  });

  test('a service of the logon that is not automatic', async () => {
    expect(await detected(rpcHost, { system: { [`${CS}\\Services\\DcomLaunch`]: { Start: 4 } } })).toMatchObject([
      { data: { service: 'DcomLaunch', start: 4 } },
    ]);
  });

  test('services that a version does not have, and PlugPlay on demand, are none', async () => {
    expect(await detected(rpcHost, { system: { [`${CS}\\Services\\DcomLaunch`]: undefined } })).toEqual([]);
  });
});

describe('ntds-unavailable', () => {
  const controller = (
    database: string,
    files: Record<string, FileOptions | undefined> = {},
    policy?: number,
  ): WindowsChange => ({
    system: {
      [`${CS}\\Control\\ProductOptions`]: { ProductType: 'LanmanNT' },
      [`${CS}\\Services\\NTDS\\Parameters`]: { 'DSA Database file': database },
      ...(policy === undefined ? {} : { [`${CS}\\Services\\partmgr\\Parameters`]: { SanPolicy: policy } }),
    },
    files,
  });
  const HERE = 'C:\\Windows\\NTDS\\ntds.dit';
  const database = (signature: number, state: number): Record<string, FileOptions> => {
    const content = new Uint8Array(8192);
    const view = new DataView(content.buffer);
    view.setUint32(4, signature, true);
    view.setUint32(0x34, state, true);
    return { '/Windows/NTDS/ntds.dit': { content } };
  };

  test('a database that is not there proves it', async () => {
    expect(await detectedOnDisk(directoryService, controller(HERE))).toMatchObject([
      { id: 'ntds-unavailable', severity: 'act', confidence: 'proves', data: { fault: 'missing', database: HERE } },
    ]);
  });

  test('a file that is no database proves it', async () => {
    expect(await detectedOnDisk(directoryService, controller(HERE, database(0, 3)))).toMatchObject([
      { confidence: 'proves', data: { fault: 'no-database' } },
    ]);
  });

  test('a database that was not closed is only worth knowing, and a closed one is none', async () => {
    expect(await detectedOnDisk(directoryService, controller(HERE, database(0x89abcdef, 2)))).toMatchObject([
      { severity: 'none', data: { fault: 'dirty' } },
    ]);
    expect(await detectedOnDisk(directoryService, controller(HERE, database(0x89abcdef, 3)))).toEqual([]);
  });

  test('a database on another disk that the policy keeps offline', async () => {
    expect(await detectedOnDisk(directoryService, controller('D:\\NTDS\\ntds.dit', {}, 4))).toMatchObject([
      { severity: 'review', confidence: 'strong', data: { fault: 'disk-offline', policy: 4 } },
    ]);
    expect(await detectedOnDisk(directoryService, controller('D:\\NTDS\\ntds.dit', {}, 1))).toMatchObject([
      { severity: 'none', data: { fault: 'other-disk' } },
    ]);
  });

  test('a machine that is no domain controller has no directory to miss', async () => {
    const change = controller(HERE);
    const system = { ...change.system, [`${CS}\\Control\\ProductOptions`]: { ProductType: 'ServerNT' } };
    expect(await detectedOnDisk(directoryService, { ...change, system })).toEqual([]);
  });
});

test('a profile that is loaded, one of a service, and one whose folder is gone are no broken ones', async () => {
  const list = `${VERSION}\\ProfileList`;
  const software = {
    [`${list}\\S-1-5-21-1-2-3-1001`]: { ProfileImagePath: 'C:\\Users\\gone', State: 0x100 },
    [`${list}\\S-1-5-18`]: { ProfileImagePath: '%systemroot%\\system32\\config\\systemprofile' },
    [`${list}\\S-1-5-18.bak`]: {},
  };
  expect(await detected(profiles, { software })).toEqual([]);
});

test('a profile that Windows set aside is only worth knowing', async () => {
  const key = `${VERSION}\\ProfileList\\S-1-5-21-1-2-3-1001.bak`;
  expect(await detected(profiles, { software: { [key]: { ProfileImagePath: 'C:\\Users\\a' } } })).toMatchObject([
    { id: 'profile-broken', severity: 'none', data: { sid: 'S-1-5-21-1-2-3-1001', folder: 'C:\\Users\\a' } },
  ]);
});
