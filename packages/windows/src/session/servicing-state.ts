import { MAX_SERVICING_SESSIONS } from '../limits.js';
import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { subkeysWithin } from '../registry/subkeys-within.js';

/** A value that says that servicing is not at rest. */
export interface ServicingMark {
  readonly key: RegistryKey;
  /** Name of the value; `null` where the key itself is the mark. */
  readonly value: string | null;
}

/**
 * Values in the root of the COMPONENTS hive that are there, and not 0 or empty, only while servicing works or after it
 * failed.
 */
const STORE_MARKS: readonly string[] = [
  'PendingXmlIdentifier',
  'ExecutionState',
  'NextQueueEntryIndex',
  'AdvancedInstallersNeedResolving',
  'StoreDirty',
  'PoqexecFailure',
  'RepairTransactionPended',
];

/** The marks in the component store's hive (`config\COMPONENTS`). */
export async function readStoreMarks(components: Hive): Promise<ServicingMark[]> {
  const marks: ServicingMark[] = [];
  for (const name of STORE_MARKS) {
    const value = await components.root.value(name);
    const data = await value?.data();
    if (value !== undefined && !isNothing(data)) marks.push({ key: components.root, value: name });
  }
  return marks;
}

/** What the servicing stack keeps in SOFTWARE. `RebootPending` alone is an ordinary restart that waits. */
export interface ServicingStack {
  readonly rebootInProgress?: ServicingMark;
  readonly packagesPending?: ServicingMark;
  readonly rebootPending?: ServicingMark;
  /** A session that keeps all others out (`SessionsPending`, `Exclusive`). */
  readonly exclusive?: ServicingMark;
  /** Sessions that are not marked complete. */
  readonly incomplete: readonly ServicingMark[];
  /** The key of the sessions, where it has more than `MAX_SERVICING_SESSIONS`: those behind are not looked at. */
  readonly unread?: RegistryKey;
}

/**
 * Reads `Component Based Servicing`; `undefined` without the key. `SessionsPending` itself is there on healthy
 * machines.
 */
export async function readServicingStack(software: Hive): Promise<ServicingStack | undefined> {
  const key = await software.key('Microsoft\\Windows\\CurrentVersion\\Component Based Servicing');
  if (key === undefined) return undefined;
  const mark = async (name: string): Promise<ServicingMark | undefined> => {
    const found = await key.key(name);
    return found === undefined ? undefined : { key: found, value: null };
  };
  const sessions = await key.key('SessionsPending');
  const exclusive = await sessions?.number('Exclusive');
  const incomplete: ServicingMark[] = [];
  const { keys, complete } = await subkeysWithin(sessions, MAX_SERVICING_SESSIONS);
  for (const session of keys)
    if ((await session.number('Complete')) !== 1) incomplete.push({ key: session, value: null });
  const rebootInProgress = await mark('RebootInProgress');
  const packagesPending = await pendingPackages(key);
  const rebootPending = await mark('RebootPending');
  return {
    ...(rebootInProgress === undefined ? {} : { rebootInProgress }),
    ...(packagesPending === undefined ? {} : { packagesPending }),
    ...(rebootPending === undefined ? {} : { rebootPending }),
    ...(sessions === undefined || exclusive === undefined || exclusive === 0
      ? {}
      : { exclusive: { key: sessions, value: 'Exclusive' } }),
    incomplete,
    ...(sessions === undefined || complete ? {} : { unread: sessions }),
  };
}

async function pendingPackages(key: RegistryKey): Promise<ServicingMark | undefined> {
  const found = await key.key('PackagesPending');
  return found === undefined ? undefined : { key: found, value: null };
}

function isNothing(data: unknown): boolean {
  if (data === undefined || data === 0 || data === 0n || data === '') return true;
  if (data instanceof Uint8Array) return data.every((byte) => byte === 0);
  return Array.isArray(data) && data.length === 0;
}
