import { LOADER, mbrDevice, windowsBootStore, writeBootStore } from '../bcd-writer.js';
import { keysFromPaths, writeHive } from '../hive-writer.js';
import { logEntry, VHDX_LAYOUT, writeVhdx } from '../image/vhdx-writer.js';
import { type Attack, imageVerbs, MIB, VOLUME } from './attack.js';
import { attackVolume, emptyFiles, nestInItself, stretchMft } from './attack-volume.js';
import { CONTAINER_ATTACKS } from './container-attacks.js';
import { DISK_ATTACKS } from './disk-attacks.js';
import { eventLogBomb } from './evtx-bomb.js';
import { fatLoop } from './fat-loop.js';
import { FILE_ATTACKS } from './file-attacks.js';
import { FINDING_ATTACKS } from './finding-attacks.js';
import { hiveBomb } from './hive-bomb.js';
import { NTFS_ATTACKS } from './ntfs-attacks.js';
import { WINDOWS_ATTACKS } from './windows-attacks.js';

const system = (): Uint8Array<ArrayBuffer> =>
  writeHive(
    keysFromPaths({
      Select: { Current: 1, Default: 1, LastKnownGood: 1 },
      'ControlSet001\\Control\\CrashControl': { CrashDumpEnabled: 7 },
      'ControlSet001\\Services\\disk': { Start: 0, Type: 1, ImagePath: 'System32\\drivers\\disk.sys' },
    }),
  );

const software = (): Uint8Array<ArrayBuffer> =>
  writeHive(keysFromPaths({ 'Microsoft\\Windows NT\\CurrentVersion': { CurrentBuildNumber: '17763', UBR: 1 } }));

const bootStore = (): Uint8Array<ArrayBuffer> => {
  const device = mbrDevice(0, 0x1234_5678);
  return writeBootStore(windowsBootStore({ firmware: 'bios', system: device, windows: device }));
};

function withFiles(files: Record<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  return attackVolume(VOLUME, files);
}

/** Rounds of the same text: ten times ten times ten … */
function yamlBomb(): Uint8Array<ArrayBuffer> {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i += 1)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

function luks2(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 * MIB);
  bytes.set([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe, 0, 2, 0, 0, 0, 0, 0, 0x40, 0, 0]);
  bytes.set(new TextEncoder().encode(`{"keyslots":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`), 4096);
  return bytes;
}

/**
 * A qcow2 file with an address space of 2^48 bytes, whose first-level table holds one second-level table again and
 * again.
 */
function sharedTables(): Uint8Array<ArrayBuffer> {
  const cluster = 1 << 16;
  const entries = (4 * MIB) / 8;
  const bytes = new Uint8Array(cluster * 3 + entries * 8);
  const view = new DataView(bytes.buffer);
  bytes.set([0x51, 0x46, 0x49, 0xfb]);
  view.setUint32(4, 3);
  view.setUint32(20, 16);
  view.setBigUint64(24, BigInt(entries) * BigInt((cluster / 8) * cluster));
  view.setUint32(36, entries);
  view.setBigUint64(40, BigInt(cluster * 3));
  view.setBigUint64(48, BigInt(cluster));
  view.setUint32(56, 1);
  view.setUint32(96, 4);
  view.setUint32(100, 104);
  for (let i = 0; i < entries; i += 1)
    view.setBigUint64(cluster * 3 + i * 8, 0x8000_0000_0000_0000n | BigInt(cluster * 2));
  return bytes;
}

/** A VMDK descriptor of ten million bytes of extents. */
function manyExtents(): Uint8Array<ArrayBuffer> {
  const head = '# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="twoGbMaxExtentFlat"\n';
  return new TextEncoder().encode(`${head}${'RW 1 FLAT "x-f001.vmdk" 0\n'.repeat(380_000)}`);
}

/** Files of 1 KiB, each of which says that it holds 256 MiB of nothing. */
function hugeHoles(): Uint8Array<ArrayBuffer> {
  const files = Object.fromEntries(
    Array.from({ length: 1500 }, (_, i) => [`/Windows/System32/drivers/file${i}.sys`, new Uint8Array(1200)]),
  );
  const volume = attackVolume(16 * MIB, files);
  emptyFiles(volume, (256 * MIB) / 4096);
  return volume;
}

/** A partition table whose logical partitions lead back to the first of them. */
function partitionLoop(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(MIB);
  const view = new DataView(bytes.buffer);
  const entry = (sector: number, index: number, type: number, start: number, length: number): void => {
    const at = sector * 512 + 446 + index * 16;
    bytes[at + 4] = type;
    view.setUint32(at + 8, start, true);
    view.setUint32(at + 12, length, true);
    view.setUint16(sector * 512 + 510, 0xaa55, true);
  };
  entry(0, 0, 5, 64, 1900);
  for (let sector = 64; sector < 2000; sector += 2) {
    entry(sector, 0, 7, 1, 1);
    entry(sector, 1, 5, (sector - 64 + 2) % 1900, 2);
  }
  return bytes;
}

/** A log entry of eight thousand descriptors that each zero the same gibibyte, one page further. */
function zeroDescriptors(): Uint8Array<ArrayBuffer> {
  const logGuid = '77777777-2222-3333-4444-555555555555';
  const log = new Uint8Array(VHDX_LAYOUT.log);
  const changes = Array.from({ length: 8000 }, (_, i) => ({ offset: VHDX_LAYOUT.data + i * 4096, zeros: 2 ** 30 }));
  const place = { flushedFileOffset: 0, lastFileOffset: 2 ** 45 };
  log.set(logEntry({ logGuid, sequence: 1n, tail: 0, changes, ...place }));
  return writeVhdx({
    size: 4 * MIB,
    blocks: Array.from({ length: 4 }, () => ({ state: 6 as const, data: new Uint8Array(MIB).fill(0x41) })),
    dataWriteGuid: '33333333-2222-3333-4444-555555555555',
    logGuid,
    log,
  });
}

/** A chain that never ends: the file is its own backing file. */
function ownParent(): Uint8Array<ArrayBuffer> {
  const bytes = sharedTables();
  const view = new DataView(bytes.buffer);
  const name = new TextEncoder().encode('own.qcow2');
  view.setBigUint64(8, 512n);
  view.setUint32(16, name.length);
  bytes.set(name, 512);
  return bytes;
}

/** An undo file whose writes all name the same sector of a file that is not there. */
function undoFile(): Uint8Array<ArrayBuffer> {
  const before = 'AAAA'.repeat(170);
  const write = { file: '/none', offset: 0, before, after: before, beforeSha256: '', afterSha256: '' };
  const head = { schema: 'deadbox.undo/1', tool: 'deadbox', version: '1', createdAt: '2024-07-19T05:00:00Z' };
  const image = { path: '/none', format: 'raw', virtualSize: 4096 };
  const writes = Array.from({ length: 7000 }, () => write);
  return new TextEncoder().encode(
    JSON.stringify({ ...head, image, files: [{ path: '/none', size: 1 }], operations: [], writes }),
  );
}

/** The attacks, by what they share. */
export const ATTACKS: readonly Attack[] = [
  {
    name: 'event log, one template for all records',
    idea: 'each record of 48 bytes stands for 600 elements',
    file: 'evtx.img',
    bytes: () => withFiles({ '/Windows/System32/winevt/Logs/System.evtx': eventLogBomb(16) }),
    verbs: imageVerbs,
  },
  {
    name: 'SYSTEM, a key that lists itself 2^32 times',
    idea: 'every entry of an index root is the same leaf, every entry of the leaf the same key',
    file: 'system.img',
    bytes: () =>
      withFiles({
        '/Windows/System32/config/SYSTEM': hiveBomb(system(), 'Services'),
        '/Windows/System32/config/SOFTWARE': software(),
      }),
    verbs: imageVerbs,
  },
  {
    name: 'SOFTWARE, the root lists itself',
    idea: 'as above, on the way to every lookup',
    file: 'software.img',
    bytes: () =>
      withFiles({
        '/Windows/System32/config/SYSTEM': system(),
        '/Windows/System32/config/SOFTWARE': hiveBomb(software(), 'Windows NT'),
      }),
    verbs: [...imageVerbs, ['reg', '-r', 'FILE', 'SOFTWARE']],
  },
  {
    name: 'boot store, its objects list themselves',
    idea: 'as above',
    file: 'bcd.img',
    bytes: () => withFiles({ '/Boot/BCD': hiveBomb(bootStore(), 'Objects') }),
    verbs: imageVerbs,
  },
  {
    name: 'boot store, the elements of one object list themselves',
    idea: 'as above, one level below',
    file: 'bcd-elements.img',
    bytes: () => withFiles({ '/Boot/BCD': hiveBomb(bootStore(), LOADER, { lists: 1000, keys: 1000 }) }),
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, a folder that holds itself under 64 names',
    idea: '64 to the power of the depth',
    file: 'folder.img',
    bytes: () => attackVolume(VOLUME, {}, (tree) => nestInItself(tree.folder('Windows/System32/drivers'), 64)),
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, the quarantine folder holds itself under 64 names',
    idea: 'the scan lists it',
    file: 'quarantine.img',
    bytes: () =>
      attackVolume(VOLUME, {}, (tree) =>
        nestInItself(tree.folder('Windows/System32/drivers/CrowdStrike/Quarantine'), 64),
      ),
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, $MFT with a hole of 2^31 clusters',
    idea: 'eight thousand million records that are nowhere',
    file: 'mft.img',
    bytes: () => {
      const volume = withFiles({});
      stretchMft(volume, 0x7fff_ffff);
      return volume;
    },
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, 1500 files of one hole of 256 MiB each',
    idea: 'records of 1 KiB that stand for 375 GiB',
    file: 'holes.img',
    bytes: hugeHoles,
    verbs: imageVerbs,
  },
  {
    name: 'NTFS, a path of two thousand folders',
    idea: 'each path is as long as its depth',
    file: 'deep.img',
    bytes: () => withFiles({ [`/${'a/'.repeat(2000)}end`]: new Uint8Array(10) }),
    verbs: imageVerbs,
  },
  {
    name: 'MBR, logical partitions in a circle',
    idea: 'each leads to the next',
    file: 'circle.img',
    bytes: partitionLoop,
    verbs: imageVerbs,
  },
  {
    name: 'VHDX, a log of 8000 overlapping zero descriptors',
    idea: 'each zeros a gibibyte, one page further',
    file: 'zeros.vhdx',
    bytes: zeroDescriptors,
    verbs: imageVerbs,
  },
  {
    name: 'qcow2, a file that is its own backing file',
    idea: 'a chain without an end',
    file: 'own.qcow2',
    bytes: ownParent,
    verbs: imageVerbs,
  },
  {
    name: 'FAT, every folder begins at the same cluster',
    idea: '16 to the power of the depth',
    file: 'fat.img',
    bytes: fatLoop,
    verbs: [...imageVerbs, ['ls', '-r', '--volume', '1', 'FILE']],
  },
  {
    name: 'qcow2, one table for 2^48 bytes',
    idea: 'every entry of the first level is the same second level',
    file: 'tables.qcow2',
    bytes: sharedTables,
    verbs: imageVerbs,
  },
  {
    name: 'VMDK, a descriptor of 380,000 extents',
    idea: 'all the same file of one sector',
    file: 'extents.vmdk',
    bytes: manyExtents,
    verbs: imageVerbs,
  },
  {
    name: 'LUKS2, metadata nested a million deep',
    idea: 'recursion in a parser',
    file: 'luks.img',
    bytes: luks2,
    verbs: imageVerbs,
  },
  ...NTFS_ATTACKS,
  ...DISK_ATTACKS,
  ...WINDOWS_ATTACKS,
  ...CONTAINER_ATTACKS,
  ...FINDING_ATTACKS,
  ...FILE_ATTACKS,
  {
    name: 'key file, ten megabytes of groups of digits',
    idea: 'each could begin a recovery password',
    file: 'keys.txt',
    bytes: () => new TextEncoder().encode('123456\n'.repeat(1_400_000)),
    verbs: [['info', '--keys', 'FILE', 'BUNDLED']],
  },
  {
    name: 'key file, JSON nested a million deep',
    idea: 'recursion in a parser',
    file: 'keys.json',
    bytes: () => new TextEncoder().encode(`${'['.repeat(5_000_000)}${']'.repeat(5_000_000)}`),
    verbs: [['info', '--keys', 'FILE', 'BUNDLED']],
  },
  {
    name: 'key file, a table of one quoted cell',
    idea: 'the quote never ends',
    file: 'keys.csv',
    bytes: () => new TextEncoder().encode(`KeyProtectorId,RecoveryPassword\n"${'""x,\n'.repeat(2_000_000)}`),
    verbs: [['info', '--keys', 'FILE', 'BUNDLED']],
  },
  {
    name: 'undo file, ten megabytes of writes to one sector',
    idea: 'each is hashed, and looked up on the image',
    file: 'undo.json',
    bytes: undoFile,
    verbs: [['undo', '--check', 'FILE']],
  },
  {
    name: 'rule file, aliases of aliases',
    idea: 'ten to the power of twelve',
    file: 'rule.yaml',
    bytes: yamlBomb,
    verbs: [
      ['rules', 'check', 'FILE'],
      ['scan', '--rules', 'FOLDER', 'BUNDLED'],
    ],
  },
];
