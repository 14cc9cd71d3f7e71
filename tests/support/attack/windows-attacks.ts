import { bootLog } from '../boot-log-writer.js';
import { writeCatalog } from '../catalog-writer.js';
import { writeDump64 } from '../dump-writer.js';
import { type HivePaths, hiveOf, softwarePaths, systemPaths } from '../healthy/hives.js';
import { bootOption, filePath, variable, writeMeasuredLog } from '../measured-boot-writer.js';
import { writePe } from '../pe-writer.js';
import { type Attack, imageVerbs, MIB, VOLUME } from './attack.js';
import { attackVolume } from './attack-volume.js';
import { shareContent } from './share-content.js';

const SYSTEM = '/Windows/System32/config/SYSTEM';
const SOFTWARE = '/Windows/System32/config/SOFTWARE';
const DRIVERS = '/Windows/System32/drivers';
const CATALOGS = '/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}';
const COUNT = 2000;
const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf16le'));
const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

/** A SYSTEM hive whose machine starts thousands of drivers before anything else. */
function manyBootDrivers(): Uint8Array<ArrayBuffer> {
  const system: HivePaths = { ...systemPaths({}) };
  for (let i = 0; i < COUNT; i += 1)
    system[`ControlSet001\\Services\\d${i}`] = {
      Start: 0,
      Type: 1,
      ErrorControl: 3,
      ImagePath: { expand: `System32\\drivers\\d${i}.sys` },
    };
  return hiveOf(system);
}

/** A Windows of thousands of boot-start drivers, whose files are all the clusters of one. */
function sharedDrivers(image: Uint8Array): Uint8Array<ArrayBuffer> {
  const files = Object.fromEntries(
    Array.from({ length: COUNT }, (_, i) => [`${DRIVERS}/d${i}.sys`, new Uint8Array(1200)]),
  );
  const volume = attackVolume(20 * MIB, { ...files, [SYSTEM]: manyBootDrivers(), '/donor.bin': image });
  shareContent(volume, 'donor.bin');
  return volume;
}

/** An image with a certificate table behind it. */
function withCertificate(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const plain = writePe({ fileVersion: '10.0.17763.1', checksum: true });
  const bytes = new Uint8Array(plain.length + 8 + signature.length);
  bytes.set(plain);
  const view = new DataView(bytes.buffer);
  const directories = 0x98 + 112;
  view.setUint32(directories + 4 * 8, plain.length, true);
  view.setUint32(directories + 4 * 8 + 4, 8 + signature.length, true);
  view.setUint32(plain.length, 8 + signature.length, true);
  view.setUint16(plain.length + 4, 0x200, true);
  view.setUint16(plain.length + 6, 2, true);
  bytes.set(signature, plain.length + 8);
  return bytes;
}

/** A value of DER with a length of three bytes. */
function der(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  return Uint8Array.from([tag, 0x83, length >> 16, (length >> 8) & 255, length & 255, ...content]);
}

/** Signed data whose parts are a quarter of a million empty values. */
function emptyValues(bytes: number): Uint8Array {
  const many = new Uint8Array(bytes & ~1);
  for (let i = 0; i < many.length; i += 2) many[i] = 0x05;
  const signedData = Uint8Array.from([0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]);
  const inner = der(0x30, Uint8Array.from([2, 1, 1, ...many]));
  return der(0x30, Uint8Array.from([...signedData, ...der(0xa0, inner)]));
}

/** Catalogs that a folder calls small, which all are the same two megabytes. */
function catalogs(): Uint8Array<ArrayBuffer> {
  const catalog = writeCatalog(
    Array.from({ length: 14_000 }, (_, i) => ({ algorithm: 'sha256', digest: i.toString(16).padStart(64, '0') })),
  );
  const files = Object.fromEntries(
    Array.from({ length: 64 }, (_, i) => [`${CATALOGS}/c${i}.cat`, new Uint8Array(1200)]),
  );
  const volume = attackVolume(VOLUME, { ...files, '/donor.bin': catalog });
  shareContent(volume, 'donor.bin');
  return volume;
}

/** Logs of text: one line without an end, and as many lines as fit that all say something. */
function logs(lines: boolean): Uint8Array<ArrayBuffer> {
  const filled = (line: string): Uint8Array => {
    const text = lines ? `${line}\r\n` : line.replaceAll(/\r?\n/g, ' ');
    return ascii(text.repeat(Math.floor((1.2 * MIB) / text.length)));
  };
  const rollup = 'Package: Package_for_RollupFix~31bf3856ad364e35~amd64~~17763.1.1.1';
  return attackVolume(12 * MIB, {
    '/Windows/Logs/CBS/CBS.log': filled(
      `2024-07-19 04:09:35, Error CBS Processing complete. ${rollup} rolled back [HRESULT = 0x800f0922]`,
    ),
    '/Windows/INF/setupapi.dev.log': filled(
      '>>>  [Device Install (Hardware initiated) - PCI\\VEN_8086]\r\n!!!  sto: x',
    ),
    '/Windows/System32/LogFiles/Srt/SrtTrail.txt': filled(
      'Root cause found:\r\n---\r\nBugcheck 0x7e. Parameters = 0x1, 0x2 a.sys\r\nNumber of root causes = 1',
    ),
    '/Windows/System32/LogFiles/Srt/SrtTrail.log': utf16(lines ? 'AbCd\0'.repeat(100_000) : 'Ab'.repeat(250_000)),
    '/ProgramData/Microsoft/Windows/WER/ReportArchive/Kernel_1/Report.wer': filled('Sig[0].Name=Ab\r\nSig[0].Value=1'),
    '/Windows/Panther/UnattendGC/setuperr.log': filled('2024-07-19 04:09:35, Error [0x0] failed'),
  });
}

/** Logs of starts: of the boot manager and of the firmware, with as many records as fit. */
function startLogs(): Uint8Array<ArrayBuffer> {
  const small = bootLog([]);
  const boot = new Uint8Array(MIB);
  boot.set(small.subarray(0, 24));
  const view = new DataView(boot.buffer);
  for (let at = 24; at + 42 <= MIB; at += 42) {
    view.setUint32(at + 24, 42, true);
    view.setUint32(at + 36, 0x13, true);
  }
  view.setUint32(8, MIB, true);
  view.setUint32(12, MIB, true);
  const path = filePath({ number: 1, startLba: 2048, sizeLba: 2048, id: 1 }, '\\x');
  const measured = writeMeasuredLog(
    Array.from({ length: 4000 }, (_, i) =>
      variable(0x8000_0002, `Boot${i.toString(16).padStart(4, '0')}`, bootOption('Windows', path)),
    ),
  );
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `/Windows/Logs/MeasuredBoot/${String(i).padStart(10, '0')}-0000000000.log`,
      new Uint8Array(1200),
    ]),
  );
  const volume = attackVolume(VOLUME, {
    ...files,
    '/Boot/BOOTSTAT.DAT': boot,
    '/donor.bin': measured.subarray(0, MIB),
  });
  shareContent(volume, 'donor.bin');
  return volume;
}

/** What waits for the next start, by the hundred thousand. */
function pendingWork(): Uint8Array<ArrayBuffer> {
  const renames = { type: 7, bytes: utf16('\\??\\a\0\0'.repeat(60_000)) };
  const session = 'Microsoft\\Windows\\CurrentVersion\\Component Based Servicing';
  const software: HivePaths = { ...softwarePaths(17_763, 1) };
  for (let i = 0; i < 3000; i += 1) {
    software[`${session}\\Packages\\p${i}~31bf3856ad364e35~amd64~~10.0.1.1`] = { CurrentState: 112 };
    software[`${session}\\SessionsPending\\s${i}`] = { Complete: 0 };
  }
  const lists = Array.from({ length: 20_000 }, (_, i) => `autocheck ${i}`);
  return attackVolume(20 * MIB, {
    [SYSTEM]: hiveOf({
      ...systemPaths({}),
      'ControlSet001\\Control\\Session Manager': {
        PendingFileRenameOperations: renames,
        PendingFileRenameOperations2: renames,
        BootExecute: lists,
        SetupExecute: ['poqexec.exe /display_progress', ...lists],
      },
    }),
    [SOFTWARE]: hiveOf(software),
    '/Windows/WinSxS/pending.xml': ascii('<Pending>'.repeat(400_000)),
  });
}

/** Dumps that are all the clusters of one, which names four thousand drivers. */
function dumps(): Uint8Array<ArrayBuffer> {
  const dump = writeDump64({
    code: 0x7e,
    parameters: [1n, 2n, 3n, 4n],
    drivers: Array.from({ length: 4000 }, (_, i) => ({ name: `d${i}.sys`, base: BigInt(i) << 16n, size: 65_536 })),
    stack: Array.from({ length: 8000 }, (_, i) => BigInt(i) << 14n),
  });
  const files = Object.fromEntries(
    Array.from({ length: COUNT }, (_, i) => [`/Windows/Minidump/${i}.dmp`, new Uint8Array(1200)]),
  );
  const volume = attackVolume(20 * MIB, { ...files, '/donor.bin': dump });
  shareContent(volume, 'donor.bin');
  return volume;
}

/** Attacks by the files of a Windows that a scan, or a question about its start, reads. */
export const WINDOWS_ATTACKS: readonly Attack[] = [
  {
    name: 'PE, 2000 boot-start drivers that each import from 1000 images',
    idea: 'all are the clusters of one file',
    file: 'imports.img',
    bytes: () =>
      sharedDrivers(
        writePe({
          fileVersion: '10.0.17763.1',
          checksum: true,
          imports: Array.from({ length: 1000 }, (_, i) => `import${i}.sys`),
        }),
      ),
    verbs: imageVerbs,
  },
  {
    name: 'PE, 2000 boot-start drivers whose certificate is a mebibyte of empty values',
    idea: 'all are the clusters of one file',
    file: 'certificates.img',
    bytes: () => sharedDrivers(withCertificate(emptyValues(MIB - 100))),
    verbs: imageVerbs,
  },
  {
    name: 'catalogs, 64 that are called small and are one list of 14,000 files',
    idea: 'all are the clusters of one file',
    file: 'catalogs.img',
    bytes: catalogs,
    verbs: imageVerbs,
  },
  {
    name: 'logs of Windows, one line without an end',
    idea: 'a search for the end of the line, and patterns on it',
    file: 'line.img',
    bytes: () => logs(false),
    verbs: imageVerbs,
  },
  {
    name: 'logs of Windows, lines that all tell something',
    idea: 'more findings than anybody reads',
    file: 'lines.img',
    bytes: () => logs(true),
    verbs: imageVerbs,
  },
  {
    name: 'BOOTSTAT.DAT and 40 logs of measured starts, full of records',
    idea: 'the logs are the clusters of one file',
    file: 'starts.img',
    bytes: startLogs,
    verbs: imageVerbs,
  },
  {
    name: 'servicing, 60,000 pending renames, 3000 sessions, a pending.xml that never closes',
    idea: 'as many as each list may have',
    file: 'pending.img',
    bytes: pendingWork,
    verbs: imageVerbs,
  },
  {
    name: 'dumps, 2000 that each name 4000 drivers',
    idea: 'all are the clusters of one file',
    file: 'dumps.img',
    bytes: dumps,
    verbs: imageVerbs,
  },
];
