import { Cursor, type Json, type ReadOptions } from '@deadbox/core';
import { MAX_BROKEN_BINS, MAX_ROOT_KEYS } from '../limits.js';
import { BASE_BLOCK_BYTES } from './base-block.js';
import type { Hive, HiveState } from './hive.js';
import { HIVE_BIN, HIVE_BIN_HEADER_BYTES } from './hive-cells.js';
import { sameRegistryName } from './name-hash.js';
import { subkeysWithin } from './subkeys-within.js';

/** What was found out about a hive's condition. */
export type HiveHealthFindingId =
  | 'hive-missing'
  | 'hive-empty'
  | 'hive-not-regf'
  | 'hive-unreadable'
  | 'hive-root-unreadable'
  | 'hive-truncated'
  | 'hive-checksum'
  | 'hive-dirty'
  | 'hive-log-missing'
  | 'hive-log-unusable'
  | 'hive-log-gap'
  | 'hive-bins-damaged'
  | 'hive-records-damaged'
  | 'hive-select-unreadable'
  | 'hive-control-set-missing';

/** One fact about a hive's condition. */
export interface HiveHealthFinding {
  readonly id: HiveHealthFindingId;
  /** The facts behind it. */
  readonly data: Record<string, Json>;
}

/**
 * The condition of a hive. `clean`; `recoverable`: dirty, and its logs make it whole, normal after a crash; `at-risk`:
 * dirty without a usable or complete log; `damaged`: Windows cannot load it as it is; `missing`.
 */
export type HiveHealthVerdict = 'clean' | 'recoverable' | 'at-risk' | 'damaged' | 'missing';

/** A hive's condition, as far as the bytes that were read tell. */
export interface HiveHealth {
  /** Path of the hive file. */
  readonly path: string;
  /** The condition in one word. */
  readonly verdict: HiveHealthVerdict;
  readonly findings: readonly HiveHealthFinding[];
  /** Status and stop codes that Windows would show, as upper-case hexadecimal numbers; empty when none is expected. */
  readonly codes: readonly string[];
  /** Absent when the hive could not be opened. */
  readonly state?: HiveState;
}

/** Bins are whole pages long. */
const PAGE = 4096;
/** STATUS_CANNOT_LOAD_REGISTRY_FILE, and the stop code BAD_SYSTEM_CONFIG_INFO. */
const CANNOT_LOAD: readonly string[] = ['0xC0000218', '0x00000074'];
/** STATUS_REGISTRY_CORRUPT. */
const CORRUPT: readonly string[] = ['0xC000014C', '0x00000074'];
/** STATUS_NOT_FOUND. */
const NOT_FOUND = '0xC0000225';

/** The health of a hive that is not there. */
export function missingHive(path: string): HiveHealth {
  return { path, verdict: 'missing', findings: [{ id: 'hive-missing', data: {} }], codes: [...CANNOT_LOAD] };
}

/** The health of a hive that cannot be opened. */
export function unreadableHive(path: string, id: HiveHealthFindingId, data: Record<string, Json>): HiveHealth {
  return {
    path,
    verdict: 'damaged',
    findings: [{ id, data }],
    codes: id === 'hive-root-unreadable' ? [...CORRUPT] : [...CANNOT_LOAD],
  };
}

/**
 * The health of an opened hive, from its base block and logs. What reading it brought to light later is in its issues;
 * see {@link refineHealth}.
 */
export function healthOf(path: string, hive: Hive): HiveHealth {
  const { state } = hive;
  const { recovery, entriesApplied } = state;
  const reasons = [...state.reasons];
  const findings: HiveHealthFinding[] = [];
  let verdict: HiveHealthVerdict = 'clean';
  const add = (id: HiveHealthFindingId, to: HiveHealthVerdict, data: Record<string, Json> = {}): void => {
    findings.push({ id, data });
    verdict = worse(verdict, to);
  };
  // A wrong checksum is damage; only unequal sequence numbers say that a write did not end.
  if (reasons.includes('sequence')) add('hive-dirty', 'recoverable', { reasons, recovery, entriesApplied });
  if (reasons.some((reason) => reason !== 'sequence'))
    add('hive-checksum', recovery === 'replayed' ? 'recoverable' : 'damaged', { reasons });
  if (recovery === 'no-log') add('hive-log-missing', 'at-risk');
  if (recovery === 'log-unusable')
    add('hive-log-unusable', 'at-risk', { logs: state.logs.map((log) => `${log.name}: ${log.format}`) });
  if (recovery === 'replayed' && !state.contiguous) add('hive-log-gap', 'at-risk');
  if (state.missingBytes > 0) add('hive-truncated', 'damaged', { missingBytes: state.missingBytes });
  return { path, verdict, findings, codes: worse(verdict, 'damaged') === verdict ? [...CANNOT_LOAD] : [], state };
}

/** Adds the checks that only the SYSTEM hive has: Windows must find the control set that it is to start with. */
export async function checkControlSets(health: HiveHealth, system: Hive): Promise<HiveHealth> {
  const select = await system.key('Select');
  const chosen = await select?.number('Default');
  if (chosen === undefined) {
    return damagedBy(health, { id: 'hive-select-unreadable', data: { value: 'Default' } }, CORRUPT);
  }
  const name = controlSetName(chosen);
  if ((await system.key(name)) !== undefined) return health;
  // Where the list goes on, the name was looked for in all of it above.
  const { names: present } = await controlSetNames(system);
  if (present.some((one) => sameRegistryName(one, name))) return health;
  return damagedBy(health, { id: 'hive-control-set-missing', data: { expected: name, present } }, [NOT_FOUND]);
}

/** Adds what reading the hive brought to light: damaged records on the way to something. */
export function refineHealth(health: HiveHealth, hive: Hive): HiveHealth {
  const damage: Record<string, number> = {};
  for (const [code, count] of hive.issues.counts) if (DAMAGE.has(code)) damage[code] = count;
  if (Object.keys(damage).length === 0 || health.findings.some((finding) => finding.id === 'hive-records-damaged'))
    return health;
  return damagedBy(health, { id: 'hive-records-damaged', data: damage }, CORRUPT);
}

const DAMAGE: ReadonlySet<string> = new Set([
  'hive.cell-damaged',
  'hive.cell-free',
  'hive.key-damaged',
  'hive.key-loop',
  'hive.root-offset',
  'hive.subkey-list-damaged',
  'hive.value-damaged',
  'hive.value-list-damaged',
  'hive.value-data-damaged',
  'hive.value-loop',
  'hive.work-exhausted',
]);

/** A hive as the reader of its bins takes it in: whole pages at once. */
const BINS_AT_ONCE = 1 << 20;

/**
 * Follows the chain of hive bins from the first to the last, as Windows does when it loads the hive: signature, own
 * offset, size (msuhanov/regf, "Hive bin"). This reads the whole hive. Each broken link is an issue, and the walk goes
 * on at the next page.
 */
export async function checkHiveBins(health: HiveHealth, hive: Hive, options: ReadOptions = {}): Promise<HiveHealth> {
  const { source, issues } = hive;
  const end = Math.min(hive.baseBlock.binsSize, source.size - BASE_BLOCK_BYTES);
  let damaged = 0;
  let first = 0;
  let from = 0;
  let pages = new Cursor(new Uint8Array(0));
  for (let at = 0; at + HIVE_BIN_HEADER_BYTES <= end && damaged < MAX_BROKEN_BINS; ) {
    if (at < from || at + HIVE_BIN_HEADER_BYTES > from + pages.length) {
      options.signal?.throwIfAborted();
      from = at;
      const length = Math.min(BINS_AT_ONCE, end - at);
      pages = new Cursor(await source.read(BASE_BLOCK_BYTES + at, length, options), 'hive', BASE_BLOCK_BYTES + at);
    }
    const { signature, offset, size } = HIVE_BIN.read(pages, at - from);
    const sound = signature === 'hbin' && offset === at && size > 0 && size % PAGE === 0 && at + size <= end;
    if (!sound) {
      if (damaged === 0) first = BASE_BLOCK_BYTES + at;
      damaged += 1;
      const place = { layer: 'hive', offset: BASE_BLOCK_BYTES + at };
      issues.add({ code: 'hive.bin-damaged', severity: 'error', at: place, data: { signature, offset, size } });
    }
    at += sound ? size : PAGE;
  }
  return damaged === 0 ? health : damagedBy(health, { id: 'hive-bins-damaged', data: { damaged, first } }, CORRUPT);
}

/** Names of the control sets among the first keys of a SYSTEM hive, and whether these are all of them. */
export async function controlSetNames(system: Hive): Promise<{ readonly names: string[]; readonly complete: boolean }> {
  const { keys, complete } = await subkeysWithin(system.root, MAX_ROOT_KEYS);
  return { names: keys.map(({ name }) => name).filter((name) => /^ControlSet\d{3}$/i.test(name)), complete };
}

/** Name of the control set with number `number`, e.g. `ControlSet001`. */
export function controlSetName(number: number): string {
  return `ControlSet${String(number).padStart(3, '0')}`;
}

function damagedBy(health: HiveHealth, finding: HiveHealthFinding, codes: readonly string[]): HiveHealth {
  return {
    ...health,
    verdict: worse(health.verdict, 'damaged'),
    findings: [...health.findings, finding],
    codes: [...new Set([...health.codes, ...codes])],
  };
}

const ORDER: readonly HiveHealthVerdict[] = ['clean', 'recoverable', 'at-risk', 'damaged', 'missing'];

function worse(left: HiveHealthVerdict, right: HiveHealthVerdict): HiveHealthVerdict {
  return ORDER.indexOf(left) >= ORDER.indexOf(right) ? left : right;
}
