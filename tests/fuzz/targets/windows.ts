import { type Bytes, crc32, MemorySource, utf16Text } from '@deadbox/core';
import {
  Hive,
  openHiveFile,
  parseBootLog,
  parseBootStatus,
  parseStartupRepairLog,
  parseWerReport,
  readBootStore,
  readCrashDump,
  readFileVersion,
  readSystemEvents,
} from '@deadbox/windows';
import {
  parseDeviceElement,
  parseFirmwareVariable,
  parseMountedDevice,
  startupRepairIds,
} from '@deadbox/windows/internals';
import { gptDevice, mbrDevice, windowsBootStore, writeBootStore } from '../../support/bcd-writer.js';
import { csagentCrash } from '../../support/dump-writer.js';
import { writeEventLog } from '../../support/evtx-writer.js';
import { changedPages, makeDirty, marvin, writeNewLog } from '../../support/hive-log-writer.js';
import { checksum, keysFromPaths, writeHive } from '../../support/hive-writer.js';
import { memoryTree } from '../../support/memory-tree.js';
import { writePe } from '../../support/pe-writer.js';
import { softwareHive, systemHive } from '../../support/windows-hives.js';
import { type FuzzTarget, placesOf, type Range, type Seed, viewOf } from '../target.js';

const DISK_ID = '5EED0000-0000-4000-8000-000000000001';
const PARTITION_ID = '5EED0000-0000-4000-8000-000000000013';

/** The checksum of the base block; of a log also the hashes of its entries. */
function repairHive(bytes: Buffer): void {
  for (const at of placesOf(bytes, 'regf'))
    if (at + 512 <= bytes.length) viewOf(bytes).setUint32(at + 508, checksum(bytes.subarray(at, at + 512)), true);
  for (const at of placesOf(bytes, 'HvLE')) {
    if (at + 40 > bytes.length) continue;
    const size = viewOf(bytes).getUint32(at + 4, true);
    if (size < 40 || at + size > bytes.length) continue;
    viewOf(bytes).setBigUint64(at + 24, marvin(bytes.subarray(at + 40, at + size)), true);
    viewOf(bytes).setBigUint64(at + 32, marvin(bytes.subarray(at, at + 32)), true);
  }
}

async function readHive(input: Bytes): Promise<string> {
  const { hive, health } = await openHiveFile(memoryTree({ '/HIVE': new Uint8Array(input) }), '/HIVE');
  if (hive === undefined) return health.verdict;
  let rows = 0;
  for await (const batch of hive.walk()) rows += batch.length;
  for (const path of ['ControlSet001\\Services\\CSAgent', 'Select', 'Microsoft\\Windows NT\\CurrentVersion'])
    await hive.key(path);
  return [rows > 0, health.verdict, ...hive.issues.counts.keys()].join(' ');
}

/** Cells of a hive. */
const hiveStructures = (seed: Uint8Array): Range[] => [
  [0, 512],
  ...['nk', 'vk', 'lf', 'lh', 'ri', 'sk', 'hbin'].flatMap((mark) =>
    placesOf(seed, mark, 4)
      .slice(0, 40)
      .map((at): Range => [at - 4, at + 84]),
  ),
];

const bootStore = (firmware: 'uefi' | 'bios'): Uint8Array => {
  const device = firmware === 'uefi' ? gptDevice(PARTITION_ID, DISK_ID) : mbrDevice(1 << 20, 0xb3eba8f1);
  return writeBootStore(windowsBootStore({ firmware, system: device, windows: device }));
};

/** A hive and, behind it, its log: split in the middle of the file. */
function hiveWithLog(): Uint8Array {
  const old = writeHive(keysFromPaths({ 'ControlSet001\\Services\\CSAgent': { Start: 1 } }));
  const now = writeHive(keysFromPaths({ 'ControlSet001\\Services\\CSAgent': { Start: 4 } }));
  const dirty = makeDirty(old);
  const log = writeNewLog(dirty, [{ sequence: 7, binsSize: now.length - 4096, pages: changedPages(old, now) }]);
  const both = new Uint8Array(dirty.length + log.length);
  both.set(dirty);
  both.set(log, dirty.length);
  return both;
}

/** Checksums of the file's head and of each chunk: head and records. */
function repairEventLog(bytes: Buffer): void {
  const view = viewOf(bytes);
  if (bytes.length >= 128) view.setUint32(124, crc32(bytes.subarray(0, 120)), true);
  for (const at of placesOf(bytes, 'ElfChnk', 4096)) {
    if (at + 65_536 > bytes.length) continue;
    const end = view.getUint32(at + 48, true);
    if (end >= 512 && end <= 65_536) view.setUint32(at + 52, crc32(bytes.subarray(at + 512, at + end)), true);
    const head = crc32(bytes.subarray(at + 128, at + 512), crc32(bytes.subarray(at, at + 120)));
    view.setUint32(at + 124, head, true);
  }
}

const eventLog = (): Uint8Array =>
  writeEventLog([
    [1, 2, 3].map((i) => ({
      provider: i === 2 ? 'Microsoft-Windows-WER-SystemErrorReporting' : 'EventLog',
      id: i === 2 ? 1001 : 6008,
      time: 133_658_285_751_234_567n + BigInt(i),
      data: { param1: '0x00000050', param2: i },
    })) as never,
  ]);

const text = (name: string, content: string): Seed => ({ name, bytes: Buffer.from(content, 'utf16le') });

export const windowsTargets: readonly FuzzTarget[] = [
  {
    name: 'windows/hive',
    seeds: () => [
      { name: 'system', bytes: systemHive() },
      { name: 'software', bytes: softwareHive() },
      { name: 'old', bytes: writeHive(keysFromPaths({ 'A\\B': { Text: 'x', Number: 1 } }), { minorVersion: 3 }) },
    ],
    parse: readHive,
    repair: repairHive,
    structures: hiveStructures,
  },
  {
    name: 'windows/hive-log',
    seeds: () => [{ name: 'dirty', bytes: hiveWithLog() }],
    async parse(input): Promise<string> {
      const at = placesOf(input, 'regf', 512, 1)[0] ?? input.length;
      const log1 = new MemorySource(new Uint8Array(input.subarray(at)));
      const hive = await Hive.open(new MemorySource(new Uint8Array(input.subarray(0, at))), { log1 });
      let rows = 0;
      for await (const batch of hive.walk()) rows += batch.length;
      return [rows > 0, hive.state.dirty, ...hive.issues.counts.keys()].join(' ');
    },
    repair: repairHive,
    structures: (seed) => [
      [0, 512],
      ...['HvLE', 'regf'].flatMap((mark) => placesOf(seed, mark).map((at): Range => [at, at + 120])),
    ],
  },
  {
    name: 'windows/boot-store',
    seeds: () => [
      { name: 'uefi', bytes: bootStore('uefi') },
      { name: 'bios', bytes: bootStore('bios') },
    ],
    async parse(input): Promise<string> {
      const store = await readBootStore(await Hive.open(new MemorySource(input)));
      return `${store.objects.length}`;
    },
    repair: repairHive,
    structures: hiveStructures,
  },
  {
    name: 'windows/boot-values',
    seeds: () => [
      { name: 'gpt', bytes: gptDevice(PARTITION_ID, DISK_ID) },
      { name: 'mbr', bytes: mbrDevice(1 << 20, 0xb3eba8f1) },
    ],
    parse: (input) =>
      [parseDeviceElement(input).kind, typeof parseFirmwareVariable(input), typeof parseMountedDevice(input)].join(' '),
  },
  {
    name: 'windows/event-log',
    seeds: () => [{ name: 'system', bytes: eventLog() }],
    async parse(input): Promise<string> {
      const tree = memoryTree({ '/Windows/System32/winevt/Logs/System.evtx': new Uint8Array(input) });
      const events = await readSystemEvents(tree, '/Windows');
      return `${events?.events.length} ${events?.damagedRecords} ${events?.lostChunks.length}`;
    },
    repair: repairEventLog,
    structures: () => [
      [0, 128],
      [4096, 4096 + 128],
      [4096 + 512, 4096 + 3000],
    ],
  },
  {
    name: 'windows/crash-dump',
    seeds: () => [{ name: 'crash', bytes: csagentCrash(133_658_285_751_234_567n) }],
    async parse(input): Promise<string> {
      const dump = await readCrashDump(new MemorySource(input));
      return Object.keys(dump).join(' ');
    },
    structures: (seed) => [
      [0, 0x1000],
      [0x1000, Math.min(seed.length, 0x5000)],
    ],
  },
  {
    name: 'windows/file-version',
    seeds: () => [
      { name: 'wide', bytes: writePe({ fileVersion: '7.11.18110.0', strings: { CompanyName: 'X' } }) },
      { name: 'narrow', bytes: writePe({ fileVersion: '7.11.18110.0', narrow: true }) },
    ],
    parse: async (input) => typeof (await readFileVersion(new MemorySource(input))),
  },
  {
    name: 'windows/logs',
    seeds: () => [
      text(
        'wer',
        'Version=1\r\nEventType=BlueScreen\r\nEventTime=133658285751234567\r\nSig[0].Name=Code\r\nSig[0].Value=50\r\n',
      ),
      text(
        'startup-repair',
        'Startup Repair diagnosis and repair log\r\nRoot cause found:\r\nBoot status indicates\r\n',
      ),
      {
        name: 'bootstat',
        bytes: Uint8Array.from(
          { length: 2048 },
          (_, i) => (i < 24 ? [2, 0, 0, 0, 24, 0, 0, 0, 0, 8, 0, 0, 24][i] : 0) ?? 0,
        ),
      },
    ],
    parse(input): string {
      const content = utf16Text(input);
      return [
        parseWerReport(content) === undefined,
        Object.keys(parseStartupRepairLog(content)).length,
        startupRepairIds(input).length > 0,
        parseBootLog(input)?.entries.length,
        parseBootStatus(input) === undefined,
      ].join(' ');
    },
  },
];
