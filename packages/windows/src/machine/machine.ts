import { defined, type FileTree, type Issue, IssueLog, type ReadOptions } from '@deadbox/core';
import type { Hive } from '../registry/hive.js';
import type { ValuePlace } from '../registry/hive-context.js';
import { type HiveFile, hiveSource, openHiveFile } from '../registry/hive-file.js';
import { checkControlSets, type HiveHealth, refineHealth } from '../registry/hive-health.js';
import type { RegistryKey } from '../registry/registry-key.js';
import type { SourceFact } from '../source-fact.js';
import { type ControlSet, openControlSet } from './control-set.js';
import { type CrashSettings, readCrashSettings, readPageFiles } from './crash-settings.js';
import { type MountedDevice, readMountedDevices } from './mounted-devices.js';
import { type NetworkInterface, readInterfaces } from './network.js';
import { readProduct, type WindowsProduct } from './product.js';
import { findSecurityProducts, type SecurityProduct } from './security-products.js';
import { bootStartDrivers, readServices, type ServiceEntry } from './services.js';
import { readStartState, type StartState } from './start-state.js';
import { type MachineTimeZone, readTimeZone } from './time-zone.js';

/** Role of the machine (`Control\ProductOptions\ProductType`). */
export type ProductType = 'workstation' | 'server' | 'domain-controller';

/**
 * What the hives of an installation tell of the machine. Everything that could not be read is absent; why is in `hives`
 * and `issues`.
 */
export interface Machine {
  /** The Windows folder, e.g. `/Windows`. */
  readonly root: string;
  /** NetBIOS name. */
  readonly computerName?: string;
  /** DNS host name. */
  readonly hostName?: string;
  /** DNS domain. */
  readonly domain?: string;
  /** `MachineGuid` of `SOFTWARE\Microsoft\Cryptography`. */
  readonly machineId?: string;
  /** Workstation, server or domain controller. */
  readonly productType?: ProductType;
  /** Product, edition and build. */
  readonly product?: WindowsProduct;
  /** The machine's own time zone. */
  readonly timeZone?: MachineTimeZone;
  /** Network interfaces with an address. */
  readonly interfaces: readonly NetworkInterface[];
  /** Which control set was read, and which others there are. */
  readonly controlSet?: ControlSet;
  /** How Windows last started and ended. */
  readonly start?: StartState;
  /** What Windows does when it crashes. */
  readonly crashSettings?: CrashSettings;
  /** Page files as declared, e.g. `?:\pagefile.sys`. */
  readonly pageFiles: readonly string[];
  /** Drivers that are loaded at the start, in stored order. */
  readonly bootDrivers: readonly ServiceEntry[];
  /** Number of entries below `Services`. */
  readonly serviceCount: number;
  /** Security products by their services and drivers. */
  readonly securityProducts: readonly SecurityProduct[];
  /** What drive letters stood for. */
  readonly mountedDevices: readonly MountedDevice[];
  /** Condition of SYSTEM and SOFTWARE. */
  readonly hives: { readonly system: HiveHealth; readonly software: HiveHealth };
  /** The hives as sources: what was read for these facts. */
  readonly readSources: readonly SourceFact[];
  /** What reading the hives survived. */
  readonly issues: readonly Issue[];
  /** With `explain`: the values that the facts were read from, in the order they were found. */
  readonly sources?: readonly MachineValuePlace[];
}

/** Where a value stands that a fact was read from. */
export interface MachineValuePlace extends ValuePlace {
  /** Path of the hive's file. */
  readonly hive: string;
}

/** An installation's hives stay open beside the facts, for rules that ask for more of the registry. */
export interface OpenMachine {
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
  /**
   * Follow the chains of hive bins, which reads both hives as a whole; without it no hive is known to be clean. Default
   * true.
   */
  readonly checkBins?: boolean;
  /** Note where each value was found. Default false. */
  readonly explain?: boolean;
}

const PRODUCT_TYPES: ReadonlyMap<string, ProductType> = new Map([
  ['winnt', 'workstation'],
  ['servernt', 'server'],
  ['lanmannt', 'domain-controller'],
]);

/**
 * Reads what the SYSTEM and SOFTWARE hives of an installation tell. Dirty hives are read with their logs laid over them
 * in memory.
 * @param root - the Windows folder, e.g. `/Windows`
 */
export async function readMachine(
  tree: FileTree,
  root: string,
  options: ReadMachineOptions = {},
): Promise<OpenMachine> {
  const read: ReadOptions = defined({ signal: options.signal });
  const issues = { system: new IssueLog(), software: new IssueLog() };
  const sources: MachineValuePlace[] = [];
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
  const facts =
    system.hive === undefined ? NO_FACTS : await readSystem(system.hive, software.hive, tree, root, options);
  const product = software.hive === undefined ? undefined : await readProduct(software.hive);
  const machineId = await firstText(await software.hive?.key('Microsoft\\Cryptography'), 'MachineGuid');
  const files = [await finished(system, true), await finished(software, false)] as const;
  const machine: Machine = {
    root,
    ...facts,
    ...defined({ product, machineId }),
    hives: { system: files[0].health, software: files[1].health },
    readSources: files.map(hiveSource),
    issues: [...issues.system.issues, ...issues.software.issues],
    ...defined({ sources: options.explain === true ? sources : undefined }),
  };
  return { machine, ...defined({ system: system.hive, software: software.hive }) };
}

/** A hive's health once everything was read that there was to read. */
async function finished(file: HiveFile, isSystem: boolean): Promise<HiveFile> {
  if (file.hive === undefined) return file;
  const health = isSystem ? await checkControlSets(file.health, file.hive) : file.health;
  return { ...file, health: refineHealth(health, file.hive) };
}

/** What SYSTEM alone tells. */
type SystemFacts = Omit<Machine, 'root' | 'product' | 'machineId' | 'hives' | 'readSources' | 'issues' | 'sources'>;

const NO_FACTS: SystemFacts = {
  interfaces: [],
  pageFiles: [],
  bootDrivers: [],
  serviceCount: 0,
  securityProducts: [],
  mountedDevices: [],
};

async function readSystem(
  system: Hive,
  software: Hive | undefined,
  tree: FileTree,
  root: string,
  options: ReadMachineOptions,
): Promise<SystemFacts> {
  const mountedDevices = await readMountedDevices(system);
  const opened = await openControlSet(system);
  if (opened === undefined) return { ...NO_FACTS, mountedDevices };
  const { key: controlSet, set } = opened;
  const names = await readNames(controlSet);
  const start = await readStartState(system, controlSet);
  const timeZone = await readTimeZone(controlSet);
  const crashSettings = await readCrashSettings(controlSet, root);
  const pageFiles = await readPageFiles(controlSet);
  const services = await readServices(controlSet, root);
  const places = { services, system, controlSet, software, root, tree: options.versions === false ? undefined : tree };
  return {
    ...names,
    controlSet: set,
    start,
    ...defined({ timeZone, crashSettings }),
    pageFiles,
    bootDrivers: bootStartDrivers(services),
    serviceCount: services.length,
    securityProducts: await findSecurityProducts(places, defined({ signal: options.signal })),
    mountedDevices,
  };
}

async function readNames(
  controlSet: RegistryKey,
): Promise<Pick<Machine, 'computerName' | 'productType' | 'hostName' | 'domain' | 'interfaces'>> {
  const computer = await firstText(await controlSet.key('Control\\ComputerName\\ComputerName'), 'ComputerName');
  const type = (await (await controlSet.key('Control\\ProductOptions'))?.text('ProductType'))?.toLowerCase();
  const parameters = await controlSet.key('Services\\Tcpip\\Parameters');
  return {
    ...defined({
      computerName: computer,
      productType: type === undefined ? undefined : PRODUCT_TYPES.get(type),
      hostName: await firstText(parameters, 'NV HostName', 'HostName'),
      domain: await firstText(parameters, 'NV Domain', 'Domain', 'DhcpDomain'),
    }),
    interfaces: await readInterfaces(parameters),
  };
}

/** The first of the values that holds a text. */
async function firstText(key: RegistryKey | undefined, ...names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const text = await key?.text(name);
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
}
