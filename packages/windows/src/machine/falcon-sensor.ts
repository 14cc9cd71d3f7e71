import { type FileTree, isDeadboxError, type ReadOptions, toHex } from '@deadbox/core';
import { MAX_PROGRAMS } from '../limits.js';
import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { versionOf } from './security-products.js';
import { readService, type ServiceEntry } from './services.js';

/** What the disk tells of CrowdStrike's sensor. */
export interface FalconSensor {
  /** The `CSAgent` driver's entry; absent when only remains of the sensor are there. */
  service?: ServiceEntry;
  /** `CSAgent` is declared but will not start (`Start` = 4): somebody switched it off. */
  readonly disabled: boolean;
  /** `CSAgent` is declared but its file is not there: deleted or renamed. */
  fileMissing: boolean;
  /** Names in `System32\drivers` and in the sensor's folder that look like the sensor's own, renamed by somebody. */
  readonly renamed: string[];
  /** Sensor version: of the driver's file, else of the entry in the list of programs. */
  readonly version?: string;
  /** Where the version was read. */
  readonly versionFrom?: 'driver' | 'uninstall';
  /** Agent id and customer id, hexadecimal text. */
  agentId?: string;
  /** Customer id, hexadecimal text. */
  customerId?: string;
}

const ID_KEYS: readonly string[] = [
  'CrowdStrike\\{9b03c1d9-3138-44ed-9fae-d9f4c034b88d}\\{16e0423f-7058-48c9-a204-725362b67639}\\Default',
];
const PROGRAM_LISTS: readonly string[] = [
  'Microsoft\\Windows\\CurrentVersion\\Uninstall',
  'WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall',
];

/** Reads what there is of the sensor; `undefined` when neither its driver is declared nor anything of it lies in the drivers folder. */
export async function readFalconSensor(
  system: Hive,
  controlSet: RegistryKey,
  software: Hive | undefined,
  tree: FileTree,
  root: string,
  options: ReadOptions = {},
): Promise<FalconSensor | undefined> {
  const key = await controlSet.key('Services\\CSAgent');
  const renamed = await renamedNames(tree, root, options);
  if (key === undefined && renamed.length === 0) return undefined;
  const service = key === undefined ? undefined : await readService(key, root);
  const sensor: FalconSensor = { disabled: service?.start === 4, fileMissing: false, renamed };
  if (service !== undefined) {
    sensor.service = service;
    const file = service.file ?? `${root}/System32/drivers/CrowdStrike/CSAgent.sys`;
    const { exists, version } = await versionOf(tree, file, options);
    sensor.fileMissing = !exists;
    if (version !== undefined) Object.assign(sensor, { version, versionFrom: 'driver' });
  }
  if (sensor.version === undefined && software !== undefined) {
    const version = await uninstallVersion(software);
    if (version !== undefined) Object.assign(sensor, { version, versionFrom: 'uninstall' });
  }
  const sim = await key?.key('Sim');
  for (const place of [sim, ...(await Promise.all(ID_KEYS.map((path) => system.key(path))))]) {
    if (place === undefined) continue;
    const agent = await place.bytes('AG');
    const customer = await place.bytes('CU');
    if (agent !== undefined && sensor.agentId === undefined) sensor.agentId = toHex(agent.subarray(0, 64));
    if (customer !== undefined && sensor.customerId === undefined) sensor.customerId = toHex(customer.subarray(0, 64));
  }
  return sensor;
}

/** Names beside the ones that the sensor uses: `CrowdStrike.bak`, `CSAgent.sys.old`. */
async function renamedNames(tree: FileTree, root: string, options: ReadOptions): Promise<string[]> {
  const names: string[] = [];
  const collect = async (folder: string, prefix: string, own: RegExp): Promise<void> => {
    try {
      const node = await tree.lookup(folder, options);
      if (node === undefined) return;
      for await (const batch of node.entries({ ...options, prefix })) {
        for (const entry of batch)
          if (entry.name.toLowerCase().startsWith(prefix.toLowerCase()) && !own.test(entry.name))
            names.push(`${folder}/${entry.name}`);
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isDeadboxError(error)) throw error;
    }
  };
  await collect(`${root}/System32/drivers`, 'CrowdStrike', /^crowdstrike$/i);
  await collect(`${root}/System32/drivers/CrowdStrike`, 'CSAgent', /^csagent\.(sys|inf|cat)$/i);
  return names.sort();
}

async function uninstallVersion(software: Hive): Promise<string | undefined> {
  for (const path of PROGRAM_LISTS) {
    const list = await software.key(path);
    for (const key of (await list?.subkeys(MAX_PROGRAMS)) ?? []) {
      const name = await key.text('DisplayName');
      if (name !== undefined && /^CrowdStrike Windows Sensor/i.test(name)) return key.text('DisplayVersion');
    }
  }
  return undefined;
}
