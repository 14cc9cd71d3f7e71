import { readPartitionManagers } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { compressedCore } from '../../../../packages/triage/src/causes/data/compressed-core.js';
import { damagedFolders, unreadableLog } from '../../../../packages/triage/src/causes/data/damage.js';
import { hibernationMismatch } from '../../../../packages/triage/src/causes/data/hibernation.js';
import { readOnlyDisk } from '../../../../packages/triage/src/causes/data/read-only-disk.js';
import { bootSector, listNames, mftHead } from '../../../../packages/triage/src/causes/data/system-records.js';
import { withListName } from '../../../support/ntfs/list-name.js';
import { attributeAt } from '../../../support/ntfs/volume-bytes.js';
import { fileTime } from '../../../support/ntfs-writer/tree.js';
import {
  CS,
  detected,
  detectedOnDisk,
  sessionSubjects,
  type WindowsChange,
} from '../../../support/triage/session-windows.js';

const CLUSTER = 4096;
const RECORD = 1024;
const mftOf = (bytes: Uint8Array<ArrayBuffer>): number =>
  Number(new DataView(bytes.buffer).getBigUint64(0x30, true)) * CLUSTER;
const mirrorOf = (bytes: Uint8Array<ArrayBuffer>): number =>
  Number(new DataView(bytes.buffer).getBigUint64(0x38, true)) * CLUSTER;

describe('ntfs-boot-sector', () => {
  test('a first sector that is gone while the last one is whole', async () => {
    const found = await detected(bootSector, { edit: (bytes) => bytes.fill(0, 0, 512) });
    expect(found).toMatchObject([{ id: 'ntfs-boot-sector', severity: 'act', confidence: 'proves' }]);
    expect(found[0]?.evidence).toMatchObject([{ offset: 0 }]);
  });

  test('a last sector that is gone is none', async () => {
    expect(await detected(bootSector, { edit: (bytes) => bytes.fill(0, bytes.length - 512) })).toEqual([]);
  });
});

describe('ntfs-mft-head', () => {
  test.each([0, 3])('record %i is torn and its copy is whole', async (record) => {
    const found = await detected(mftHead, { edit: (bytes) => (bytes[mftOf(bytes) + record * RECORD + 510] ^= 0xff) });
    expect(found).toMatchObject([{ id: 'ntfs-mft-head', confidence: 'proves', data: { record, bad: '$MFT' } }]);
    expect(found[0]?.evidence).toHaveLength(1);
  });

  test('a copy without signature', async () => {
    const found = await detected(mftHead, { edit: (bytes) => bytes.fill(0, mirrorOf(bytes), mirrorOf(bytes) + 4) });
    expect(found).toMatchObject([{ data: { record: 0, bad: '$MFTMirr' } }]);
  });

  test('a copy that is only older is none', async () => {
    const edit = (bytes: Uint8Array<ArrayBuffer>): void => {
      bytes[mirrorOf(bytes) + 3 * RECORD + 8] ^= 1;
    };
    expect(await detected(mftHead, { edit })).toEqual([]);
  });
});

describe('ntfs-attrlist-name-offset', () => {
  const listed = { size: 48 << 20, mftFragments: 200 };
  const files = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`/data/file ${i}`, { size: 10 }]));
  const withName = (claimed: number, at: number): WindowsChange => ({
    volume: listed,
    files,
    edit: (bytes) => bytes.set(withListName(bytes, claimed, at)),
  });

  test('a name of record 0 that stands two bytes before where its list says is proven, with the byte', async () => {
    const [found, ...more] = await detected(listNames, withName(0x1c, 0x1a));
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      id: 'ntfs-attrlist-name-offset',
      severity: 'act',
      confidence: 'proves',
      data: { record: 0, attribute: '$SDS' },
      requests: [{ operation: 'restore-attribute-list', record: 0 }],
    });
    expect(found?.evidence).toMatchObject([{ length: 1, bytes: '1c' }]);
  });

  test('a name that really stands there, and lists without names, are none', async () => {
    expect(await detected(listNames, withName(0x1c, 0x1c))).toEqual([]);
    expect(await detected(listNames, { volume: { mftFragments: 8 } })).toEqual([]);
  });
});

describe('ntfs-index-or-record-bad', () => {
  test('an index block of System32 that is torn', async () => {
    const edit = (bytes: Uint8Array<ArrayBuffer>): void => {
      for (let at = 0; at < bytes.length; at += CLUSTER)
        if (Buffer.from(bytes.subarray(at, at + 4)).toString('latin1') === 'INDX') bytes[at + 510] ^= 0xff;
    };
    const found = await detected(damagedFolders, { edit });
    expect(found).toMatchObject([
      { id: 'ntfs-index-or-record-bad', severity: 'act', confidence: 'strong', data: { path: '/Windows/System32' } },
    ]);
  });
});

describe('ntfs-log-unreplayable', () => {
  test('two restart pages that are none', async () => {
    expect(await detected(unreadableLog, { volume: { log: new Uint8Array(8192).fill(0x11) } })).toMatchObject([
      { id: 'ntfs-log-unreplayable', severity: 'review', confidence: 'hint' },
    ]);
  });

  test('a log that was never used is none', async () => {
    expect(await detected(unreadableLog)).toEqual([]);
  });
});

describe('hibernated-mismatch', () => {
  const image = (written: string): WindowsChange => {
    const content = new Uint8Array(8192);
    content.set([0x48, 0x49, 0x42, 0x52]);
    const view = new DataView(content.buffer);
    view.setUint32(0x18, 4096, true);
    view.setBigUint64(0x20, fileTime(written), true);
    return { files: { '/hiberfil.sys': { content } } };
  };

  test('a hive that was written after the image', async () => {
    // The hives of the healthy Windows say 19 July 2024.
    expect(await detected(hibernationMismatch, image('2024-06-01T00:00:00Z'))).toMatchObject([
      { id: 'hibernated-mismatch', severity: 'act', confidence: 'strong' },
    ]);
  });

  test('hives that are older than the image, and an image without a time, are none', async () => {
    expect(await detected(hibernationMismatch, image('2024-09-01T00:00:00Z'))).toEqual([]);
    expect(await detected(hibernationMismatch, image('1601-01-01T00:00:01Z'))).toEqual([]);
  });
});

describe('volume-compressed-core', () => {
  const old = { software: { 'Microsoft\\Windows NT\\CurrentVersion': { CurrentBuildNumber: '7601' } } };
  const COMPRESSED = 0x800;

  test('a file that the loader of Windows 7 cannot read', async () => {
    const files = { '/Windows/System32/hal.dll': { content: new Uint8Array(100).fill(1) } };
    const edit = (bytes: Uint8Array<ArrayBuffer>): void => {
      const name = Buffer.from('hal.dll', 'utf16le');
      for (let record = mftOf(bytes); record < mftOf(bytes) + 256 * RECORD; record += RECORD) {
        if (!Buffer.from(bytes.subarray(record, record + RECORD)).includes(name)) continue;
        if (bytes[record] === 0x46 && (bytes[record + 0x16] & 2) === 0)
          bytes[attributeAt(bytes, record, 0x80) + 12] |= 1;
      }
    };
    expect(await detected(compressedCore, { ...old, files, edit })).toMatchObject([
      {
        id: 'volume-compressed-core',
        severity: 'review',
        confidence: 'hint',
        data: { path: '/Windows/System32/hal.dll' },
      },
    ]);
  });

  test('files that are not compressed, or on a Windows that reads them, are none', async () => {
    expect(await detected(compressedCore, old)).toEqual([]);
    const files = { '/Windows/System32/hal.dll': { size: 5000, attributes: COMPRESSED } };
    expect(await detected(compressedCore, { files })).toEqual([]);
  });
});

describe('disk-read-only', () => {
  const partmgr = `${CS}\\Enum\\SCSI\\Disk&Ven_Msft&Prod_Virtual_Disk\\000000\\Device Parameters\\Partmgr`;
  const cache = (signature: number): Uint8Array => {
    const bytes = new Uint8Array(48);
    new DataView(bytes.buffer).setUint32(8, signature, true);
    return bytes;
  };

  test('the registry names the disk by the table that it keeps of it', async () => {
    const change = { system: { [partmgr]: { Attributes: 2, PartitionTableCache: cache(0x1234abcd) } } };
    const { windows } = await sessionSubjects(change);
    const set = await windows.controlSet({});
    expect(await readPartitionManagers(set?.key as never)).toMatchObject({
      managers: [{ attributes: 2, diskId: '1234ABCD' }],
      complete: true,
    });
  });

  test('attributes of another disk are none', async () => {
    const change = { system: { [partmgr]: { Attributes: 2, PartitionTableCache: cache(0x1234abcd) } } };
    expect(await detectedOnDisk(readOnlyDisk, change)).toEqual([]);
  });
});
