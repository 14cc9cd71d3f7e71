import { Cursor, type Json } from '@deadbox/core';
import { MAX_ROOT_KEYS } from '../limits.js';
import { BASE_BLOCK_BYTES } from './base-block.js';
import type { Hive, HiveState } from './hive.js';
import { sameRegistryName } from './name-hash.js';

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
  | 'hive-records-damaged'
  | 'hive-select-unreadable'
  | 'hive-control-set-missing';

/** One fact about a hive's condition. */
export interface HiveHealthFinding {
  /** What was found. */
  readonly id: HiveHealthFindingId;
  /** The facts behind it. */
  readonly data: Record<string, Json>;
}

/**
 * The condition of a hive. `clean`; `recoverable`: dirty, and its logs make it whole, normal after a crash; `at-risk`: dirty without a usable or
 * complete log; `damaged`: Windows cannot load it as it is; `missing`.
 */
export type HiveHealthVerdict = 'clean' | 'recoverable' | 'at-risk' | 'damaged' | 'missing';

/** A hive's condition, as far as the bytes that were read tell. */
export interface HiveHealth {
  /** Path of the hive file. */
  readonly path: string;
  /** The condition in one word. */
  verdict: HiveHealthVerdict;
  /** What was found. */
  readonly findings: HiveHealthFinding[];
  /** Status and stop codes that Windows would show, as upper-case hexadecimal numbers; empty when none is expected. */
  readonly codes: string[];
  /** Absent when the hive could not be opened. */
  state?: HiveState;
}

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

/** The health of an opened hive, from its base block and logs. What reading it brought to light later is in its issues; see {@link refineHealth}. */
export function healthOf(path: string, hive: Hive): HiveHealth {
  const { state } = hive;
  const health: HiveHealth = { path, verdict: 'clean', findings: [], codes: [], state };
  const add = (id: HiveHealthFindingId, verdict: HiveHealthVerdict, data: Record<string, Json> = {}): void => {
    health.findings.push({ id, data });
    health.verdict = worse(health.verdict, verdict);
  };
  if (state.dirty)
    add('hive-dirty', 'recoverable', {
      reasons: state.reasons,
      recovery: state.recovery,
      entriesApplied: state.entriesApplied,
    });
  const lostHead = !state.reasons.every((reason) => reason === 'sequence');
  if (lostHead)
    add('hive-checksum', state.recovery === 'replayed' ? 'recoverable' : 'damaged', { reasons: state.reasons });
  if (state.recovery === 'no-log') add('hive-log-missing', 'at-risk');
  if (state.recovery === 'log-unusable')
    add('hive-log-unusable', 'at-risk', { logs: state.logs.map((log) => `${log.name}: ${log.format}`) });
  if (state.recovery === 'replayed' && !state.contiguous) add('hive-log-gap', 'at-risk');
  if (state.missingBytes > 0) add('hive-truncated', 'damaged', { missingBytes: state.missingBytes });
  if (health.verdict === 'damaged') health.codes.push(...CANNOT_LOAD);
  return health;
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
  const present = (await system.root.subkeys(MAX_ROOT_KEYS))
    .map((key) => key.name)
    .filter((one) => /^ControlSet\d{3}$/i.test(one));
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
  'hive.bin-damaged',
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
]);

/**
 * Follows the chain of hive bins from the first to the last: signature, own offset, size (msuhanov/regf, "Hive bin"). Reads the whole hive, so it is
 * for thorough scans only; each broken link is an issue, and the walk goes on at the next page.
 */
export async function checkHiveBins(hive: Hive, signal?: AbortSignal): Promise<number> {
  const { source, issues } = hive;
  const end = Math.min(hive.baseBlock.binsSize, source.size - BASE_BLOCK_BYTES);
  let damaged = 0;
  for (let at = 0; at + 32 <= end; ) {
    signal?.throwIfAborted();
    const pending = source.read(BASE_BLOCK_BYTES + at, 32);
    const bin = new Cursor(pending instanceof Promise ? await pending : pending, 'hive', BASE_BLOCK_BYTES + at);
    const size = bin.u32(8);
    const sound =
      bin.u32(0) === 0x6e69_6268 &&
      bin.u32(4) === at &&
      size > 0 &&
      size % 4096 === 0 &&
      at + size <= hive.baseBlock.binsSize;
    if (!sound) {
      damaged += 1;
      issues.add({
        code: 'hive.bin-damaged',
        severity: 'error',
        at: { layer: 'hive', offset: BASE_BLOCK_BYTES + at },
        data: { signature: bin.u32(0), offset: bin.u32(4), size },
      });
    }
    at += sound ? size : 4096;
  }
  return damaged;
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
