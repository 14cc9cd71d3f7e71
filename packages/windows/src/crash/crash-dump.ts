import { type ByteSource, DeadboxError, isDeadboxError, type ReadOptions } from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { faultingInstruction, stopCodeName } from './bugcheck.js';
import { DUMP_HEADER_64_BYTES, type DumpHeader, dumpBits, parseDumpHeader } from './dump-header.js';
import { isWindowsModule } from './microsoft-drivers.js';
import {
  DRIVER_ENTRY_BYTES,
  type DumpDriver,
  driverAt,
  driversOnStack,
  parseDumpDrivers,
  parseTriageDump,
  TRIAGE_HEADER_BYTES,
  type TriageDump,
} from './triage-dump.js';

/** A driver that the dump names, and why. */
export interface NamedDriver {
  /** File name as the dump lists it. */
  readonly name: string;
  /** `instruction`: the faulting instruction lies in it. `stack`: a return address on the saved stack lies in it. */
  readonly how: 'instruction' | 'stack';
  /** Offset of the address in the driver's image; only for `instruction`. */
  readonly offset?: number;
  /** PE time stamp. */
  readonly timeStamp: number;
  /** PE checksum. */
  readonly checksum: number;
}

/** What a crash dump says. Addresses and parameters are `0x…` text, 16 digits (8 on 32-bit systems). */
export interface CrashDump extends Omit<DumpHeader, 'parameters' | 'exceptionAddress'> {
  /** Name of the stop code, where it is known. */
  readonly codeName?: string;
  /** The four parameters, hexadecimal. */
  readonly parameters: string[];
  /** Address in the exception record, hexadecimal. */
  readonly exceptionAddress?: string;
  /** Address of the faulting instruction, from the parameters or the exception record. */
  readonly instruction?: string;
  /** The driver that holds the faulting instruction; only small dumps list the drivers. */
  driver?: NamedDriver;
  /** Drivers on the saved stack that are not Windows' own, nearest to the crash first. */
  stackDrivers: NamedDriver[];
  /** Drivers in the dump's list. */
  driverCount: number;
  /** Parts that could not be read: `drivers`, `strings`, `stack`. */
  readonly damaged: string[];
}

/** Drivers and names lie close together; more than this is not read for them. */
const MAX_NAMES_BYTES = 1 << 20;

/**
 * Reads a crash dump: its header, and of a small 64-bit dump the driver list and the saved stack.
 * @throws DeadboxError `DUMP_NOT_FOUND` when the source does not begin with a dump
 */
export async function readCrashDump(source: ByteSource, options?: ReadOptions): Promise<CrashDump> {
  const length = Math.min(source.size, DUMP_HEADER_64_BYTES + TRIAGE_HEADER_BYTES);
  const head = await source.read(0, length, options);
  const header = parseDumpHeader(head);
  if (header === undefined) {
    throw new DeadboxError<WindowsErrorCode>(
      'DUMP_NOT_FOUND',
      dumpBits(head) === undefined
        ? 'No crash dump here: the first eight bytes are neither "PAGEDU64" nor "PAGEDUMP"'
        : `Damaged crash dump: it begins like one, but no header of ${dumpBits(head) === 64 ? 'a 64-bit' : 'a 32-bit'} system follows`,
      {
        at: { layer: 'dump', offset: 0 },
        data: { size: source.size, truncated: dumpBits(head) !== undefined },
      },
    );
  }
  const digits = header.bits === 64 ? 16 : 8;
  const hex = (value: bigint): string => `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;
  const instruction = faultingInstruction(header.code, header.parameters) ?? header.exceptionAddress;
  const { parameters, exceptionAddress, ...plain } = header;
  const codeName = stopCodeName(header.code);
  const dump: CrashDump = {
    ...plain,
    ...(codeName === undefined ? {} : { codeName }),
    parameters: parameters.map(hex),
    ...(exceptionAddress === undefined ? {} : { exceptionAddress: hex(exceptionAddress) }),
    ...(instruction === undefined ? {} : { instruction: hex(instruction) }),
    stackDrivers: [],
    driverCount: 0,
    damaged: [],
  };
  if (header.bits === 64 && header.kind === 'small' && head.length === DUMP_HEADER_64_BYTES + TRIAGE_HEADER_BYTES) {
    await nameDrivers(
      dump,
      source,
      parseTriageDump(head.subarray(DUMP_HEADER_64_BYTES), source.size),
      instruction,
      options,
    );
  }
  return dump;
}

async function nameDrivers(
  dump: CrashDump,
  source: ByteSource,
  triage: TriageDump,
  instruction: bigint | undefined,
  options?: ReadOptions,
): Promise<void> {
  const drivers = await readPart(dump, 'drivers', () => readDrivers(dump, source, triage, options));
  if (drivers === undefined || drivers.length === 0) {
    if (!dump.damaged.includes('drivers')) dump.damaged.push('drivers');
    return;
  }
  dump.driverCount = drivers.length;
  const hit = instruction === undefined ? undefined : driverAt(drivers, instruction);
  if (hit !== undefined && instruction !== undefined)
    dump.driver = named(hit, 'instruction', Number(instruction - hit.base));
  if (triage.callStackLength === 0) return;
  const stack = await readPart(dump, 'stack', async () =>
    source.read(triage.callStackAt, triage.callStackLength, options),
  );
  if (stack === undefined) return;
  dump.stackDrivers = driversOnStack(stack, drivers)
    .filter((driver) => !isWindowsModule(driver.name))
    .map((driver) => named(driver, 'stack'));
}

async function readDrivers(
  dump: CrashDump,
  source: ByteSource,
  triage: TriageDump,
  options?: ReadOptions,
): Promise<DumpDriver[]> {
  if (triage.driverCount === 0) return [];
  const entries = await source.read(triage.driversAt, triage.driverCount * DRIVER_ENTRY_BYTES, options);
  const from = triage.stringsAt;
  const length = Math.min(triage.stringsLength, MAX_NAMES_BYTES);
  if (length < triage.stringsLength || length === 0) dump.damaged.push('strings');
  const text = await source.read(from, length, options);
  const parsed = parseDumpDrivers(entries, { bytes: text, at: from });
  if (parsed.damaged > 0) dump.damaged.push('drivers');
  return parsed.drivers;
}

async function readPart<T>(dump: CrashDump, part: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!isDeadboxError(error)) throw error;
    dump.damaged.push(part);
    return undefined;
  }
}

function named(driver: DumpDriver, how: NamedDriver['how'], offset?: number): NamedDriver {
  return {
    name: driver.name,
    how,
    ...(offset === undefined ? {} : { offset }),
    timeStamp: driver.timeStamp,
    checksum: driver.checksum,
  };
}
