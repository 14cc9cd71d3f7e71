import type { FileTree, Json } from '@deadbox/core';
import {
  type HiveHealth,
  type Machine,
  type OpenMachine,
  type ReadMachineOptions,
  readMachine,
  type SourceFact,
  type SourceState,
} from '@deadbox/windows';
import type { HostReport } from '../report/host-report.js';
import type { HiveReport } from '../report/report-types.js';

/** What the hives of one installation gave. */
export interface MachineFacts {
  /** The machine, with the hives open. */
  readonly opened: OpenMachine;
  /** Which server this is, for the report. */
  readonly host: HostReport;
  /** Condition of the hives, for the report. */
  readonly hives: HiveReport[];
}

/** Reads the machine's facts; hives that cannot be read are findings. */
export async function readMachineFacts(
  tree: FileTree,
  root: string,
  options: ReadMachineOptions,
): Promise<MachineFacts> {
  const opened = await readMachine(tree, root, options);
  const { machine } = opened;
  return { opened, host: hostOf(machine), hives: [machine.hives.system, machine.hives.software].map(describeHive) };
}

/** States of a hive as a source: one whose changes are partly in its logs was not closed. */
const HIVE_STATES: Readonly<Record<HiveReport['verdict'], SourceState>> = {
  clean: 'whole',
  recoverable: 'stale',
  'at-risk': 'damaged',
  damaged: 'damaged',
  missing: 'absent',
};

/** A hive as a source of the report. */
export function hiveSource({ path, verdict }: HiveReport): SourceFact {
  return { path, kind: 'hive', state: HIVE_STATES[verdict], newest: null };
}

function describeHive(health: HiveHealth): HiveReport {
  return {
    path: health.path,
    verdict: health.verdict,
    findings: health.findings,
    codes: [...health.codes],
  };
}

function hostOf(machine: Machine): HostReport {
  const { product, timeZone, start } = machine;
  // The product of another maker: that of the system itself crashes no start.
  const sensor = machine.securityProducts.find(({ vendor }) => vendor !== 'Microsoft');
  const version = product?.version;
  return dropEmpty<HostReport>({
    computerName: machine.computerName,
    hostName: machine.hostName,
    domain: machine.domain,
    machineId: machine.machineId,
    productType: machine.productType,
    product: product?.name,
    edition: product?.edition,
    build: product?.build,
    revision: product?.revision,
    version,
    displayVersion: product?.displayVersion,
    installed: product?.installed,
    systemRoot: product?.systemRoot,
    timeZone: timeZone?.iana ?? timeZone?.name,
    windowsTimeZone: timeZone?.key,
    addresses: machine.interfaces.flatMap((network) => network.addresses),
    lastShutdown: start?.lastShutdown,
    safeMode: start?.safeMode,
    pendingRenames: start?.pendingRenames,
    crashSettings: machine.crashSettings,
    securityProducts: machine.securityProducts.map(({ product: name, vendor, version: found, missingFiles }) =>
      dropEmpty<NonNullable<HostReport['securityProducts']>[number]>({
        product: name,
        vendor,
        version: found,
        missingFiles,
      }),
    ),
    sensor:
      sensor === undefined
        ? undefined
        : dropEmpty<NonNullable<HostReport['sensor']>>({
            version: sensor.version,
            disabled: sensor.disabled,
            fileMissing: sensor.fileMissing,
            renamed: sensor.renamed,
            agentId: sensor.identifiers.agentId,
            start: sensor.services[0]?.start,
          }),
    bootDrivers: machine.bootDrivers.map((driver) => driver.name),
    services: machine.serviceCount,
  });
}

/** JSON without `undefined` and empty lists. */
function dropEmpty<T extends object>(facts: { readonly [K in keyof T]: T[K] | undefined }): T {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    kept[name] = JSON.parse(JSON.stringify(value)) as Json;
  }
  return kept as T;
}
