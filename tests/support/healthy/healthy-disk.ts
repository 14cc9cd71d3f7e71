import {
  bootDevice,
  gptDevice,
  mbrDevice,
  type WindowsBootSpec,
  windowsBootStore,
  writeBootStore,
} from '../bcd-writer.js';
import { type FatTree, writeFat32 } from '../disk-writer/fat32.js';
import { type GptPartition, writeGpt } from '../disk-writer/gpt.js';
import { NtfsVolumeWriter, type VolumeOptions } from '../ntfs-writer/ntfs-volume.js';
import { partOf } from '../ntfs-writer/sink.js';
import type { FileOptions, Tree } from '../ntfs-writer/tree.js';
import { bootContinuation, type MbrPartition, mbrSector, withBootCode } from './boot-sectors.js';
import { gptLetter, type HivePaths, hiveOf, mbrLetter, softwarePaths, systemPaths } from './hives.js';
import { type RealHive, realHive } from './real-hives.js';
import { SparseMemory } from './sparse-memory.js';
import { bootManager, imageFile, type WindowsKind, windowsFiles } from './windows-files.js';

const MIB = 1 << 20;
const GIB = 1 << 30;

/** Identities of the disk; those of a disk with a real hive are what its drive letters name. */
export const HEALTHY_DISK_ID = '5EED0000-0000-4000-8000-0000000000AA';
export const HEALTHY_ESP_ID = '5EED0000-0000-4000-8000-0000000000A1';
export const HEALTHY_WINDOWS_ID = '5EED0000-0000-4000-8000-0000000000A3';
const HEALTHY_SIGNATURE = 0x5eed_00aa;

/** Everything that goes onto the disk; a test alters one thing of it before it is written. */
export interface HealthyDraft {
  readonly firmware: 'uefi' | 'bios';
  readonly kind: WindowsKind;
  /** The values of a synthetic hive; ignored where {@link hives} gives the file. */
  readonly system: HivePaths;
  readonly software: HivePaths;
  /** Hives as files, below `System32/config`. */
  readonly hives: Record<string, Uint8Array>;
  /** Files of the Windows volume by path; hives and boot files come besides. */
  readonly files: Record<string, FileOptions>;
  /**
   * Files of the system volume by path: EFI system partition, or the active partition where that is another volume than
   * Windows'.
   */
  readonly systemFiles: Record<string, Uint8Array>;
  /** The boot store. */
  readonly store: { -readonly [K in keyof WindowsBootSpec]: WindowsBootSpec[K] };
  /** GPT partitions; only on a UEFI disk. */
  readonly gpt: GptPartition[];
  /** MBR partitions; only on a BIOS disk. */
  readonly mbr: MbrPartition[];
  diskId: string;
  signature: number;
  /** How the Windows volume is written. */
  readonly volume: Partial<VolumeOptions>;
  /** A last look at the tree of the Windows volume. */
  arrange?: (tree: Tree) => void;
}

/** What a healthy disk is made of. */
export interface HealthyOptions {
  /** Default `uefi`; a real hive has its own. */
  readonly firmware?: 'uefi' | 'bios';
  /** A UEFI disk may have an MBR: its system partition has type EFh, and none is active. Default a GPT. */
  readonly table?: 'mbr';
  /** A SYSTEM hive of a real machine in place of the synthetic one. */
  readonly real?: RealHive;
  /** Default a Windows Server 2022. */
  readonly kind?: WindowsKind;
  /** Alters the draft before it is written. */
  readonly change?: (draft: HealthyDraft) => void;
  /** Alters bytes of the disk that was written. */
  readonly patch?: (disk: SparseMemory, places: HealthyPlaces) => void;
}

/** Where the parts of the disk begin. */
export interface HealthyPlaces {
  /** EFI system partition or active partition. */
  readonly system: number;
  readonly windows: number;
  /** Length of the Windows partition. */
  readonly windowsLength: number;
}

/** A whole disk on which Windows starts, as far as a disk tells; in memory. */
export async function healthyDisk(options: HealthyOptions = {}): Promise<SparseMemory> {
  const draft = await draftOf(options);
  options.change?.(draft);
  const { disk, places } = writeDisk(draft);
  options.patch?.(disk, places);
  return disk;
}

const SERVER_2022: WindowsKind = { build: 20348, revision: 2527, narrow: false };
/** Enough for the files, and for Windows to call the volume roomy. */
const WINDOWS_BYTES = 4 * GIB;
const ESP_BYTES = 64 * MIB;

async function draftOf({
  firmware: asked,
  table,
  real,
  kind = real ?? SERVER_2022,
}: HealthyOptions): Promise<HealthyDraft> {
  const place = real?.place;
  const firmware = place?.firmware ?? asked ?? 'uefi';
  const signature = place?.firmware === 'bios' ? place.signature : HEALTHY_SIGNATURE;
  const windowsAt = place?.firmware === 'bios' ? place.offset : firmware === 'uefi' ? 128 * MIB : 512 * MIB;
  const windowsId = place?.firmware === 'uefi' ? place.partitionId : HEALTHY_WINDOWS_ID;
  const gpt = firmware === 'uefi' && table === undefined;
  const letter = gpt ? gptLetter(windowsId) : mbrLetter(signature, windowsAt);
  const system = systemPaths({ '\\DosDevices\\C:': letter });
  const hives: Record<string, Uint8Array> = real === undefined ? {} : { SYSTEM: realHive(real) };
  const files = await filesOf(new Uint8Array(hives.SYSTEM ?? hiveOf(system)), kind, real?.file ?? 'synthetic');
  const windows = gpt ? gptDevice(windowsId, HEALTHY_DISK_ID) : mbrDevice(windowsAt, signature);
  const own = firmware === 'bios' && windowsAt > MIB;
  return {
    firmware,
    kind,
    system,
    software: softwarePaths(kind.build, kind.revision),
    hives,
    files: { ...files },
    systemFiles: firmware === 'uefi' ? efiFiles(kind) : { '/bootmgr': bootManager(), '/BOOTNXT': Uint8Array.of(0x31) },
    store: {
      firmware,
      system: gpt ? gptDevice(HEALTHY_ESP_ID, HEALTHY_DISK_ID) : own ? mbrDevice(MIB, signature) : bootDevice(),
      windows,
    },
    gpt: gpt ? gptPartitions(windowsAt, windowsId) : [],
    mbr: gpt ? [] : firmware === 'bios' ? mbrPartitions(windowsAt) : efiPartitions(windowsAt),
    diskId: HEALTHY_DISK_ID,
    signature,
    volume: {},
  };
}

const filesByKind = new Map<string, Promise<Record<string, FileOptions>>>();

/** The files of a Windows, made once: the same for every test. */
function filesOf(
  system: Uint8Array<ArrayBuffer>,
  kind: WindowsKind,
  name: string,
): Promise<Record<string, FileOptions>> {
  const key = `${name} ${kind.build}.${kind.revision} ${kind.narrow}`;
  const made = filesByKind.get(key) ?? windowsFiles(system, kind).then(below);
  filesByKind.set(key, made);
  return made;
}

function below(files: Record<string, FileOptions>): Record<string, FileOptions> {
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [`/Windows/${path}`, file]));
}

function efiFiles(kind: WindowsKind): Record<string, Uint8Array> {
  const manager = imageFile('bootmgfw.efi', { ...kind, narrow: false }).content ?? new Uint8Array(0);
  return {
    '/EFI/Microsoft/Boot/bootmgfw.efi': manager,
    '/EFI/Microsoft/Boot/bootmgr.efi': manager,
    '/EFI/Boot/bootx64.efi': manager,
  };
}

function gptPartitions(windowsAt: number, windowsId: string): GptPartition[] {
  const hidden = 1n << 63n;
  return [
    {
      type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
      id: HEALTHY_ESP_ID,
      name: 'EFI system partition',
      offset: MIB,
      length: ESP_BYTES,
      attributes: hidden,
    },
    {
      type: 'E3C9E316-0B5C-4DB8-817D-F92DF00215AE',
      id: '5EED0000-0000-4000-8000-0000000000A2',
      name: 'Microsoft reserved partition',
      offset: 96 * MIB,
      length: 16 * MIB,
      attributes: hidden,
    },
    {
      type: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
      id: windowsId,
      name: 'Basic data partition',
      offset: windowsAt,
      length: WINDOWS_BYTES,
    },
  ];
}

/** Windows at 1 MiB starts itself; elsewhere there is a partition of its own before it. */
function mbrPartitions(windowsAt: number): MbrPartition[] {
  const windows = { offset: windowsAt, length: WINDOWS_BYTES, type: 7 };
  if (windowsAt === MIB) return [{ ...windows, active: true }];
  return [
    { offset: MIB, length: Math.floor((windowsAt - MIB) / MIB) * MIB, type: 7, active: true },
    { ...windows, active: false },
  ];
}

/** An EFI system partition and Windows on an MBR disk. */
function efiPartitions(windowsAt: number): MbrPartition[] {
  return [
    { offset: MIB, length: ESP_BYTES, type: 0xef, active: false },
    { offset: windowsAt, length: WINDOWS_BYTES, type: 7, active: false },
  ];
}

function writeDisk(draft: HealthyDraft): { disk: SparseMemory; places: HealthyPlaces } {
  const { firmware, gpt, mbr } = draft;
  const parts: readonly { readonly offset: number; readonly length: number }[] = gpt.length > 0 ? gpt : mbr;
  const size = Math.max(...parts.map(({ offset, length }) => offset + length)) + MIB;
  const disk = new SparseMemory(size);
  const store = writeBootStore(windowsBootStore(draft.store));
  const windows = parts.at(-1) ?? { offset: 0, length: 0 };
  const [system = windows] = parts;
  const storePath = firmware === 'uefi' ? '/EFI/Microsoft/Boot/BCD' : '/Boot/BCD';
  const systemFiles: FatTree = { [storePath]: store, ...draft.systemFiles };
  if (gpt.length > 0) writeGpt(disk, size, 512, draft.diskId, gpt);
  else disk.write(0, mbrSector(draft.signature, mbr));
  if (firmware === 'uefi') {
    writeFat32(partOf(disk, system.offset), system.length, 512, 'SYSTEM', systemFiles);
  } else if (system !== windows) {
    const files = Object.fromEntries(Object.entries(systemFiles).map(([path, content]) => [path, { content }]));
    writeVolume(disk, system, files, { label: 'System Reserved' });
  }
  writeVolume(disk, windows, windowsVolume(draft, system === windows ? systemFiles : {}), draft.volume, draft.arrange);
  return { disk, places: { system: system.offset, windows: windows.offset, windowsLength: windows.length } };
}

function windowsVolume(draft: HealthyDraft, bootFiles: FatTree): Record<string, FileOptions> {
  const hives: Record<string, Uint8Array> = {
    SYSTEM: hiveOf(draft.system),
    SOFTWARE: hiveOf(draft.software),
    SAM: hiveOf({ SAM: {} }),
    SECURITY: hiveOf({ Policy: {} }),
    DEFAULT: hiveOf({ Software: {} }),
    COMPONENTS: hiveOf({ CanonicalData: {}, DerivedData: {} }),
    ...draft.hives,
  };
  const asFiles = (tree: Readonly<Record<string, Uint8Array>>, folder: string): Record<string, FileOptions> =>
    Object.fromEntries(Object.entries(tree).map(([name, content]) => [`${folder}${name}`, { content }]));
  return {
    ...draft.files,
    ...asFiles(hives, '/Windows/System32/config/'),
    ...asFiles(bootFiles, ''),
    '/pagefile.sys': { size: 16 * MIB, attributes: 0x26 },
  };
}

function writeVolume(
  disk: SparseMemory,
  { offset, length }: { readonly offset: number; readonly length: number },
  files: Readonly<Record<string, FileOptions>>,
  options: Partial<VolumeOptions>,
  arrange?: (tree: Tree) => void,
): void {
  const writer = new NtfsVolumeWriter(partOf(disk, offset), { size: length, hiddenSectors: offset / 512, ...options });
  // Names that differ in case only are one folder.
  const folders = new Map<string, string>();
  const folder = (path: string): string => {
    const cut = path.lastIndexOf('/');
    const key = path.toLowerCase();
    const known = folders.get(key) ?? (cut < 0 ? path : `${folder(path.slice(0, cut))}${path.slice(cut)}`);
    folders.set(key, known);
    return known;
  };
  for (const [path, file] of Object.entries(files)) {
    const cut = path.lastIndexOf('/');
    writer.tree.addFile(writer.tree.folder(folder(path.slice(0, cut))), path.slice(cut + 1), file);
  }
  arrange?.(writer.tree);
  writer.finish();
  const boot = withBootCode(disk.read(offset, 512));
  disk.write(offset, boot);
  disk.write(offset + 512, bootContinuation());
  disk.write(offset + length - 512, boot);
}
