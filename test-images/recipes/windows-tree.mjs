// A small Windows folder with the sensor's folder in it. Contents are made up; names and times follow the real ones.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bootStore, emptyHive, softwareHive, systemHive } from './machine.mjs';
import { CROWDSTRIKE } from './states.mjs';
import { run } from './tools.mjs';

/** 1601-01-01 to 1970-01-01, in 100 ns. */
const EPOCH = 116_444_736_000_000_000n;

/** An ISO time with up to seven decimals, as a FILETIME. */
function fileTime(iso) {
  const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(iso);
  return BigInt(Date.parse(`${seconds}Z`)) * 10_000n + BigInt(fraction.padEnd(7, '0')) + EPOCH;
}

/** Sets created, modified and accessed of a file on an ntfs-3g mount. */
export function setTimes(path, iso) {
  const bytes = Buffer.alloc(24);
  for (let i = 0; i < 3; i += 1) bytes.writeBigUInt64LE(fileTime(iso), i * 8);
  run('setfattr', ['-n', 'system.ntfs_times', '-v', `0x${bytes.toString('hex')}`, path]);
}

/** Bytes that depend on the seed only; incompressible, so that a wrong cluster shows. */
export function noise(seed, length) {
  const blocks = [];
  for (let i = 0; i * 32 < length; i += 1) blocks.push(createHash('sha256').update(`${seed} ${i}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

/** Text that depends on the seed only; packs well. */
const filler = (seed, length) => Buffer.alloc(length, `${seed} `);

function put(mount, path, bytes, modified = '2024-05-14T10:11:12Z') {
  const file = join(mount, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  setTimes(file, modified);
}

/** The head of a channel file: magic as analysts reported it, then channel and version. */
function channel(number, version, size) {
  const bytes = noise(`channel ${number} ${version}`, size);
  bytes.writeUInt32LE(0xaaaaaaaa, 0);
  bytes.writeUInt32LE(1, 4);
  bytes.writeUInt32LE(number, 8);
  bytes.writeUInt32LE(version, 12);
  return bytes;
}

/** Everything that is the same on all disks. */
export function writeWindows(mount, layout) {
  const program = (name, size) =>
    put(mount, `/Windows/System32/${name}`, Buffer.concat([Buffer.from('MZ\x90\0', 'latin1'), filler(name, size)]));
  program('ntoskrnl.exe', 9000);
  program('winload.exe', 3000);
  program('winload.efi', 3000);
  program('kernel32.dll', 2000);
  for (const name of [
    'acpi',
    'disk',
    'fvevol',
    'ndis',
    'ntfs',
    'pci',
    'storahci',
    'storvsc',
    'tcpip',
    'vmbus',
    'volmgr',
  ])
    program(`drivers/${name}.sys`, 400 + name.length * 50);
  put(mount, '/Windows/System32/drivers/etc/hosts', '127.0.0.1 localhost\r\n');
  program('drivers/CrowdStrike/csagent.sys', 1500);
  const hives = {
    SYSTEM: systemHive(layout),
    SOFTWARE: softwareHive(),
    SAM: emptyHive(),
    SECURITY: emptyHive(),
    DEFAULT: emptyHive(),
  };
  for (const [name, bytes] of Object.entries(hives)) put(mount, `/Windows/System32/config/${name}`, bytes);
  put(mount, '/Users/Public/desktop.ini', '[.ShellClassInfo]\r\n');
  put(mount, '/Users/operator/Documents/Grüße 報告.txt', 'Ünïcødé\r\n');
  put(mount, '/pagefile.sys', Buffer.alloc(65_536));

  const others = [
    [0, 1, '2024-03-02T08:00:11Z', 1272],
    [3, 52, '2024-07-01T01:02:03Z', 812],
    [8, 33, '2023-12-24T18:00:00Z', 24],
    [285, 24, '2024-07-17T20:15:00Z', 1408],
    [292, 32, '2024-07-19T04:09:21Z', 3021],
  ];
  for (const [number, version, modified, size] of others) {
    const name = `C-${String(number).padStart(8, '0')}-00000000-${String(version).padStart(8, '0')}.sys`;
    put(mount, `${CROWDSTRIKE}/${name}`, channel(number, version, size), modified);
  }
  // Look-alikes that must never be judged: other padding, other ending, other folder.
  put(mount, `${CROWDSTRIKE}/C-0000029-00000000-00000032.sys`, filler('padding', 500), '2024-07-19T04:09:30Z');
  put(mount, `${CROWDSTRIKE}/C-00000291-backup.txt`, 'not a channel file\r\n', '2024-07-19T04:09:30Z');
  put(
    mount,
    '/Windows/System32/drivers/C-00000291-00000000-00000032.sys',
    filler('outside', 900),
    '2024-07-19T04:09:30Z',
  );
}

/** One channel file 291. `unwritten` gets data here too: what lies in its clusters belongs to somebody else. */
export function writeChannelFile(mount, { name, modified, size, content }) {
  const version = Number(/(\d+)\.sys$/.exec(name)[1]);
  put(
    mount,
    `${CROWDSTRIKE}/${name}`,
    content === 'zero-filled' ? Buffer.alloc(size) : channel(291, version, size),
    modified,
  );
}

/** What starts Windows on a BIOS machine with a single partition. */
export function writeBootFiles(mount, layout) {
  put(mount, '/bootmgr', filler('bootmgr', 4000));
  put(mount, '/Boot/BCD', bootStore(layout));
  put(mount, '/Boot/memtest.exe', filler('memtest', 1000));
}
