/**
 * Synthetic crash dumps. No real dump could be had for the tests, so these are built from the documented structures
 * (DUMP_HEADER64, DUMP_HEADER32, TRIAGE_DUMP64, DUMP_DRIVER_ENTRY64). Nothing is shared with the reader.
 */

/** A loaded driver of a dump. */
export interface DumpDriverSpec {
  name: string;
  base: bigint;
  size: number;
  timeStamp?: number;
  checksum?: number;
}

/** What the dump says. */
export interface DumpSpec {
  code: number;
  parameters: readonly [bigint, bigint, bigint, bigint];
  /** FILETIME. */
  time?: bigint;
  /** 100-ns ticks since the start of Windows. */
  uptime?: bigint;
  build?: number;
  /** 4 = small (default). */
  kind?: number;
  exception?: { code: number; address: bigint };
  productType?: number;
  drivers?: readonly DumpDriverSpec[];
  /** Values on the saved call stack. */
  stack?: readonly bigint[];
}

/** Fills a header with the text `PAGE`, as Windows does. */
function page(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = [0x50, 0x41, 0x47, 0x45][at % 4];
  return bytes;
}

const ascii = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0));

/** A dump of a 64-bit system; small (with driver list and stack) unless `kind` says otherwise. */
export function writeDump64(spec: DumpSpec): Uint8Array<ArrayBuffer> {
  const header = page(0x2000);
  const view = new DataView(header.buffer);
  header.set(ascii('PAGEDU64'));
  view.setUint32(0x08, 15, true);
  view.setUint32(0x0c, spec.build ?? 17763, true);
  view.setUint32(0x30, 0x8664, true);
  view.setUint32(0x34, 4, true);
  view.setUint32(0x38, spec.code, true);
  spec.parameters.forEach((value, i) => view.setBigUint64(0x40 + i * 8, value, true));
  if (spec.exception !== undefined) {
    view.setUint32(0xf00, spec.exception.code, true);
    view.setBigUint64(0xf10, spec.exception.address, true);
  }
  const kind = spec.kind ?? 4;
  view.setUint32(0xf98, kind, true);
  if (spec.time !== undefined) view.setBigUint64(0xfa8, spec.time, true);
  if (spec.uptime !== undefined) view.setBigUint64(0x1030, spec.uptime, true);
  view.setUint32(0x1040, spec.productType ?? 3, true);
  return kind === 4 ? small(header, spec) : header;
}

function small(header: Uint8Array<ArrayBuffer>, spec: DumpSpec): Uint8Array<ArrayBuffer> {
  const drivers = spec.drivers ?? [];
  const stack = spec.stack ?? [];
  const stackAt = 0x2100;
  const driversAt = stackAt + stack.length * 8;
  const stringsAt = driversAt + drivers.length * 0x90;
  const strings: number[] = [];
  const entries = new Uint8Array(drivers.length * 0x90);
  const entryView = new DataView(entries.buffer);
  drivers.forEach((driver, i) => {
    const at = i * 0x90;
    entryView.setUint32(at, stringsAt + strings.length, true);
    entryView.setBigUint64(at + 0x38, driver.base, true);
    entryView.setUint32(at + 0x48, driver.size, true);
    entryView.setUint32(at + 0x80, driver.checksum ?? 0x1234, true);
    entryView.setUint32(at + 0x88, driver.timeStamp ?? 0x66000000, true);
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, driver.name.length, true);
    strings.push(...count);
    for (const char of Array.from(driver.name)) strings.push(char.charCodeAt(0) & 255, char.charCodeAt(0) >> 8);
    strings.push(0, 0);
    while (strings.length % 8 !== 0) strings.push(0);
  });
  const end = stringsAt + strings.length;
  const file = new Uint8Array(end + 4);
  file.set(header);
  const view = new DataView(file.buffer);
  view.setUint32(0x2004, file.length, true);
  view.setUint32(0x2028, stackAt, true);
  view.setUint32(0x202c, stack.length * 8, true);
  view.setUint32(0x2030, driversAt, true);
  view.setUint32(0x2034, drivers.length, true);
  view.setUint32(0x2038, stringsAt, true);
  view.setUint32(0x203c, strings.length, true);
  stack.forEach((value, i) => view.setBigUint64(stackAt + i * 8, value, true));
  file.set(entries, driversAt);
  file.set(strings, stringsAt);
  file.set(ascii('TRGD'), end);
  return file;
}

/** The header of a dump of a 32-bit system. */
export function writeDump32(spec: DumpSpec): Uint8Array<ArrayBuffer> {
  const header = page(0x1000);
  const view = new DataView(header.buffer);
  header.set(ascii('PAGEDUMP'));
  view.setUint32(0x08, 15, true);
  view.setUint32(0x0c, spec.build ?? 7601, true);
  view.setUint32(0x20, 0x14c, true);
  view.setUint32(0x24, 2, true);
  view.setUint32(0x28, spec.code, true);
  spec.parameters.forEach((value, i) => view.setUint32(0x2c + i * 4, Number(value & 0xffffffffn), true));
  view.setUint32(0xf88, spec.kind ?? 4, true);
  if (spec.time !== undefined) view.setBigUint64(0xfc0, spec.time, true);
  if (spec.uptime !== undefined) view.setBigUint64(0xfb8, spec.uptime, true);
  return header;
}

/** The drivers of a synthetic crash: kernel, file system, sensor. */
export const CRASH_DRIVERS: readonly DumpDriverSpec[] = [
  { name: 'ntoskrnl.exe', base: 0xfffff80312000000n, size: 0xab7000 },
  { name: 'Ntfs.sys', base: 0xfffff80313000000n, size: 0x2d0000 },
  { name: 'csagent.sys', base: 0xfffff80314000000n, size: 0x2c4000, timeStamp: 0x669a0000, checksum: 0x2d1111 },
];

/** A synthetic 0x50 crash in csagent.sys at `time` (FILETIME), 12 seconds after the start. */
export function csagentCrash(time: bigint): Uint8Array<ArrayBuffer> {
  return writeDump64({
    code: 0x50,
    parameters: [0xffff84860000009cn, 0n, CRASH_DRIVERS[2].base + 0xe14edn, 0n],
    time,
    uptime: 12_0000000n,
    drivers: CRASH_DRIVERS,
    stack: [0x10n, CRASH_DRIVERS[0].base + 0x1000n, CRASH_DRIVERS[2].base + 0xe14edn],
  });
}
