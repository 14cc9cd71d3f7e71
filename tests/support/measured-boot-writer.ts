/**
 * Logs of measured starts for fixtures, after the TCG PC Client Platform Firmware Profile 1.05 (section 10) and UEFI
 * 2.10 (3.1.3, 10.3). Nothing is shared with the reader; `tpm2_eventlog` reads what is written here.
 */
import { guidBytes } from './bcd-writer.js';

const u16 = (value: number): number[] => [value & 255, value >> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
const u64 = (value: number): number[] => [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];
const text16 = (text: string): number[] => Array.from(text).flatMap((char) => u16(char.charCodeAt(0)));
const ascii = (text: string): number[] => Array.from(text).map((char) => char.charCodeAt(0));

const SHA1 = 4;
const SHA256 = 0x0b;
const GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c';

/** A node of a device path. */
const node = (type: number, subtype: number, data: readonly number[]): number[] => [
  type,
  subtype,
  ...u16(data.length + 4),
  ...data,
];

/** A partition, as a hard-drive node names it. */
export interface HardDriveSpec {
  number: number;
  startLba: number;
  sizeLba: number;
  /** GUID of a GPT partition, or the signature of an MBR disk. */
  id: string | number;
}

/** The device path of a file on a partition, with its end. */
export function filePath(drive: HardDriveSpec, path: string): number[] {
  const mbr = typeof drive.id === 'number';
  const signature = typeof drive.id === 'number' ? [...u32(drive.id), ...new Array(12).fill(0)] : guidBytes(drive.id);
  const place = [...u32(drive.number), ...u64(drive.startLba), ...u64(drive.sizeLba), ...signature];
  return [
    ...node(4, 1, [...place, mbr ? 1 : 2, mbr ? 1 : 2]),
    ...node(4, 4, [...text16(path), 0, 0]),
    ...node(0x7f, 0xff, []),
  ];
}

/** A boot entry of the firmware. */
export function bootOption(name: string, path: readonly number[], active = true): number[] {
  return [...u32(active ? 1 : 0), ...u16(path.length), ...text16(name), 0, 0, ...path];
}

/** One event: register, type, data. */
export interface MeasuredEventSpec {
  register: number;
  type: number;
  data: readonly number[];
}

/** A measured variable of the firmware's own name space. */
export function variable(type: number, name: string, value: readonly number[], vendor = GLOBAL): MeasuredEventSpec {
  const register = type === 0x80000001 ? 7 : 1;
  const data = [...guidBytes(vendor), ...u64(name.length), ...u64(value.length), ...text16(name), ...value];
  return { register, type, data };
}

/** A log: `agile` with SHA-1 and SHA-256 digests, else with SHA-1 alone. */
export function writeMeasuredLog(events: readonly MeasuredEventSpec[], agile = true): Uint8Array<ArrayBuffer> {
  const old = ({ register, type, data }: MeasuredEventSpec): number[] => [
    ...u32(register),
    ...u32(type),
    ...new Array(20).fill(type === 3 ? 0 : 0x11),
    ...u32(data.length),
    ...data,
  ];
  const specId = [
    ...ascii('Spec ID Event03\0'),
    ...u32(0),
    0,
    2,
    0,
    2,
    ...u32(2),
    ...u16(SHA1),
    ...u16(20),
    ...u16(SHA256),
    ...u16(32),
    0,
  ];
  const agileEvent = ({ register, type, data }: MeasuredEventSpec): number[] => [
    ...u32(register),
    ...u32(type),
    ...u32(2),
    ...u16(SHA1),
    ...new Array(20).fill(0x11),
    ...u16(SHA256),
    ...new Array(32).fill(0x22),
    ...u32(data.length),
    ...data,
  ];
  const bytes = agile
    ? [...old({ register: 0, type: 3, data: specId }), ...events.flatMap(agileEvent)]
    : events.flatMap(old);
  return Uint8Array.from(bytes);
}
