import { type ByteSource, DeadboxError, defined, isDamage, type ReadOptions } from '@deadbox/core';
import type { WindowsErrorCode } from '../errors.js';
import { faultingInstruction, stopCodeName } from './bugcheck.js';
import { BREAKPOINT, DUMP_HEADER_64_BYTES, type DumpHeader, dumpBits, parseDumpHeader } from './dump-header.js';
import { isWindowsModule } from './microsoft-drivers.js';
import {
  DRIVER_ENTRY_BYTES,
  DriverMap,
  type DumpDriver,
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
  /** It comes with Windows. */
  readonly windows: boolean;
  /** Offset of the address in the driver's image; only for `instruction`. */
  readonly offset?: number;
  /** PE time stamp. */
  readonly timeStamp: number;
  /** PE checksum. */
  readonly checksum: number;
}

/** A part of a dump that could not be read. */
export type DumpPart = 'drivers' | 'strings' | 'stack';

/** What a crash dump says. Addresses and parameters are `0x…` text, 16 digits (8 on 32-bit systems). */
export interface CrashDump extends Omit<DumpHeader, 'parameters' | 'exceptionAddress'> {
  /** Name of the stop code, where it is known. */
  readonly codeName?: string;
  /** The four parameters, hexadecimal. */
  readonly parameters: string[];
  /** Address in the exception record, hexadecimal. */
  readonly exceptionAddress?: string;
  /**
   * Address of the faulting instruction: the parameter that the stop code has for it, else the address of the exception
   * record, unless that is the breakpoint of the stop itself.
   */
  readonly instruction?: string;
  /** The driver that holds the faulting instruction; only small dumps list the drivers. */
  readonly driver?: NamedDriver;
  /** Drivers on the saved stack that are not Windows' own, nearest to the crash first. */
  readonly stackDrivers: readonly NamedDriver[];
  /** Drivers in the dump's list. */
  readonly driverCount: number;
  /** Parts that could not be read. */
  readonly damaged: readonly DumpPart[];
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
  if (header === undefined) throw notADump(dumpBits(head), source.size);
  const { parameters, exceptionAddress, ...plain } = header;
  const digits = header.bits === 64 ? 16 : 8;
  const hex = (value: bigint | undefined): string | undefined =>
    value === undefined ? undefined : `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;
  const fault = header.exceptionCode === BREAKPOINT ? undefined : exceptionAddress;
  const instruction = faultingInstruction(header.code, parameters) ?? fault;
  const small = header.bits === 64 && header.kind === 'small' && head.length > DUMP_HEADER_64_BYTES;
  const triage = small && length === DUMP_HEADER_64_BYTES + TRIAGE_HEADER_BYTES;
  const drivers = triage
    ? await new SmallDump(source, parseTriageDump(head.subarray(DUMP_HEADER_64_BYTES), source.size), options).name(
        instruction,
      )
    : { stackDrivers: [], driverCount: 0, damaged: [] };
  return {
    ...plain,
    ...defined({
      codeName: stopCodeName(header.code),
      exceptionAddress: hex(exceptionAddress),
      instruction: hex(instruction),
    }),
    parameters: parameters.map((value) => hex(value) as string),
    ...drivers,
  };
}

function notADump(bits: 32 | 64 | undefined, size: number): DeadboxError<WindowsErrorCode> {
  return new DeadboxError(
    'DUMP_NOT_FOUND',
    bits === undefined
      ? 'No crash dump here: the first eight bytes are neither "PAGEDU64" nor "PAGEDUMP"'
      : `Damaged crash dump: it begins like one, but no header of a ${bits}-bit system follows`,
    { at: { layer: 'dump', offset: 0 }, data: { size, truncated: bits !== undefined } },
  );
}

type NamedDrivers = Pick<CrashDump, 'driver' | 'stackDrivers' | 'driverCount' | 'damaged'>;

/** The parts of a small dump, each read on its own: a damaged one costs only what it holds. */
class SmallDump {
  readonly #source: ByteSource;
  readonly #triage: TriageDump;
  readonly #options: ReadOptions | undefined;
  readonly #damaged = new Set<DumpPart>();

  constructor(source: ByteSource, triage: TriageDump, options?: ReadOptions) {
    this.#source = source;
    this.#triage = triage;
    this.#options = options;
  }

  /** Names the drivers that hold the faulting instruction or return addresses. */
  async name(instruction: bigint | undefined): Promise<NamedDrivers> {
    const drivers = (await this.#part('drivers', () => this.#drivers())) ?? [];
    if (drivers.length === 0) {
      this.#damaged.add('drivers');
      return { stackDrivers: [], driverCount: 0, damaged: [...this.#damaged] };
    }
    const map = new DriverMap(drivers);
    const driver = instruction === undefined ? undefined : holder(map, instruction);
    const stack = await this.#part('stack', async () =>
      this.#source.read(this.#triage.callStackAt, this.#triage.callStackLength, this.#options),
    );
    return {
      ...defined({ driver }),
      stackDrivers: (stack === undefined ? [] : map.onStack(stack))
        .map((one) => named(one, 'stack'))
        .filter(({ windows }) => !windows),
      driverCount: drivers.length,
      damaged: [...this.#damaged],
    };
  }

  async #drivers(): Promise<readonly DumpDriver[]> {
    const { driverCount, driversAt, stringsAt, stringsLength } = this.#triage;
    if (driverCount === 0) return [];
    const entries = await this.#source.read(driversAt, driverCount * DRIVER_ENTRY_BYTES, this.#options);
    const length = Math.min(stringsLength, MAX_NAMES_BYTES);
    if (length < stringsLength || length === 0) this.#damaged.add('strings');
    const bytes = await this.#source.read(stringsAt, length, this.#options);
    const { drivers, damaged } = parseDumpDrivers(entries, { bytes, at: stringsAt });
    if (damaged > 0) this.#damaged.add('drivers');
    return drivers;
  }

  async #part<T>(part: DumpPart, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!isDamage(error, this.#options?.signal)) throw error;
      this.#damaged.add(part);
      return undefined;
    }
  }
}

/** The driver that an instruction lies in. */
function holder(map: DriverMap, instruction: bigint): NamedDriver | undefined {
  const hit = map.at(instruction);
  return hit && named(hit, 'instruction', Number(instruction - hit.base));
}

function named(driver: DumpDriver, how: NamedDriver['how'], offset?: number): NamedDriver {
  const { name, timeStamp, checksum } = driver;
  return { name, how, windows: isWindowsModule(name), ...defined({ offset }), timeStamp, checksum };
}
