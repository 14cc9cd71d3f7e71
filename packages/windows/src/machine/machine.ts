import { defined, type FileTree, type Issue, IssueLog, type ReadOptions } from '@deadbox/core';
import type { Hive } from '../registry/hive.js';
import type { ValuePlace } from '../registry/hive-context.js';
import { type HiveFile, openHiveFile } from '../registry/hive-file.js';
import { checkControlSets, type HiveHealth, refineHealth } from '../registry/hive-health.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { type ControlSet, openControlSet } from './control-set.js';
import { type CrashSettings, readCrashSettings, readPageFiles } from './crash-settings.js';
import { type FalconSensor, readFalconSensor } from './falcon-sensor.js';
import { type MountedDevice, readMountedDevices } from './mounted-devices.js';
import { type NetworkInterface, readInterfaces } from './network.js';
import { readProduct, type WindowsProduct } from './product.js';
import { findSecurityProducts, type SecurityProduct } from './security-products.js';
import { bootStartDrivers, readServices, type ServiceEntry } from './services.js';
import { readStartState, type StartState } from './start-state.js';
import { type MachineTimeZone, readTimeZone } from './time-zone.js';

/** Role of the machine (`Control\ProductOptions\ProductType`). */
export type ProductType = 'workstation' | 'server' | 'domain-controller';

/** What the hives of an installation tell of the machine. Everything that could not be read is absent; why is in `hives` and `issues`. */
export interface Machine {
  /** The Windows folder, e.g. `/Windows`. */
  readonly root: string;
  /** NetBIOS name. */
  computerName?: string;
  /** DNS host name and domain. */
  hostName?: string;
  /** DNS domain. */
  domain?: string;
  /** Workstation, server or domain controller. */
  productType?: ProductType;
  /** Product, edition and build. */
  product?: WindowsProduct;
  /** The machine's own time zone. */
  timeZone?: MachineTimeZone;
  /** Network interfaces with an address. */
  interfaces: NetworkInterface[];
  /** Which control set was read, and which others there are. */
  controlSet?: ControlSet;
  /** How Windows last started and ended. */
  start?: StartState;
  /** What Windows does when it crashes. */
  crashSettings?: CrashSettings;
  /** Page files as declared, e.g. `?:\pagefile.sys`. */
  pageFiles: string[];
  /** Drivers that are loaded at the start, in stored order. */
  bootDrivers: ServiceEntry[];
  /** Number of entries below `Services`. */
  serviceCount: number;
  /** Security products by their services and drivers. */
  securityProducts: SecurityProduct[];
  /** The CrowdStrike sensor. */
  falcon?: FalconSensor;
  /** What drive letters stood for. */
  mountedDevices: MountedDevice[];
  /** Condition of SYSTEM and SOFTWARE. */
  hives: { system: HiveHealth; software: HiveHealth };
  /** What reading the hives survived. */
  issues: readonly Issue[];
  /** With `explain`: the values that the facts were read from, in the order they were found. */
  sources?: (ValuePlace & {
    /** Path of the hive's file. */
    hive: string;
  })[];
}

/** An installation's hives stay open beside the facts, for rules that ask for more of the registry. */
export interface OpenMachine {
  /** What was read. */
  readonly machine: Machine;
  /** The SYSTEM hive, where it could be opened. */
  readonly system?: Hive;
  /** The SOFTWARE hive, where it could be opened. */
  readonly software?: Hive;
}

/** Options of {@link readMachine}. */
export interface ReadMachineOptions extends ReadOptions {
  /** Read the file versions of security products. Default true. */
  readonly versions?: boolean;
  /** Follow the chains of hive bins, which reads both hives as a whole; without it no hive is known to be clean. Default true. */
  readonly checkBins?: boolean;
  /** Note where each value was found. Default false. */
  readonly explain?: boolean;
}

const PRODUCT_TYPES: Readonly<Record<string, ProductType>> = {
  winnt: 'workstation',
  servernt: 'server',
  lanmannt: 'domain-controller',
};

/**
 * Reads what the SYSTEM and SOFTWARE hives of an installation tell. Dirty hives are read with their logs laid over them in memory.
 * @param root - the Windows folder, e.g. `/Windows`
 */
export async function readMachine(
  tree: FileTree,
  root: string,
  options: ReadMachineOptions = {},
): Promise<OpenMachine> {
  const read: ReadOptions = options.signal === undefined ? {} : { signal: options.signal };
  const issues = { system: new IssueLog(), software: new IssueLog() };
  const sources: NonNullable<Machine['sources']> = [];
  const open = (name: string, log: IssueLog): Promise<HiveFile> => {
    const path = `${root}/System32/config/${name}`;
    const onValue = (place: ValuePlace): number => sources.push({ hive: path, ...place });
    return openHiveFile(tree, path, {
      ...read,
      issues: log,
      ...defined({ checkBins: options.checkBins, onValue: options.explain === true ? onValue : undefined }),
    });
  };
  const system = await open('SYSTEM', issues.system);
  const software = await open('SOFTWARE', issues.software);
  const machine: Machine = {
    root,
    interfaces: [],
    pageFiles: [],
    bootDrivers: [],
    serviceCount: 0,
    securityProducts: [],
    mountedDevices: [],
    hives: { system: system.health, software: software.health },
    issues: [],
  };
  if (system.hive !== undefined) await readSystem(machine, system.hive, software.hive, tree, options);
  const product = software.hive === undefined ? undefined : await readProduct(software.hive);
  if (product !== undefined) machine.product = product;
  machine.hives = { system: await finalHealth(system, true), software: await finalHealth(software, false) };
  machine.issues = [...issues.system.issues, ...issues.software.issues];
  if (options.explain === true) machine.sources = sources;
  return {
    machine,
    ...(system.hive === undefined ? {} : { system: system.hive }),
    ...(software.hive === undefined ? {} : { software: software.hive }),
  };
}

async function finalHealth(file: HiveFile, isSystem: boolean): Promise<HiveHealth> {
  if (file.hive === undefined) return file.health;
  const health = isSystem ? await checkControlSets(file.health, file.hive) : file.health;
  return refineHealth(health, file.hive);
}

async function readSystem(
  machine: Machine,
  system: Hive,
  software: Hive | undefined,
  tree: FileTree,
  options: ReadMachineOptions,
): Promise<void> {
  const read: ReadOptions = options.signal === undefined ? {} : { signal: options.signal };
  machine.mountedDevices = await readMountedDevices(system);
  const opened = await openControlSet(system);
  if (opened === undefined) return;
  const { key: controlSet, set } = opened;
  machine.controlSet = set;
  await readNames(machine, controlSet);
  machine.start = await readStartState(system, controlSet);
  const timeZone = await readTimeZone(controlSet);
  if (timeZone !== undefined) machine.timeZone = timeZone;
  const crash = await readCrashSettings(controlSet, machine.root);
  if (crash !== undefined) machine.crashSettings = crash;
  machine.pageFiles = await readPageFiles(controlSet);
  const services = await readServices(controlSet, machine.root);
  machine.serviceCount = services.length;
  machine.bootDrivers = bootStartDrivers(services);
  machine.securityProducts = await findSecurityProducts(services, options.versions === false ? undefined : tree, read);
  const falcon = await readFalconSensor(system, controlSet, software, tree, machine.root, read);
  if (falcon !== undefined) machine.falcon = falcon;
}

async function readNames(machine: Machine, controlSet: RegistryKey): Promise<void> {
  const computer = await (await controlSet.key('Control\\ComputerName\\ComputerName'))?.text('ComputerName');
  if (computer !== undefined && computer !== '') machine.computerName = computer;
  const type = (await (await controlSet.key('Control\\ProductOptions'))?.text('ProductType'))?.toLowerCase();
  const known = type === undefined ? undefined : PRODUCT_TYPES[type];
  if (known !== undefined) machine.productType = known;
  const parameters = await controlSet.key('Services\\Tcpip\\Parameters');
  for (const [names, field] of [
    [['NV HostName', 'HostName'], 'hostName'],
    [['NV Domain', 'Domain', 'DhcpDomain'], 'domain'],
  ] as const) {
    for (const name of names) {
      const text = await parameters?.text(name);
      if (text === undefined || text === '') continue;
      machine[field] = text;
      break;
    }
  }
  machine.interfaces = await readInterfaces(parameters);
}
