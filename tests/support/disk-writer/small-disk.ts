import { gptDevice, integer, mbrDevice, windowsBootStore, writeBootStore } from '../bcd-writer.js';
import { csagentCrash } from '../dump-writer.js';
import { writeEventLog } from '../evtx-writer.js';
import { NtfsVolumeWriter } from '../ntfs-writer/ntfs-volume.js';
import { MemorySink, partOf } from '../ntfs-writer/sink.js';
import { fileTime } from '../ntfs-writer/tree.js';
import { writePe } from '../pe-writer.js';
import { softwareHive, systemHive } from '../windows-hives.js';
import { DISK_ID, FAULTY_CHANNEL_FILE, partitionId } from './crashed-disk.js';
import { writeGpt } from './gpt.js';

const MIB = 1 << 20;
const SIGNATURE = 0xb3eb_a8f1;
const CRASHED = '2024-07-19T04:31:00Z';
/** Where the one volume of a {@link smallDisk} begins, and how long it is. */
export const SMALL_VOLUME: { readonly offset: number; readonly length: number } = { offset: MIB, length: 10 * MIB };

/**
 * A disk of twelve mebibytes with a whole crashed Windows on its one NTFS volume: hives, a boot store in safe mode,
 * drivers, the faulty channel file, a dump and an event log. For inputs that are made by the thousand.
 */
export function smallDisk(table: 'mbr' | 'gpt'): Uint8Array<ArrayBuffer> {
  const { offset, length } = SMALL_VOLUME;
  const size = offset + length + MIB;
  const sink = new MemorySink(size);
  if (table === 'gpt') {
    const type = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
    writeGpt(sink, size, 512, DISK_ID, [{ type, id: partitionId(3), name: 'Basic data partition', offset, length }]);
  } else writeMbr(sink);
  const writer = new NtfsVolumeWriter(partOf(sink, offset), { size: length, hiddenSectors: offset / 512 });
  const device = table === 'gpt' ? gptDevice(partitionId(3), DISK_ID) : mbrDevice(offset, SIGNATURE);
  const store = windowsBootStore({
    firmware: table === 'gpt' ? 'uefi' : 'bios',
    system: device,
    windows: device,
    loader: { '25000080': integer(0) },
  });
  const crash = fileTime(CRASHED);
  const program = writePe({ fileVersion: '7.11.18110.0' });
  const files: Record<string, Uint8Array> = {
    '/Boot/BCD': writeBootStore(store),
    '/bootmgr': program,
    '/Windows/System32/ntoskrnl.exe': program,
    '/Windows/System32/winload.exe': program,
    '/Windows/System32/winload.efi': program,
    '/Windows/System32/config/SYSTEM': systemHive(),
    '/Windows/System32/config/SOFTWARE': softwareHive(),
    '/Windows/System32/drivers/disk.sys': program,
    '/Windows/System32/drivers/CrowdStrike/csagent.sys': program,
    '/Windows/System32/drivers/CrowdStrike/C-00000001-00000000-00000001.sys': new Uint8Array(700).fill(0xaa),
    '/Windows/System32/winevt/Logs/System.evtx': writeEventLog([
      [{ provider: 'EventLog', eventId: 6008, time: crash, data: { param1: '0x00000050' } }],
    ]),
    '/Windows/Minidump/071924-10234-01.dmp': csagentCrash(crash),
  };
  const { tree } = writer;
  for (const [path, content] of Object.entries(files)) {
    const cut = path.lastIndexOf('/');
    tree.addFile(cut === 0 ? tree.root : tree.folder(path.slice(1, cut)), path.slice(cut + 1), { content });
  }
  const { name, ...faulty } = FAULTY_CHANNEL_FILE;
  tree.addFile(tree.folder('Windows/System32/drivers/CrowdStrike'), name, faulty);
  writer.finish();
  return sink.bytes;
}

function writeMbr(sink: MemorySink): void {
  const { offset, length } = SMALL_VOLUME;
  const view = new DataView(sink.bytes.buffer);
  view.setUint32(0x1b8, SIGNATURE, true);
  sink.bytes[0x1be] = 0x80;
  sink.bytes[0x1c2] = 0x07;
  view.setUint32(0x1c6, offset / 512, true);
  view.setUint32(0x1ca, length / 512, true);
  view.setUint16(0x1fe, 0xaa55, true);
}
