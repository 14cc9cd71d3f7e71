import { defined, type FileTree, isDamage, type ReadOptions, survive, toHex } from '@deadbox/core';
import { MAX_IDENTIFIER_BYTES, MAX_PROGRAMS } from '../limits.js';
import { readFileVersion } from '../pe/pe-version.js';
import type { Hive } from '../registry/hive.js';
import type { RegistryKey } from '../registry/registry-key.js';
import { SECURITY_PRODUCTS, type SecurityProductSignature } from './security-product-names.js';
import { isDriver, type ServiceEntry } from './services.js';

/** A security product that the control set declares, or of which renamed parts are left. */
export interface SecurityProduct {
  /** Name of the product. */
  readonly product: string;
  /** Who makes it. */
  readonly vendor: string;
  /** Its services and drivers, with their start values as found; empty where only renamed parts are left. */
  readonly services: readonly ServiceEntry[];
  /** Its first driver is declared and will not start (`Start` = 4): somebody switched it off. */
  readonly disabled: boolean;
  /** Its first driver is declared and the file is not there: deleted or renamed. */
  readonly fileMissing: boolean;
  /**
   * File version of the first of its drivers (else services) that could be read, else the version in the list of
   * programs.
   */
  readonly version?: string;
  /** Where the version was read. */
  readonly versionFrom?: 'driver' | 'uninstall';
  /** The file that the version was read from. */
  readonly versionFile?: string;
  /** Files that its boot-, system- and auto-start entries name and that are not there. */
  readonly missingFiles: readonly string[];
  /** Paths below `System32\\drivers` that begin like the product's own folder or driver and are called otherwise. */
  readonly renamed: readonly string[];
  /** Ids of the machine at the product's maker, hexadecimal text, by what they are, e.g. `agentId`. */
  readonly identifiers: Readonly<Record<string, string>>;
}

/** What the products are looked for in. */
export interface SecurityProductPlaces {
  readonly services: readonly ServiceEntry[];
  readonly system: Hive;
  readonly controlSet: RegistryKey;
  readonly software?: Hive | undefined;
  /** The Windows volume; without it no versions and no files are read. */
  readonly tree?: FileTree | undefined;
  /** The Windows folder, e.g. `/Windows`. */
  readonly root: string;
}

/**
 * Security products: known ones by the names of their services or by renamed parts of them, others by their
 * early-launch driver.
 */
export async function findSecurityProducts(
  places: SecurityProductPlaces,
  options: ReadOptions = {},
): Promise<SecurityProduct[]> {
  const products: SecurityProduct[] = [];
  const byName = new Map(places.services.map((entry) => [entry.name.toLowerCase(), entry]));
  const claimed = new Set<string>();
  for (const signature of SECURITY_PRODUCTS) {
    const own = signature.services.flatMap((name) => byName.get(name) ?? []).filter(({ start }) => start !== undefined);
    for (const { name } of own) claimed.add(name);
    const renamed = await renamedParts(signature, places, options);
    if (own.length === 0 && renamed.length === 0) continue;
    if (await isInUse(signature, own, places.software))
      products.push(await describe(signature, own, renamed, places, options));
  }
  for (const entry of places.services) {
    // Early-launch anti-malware drivers of products that are not in the list.
    if (entry.group?.toLowerCase() !== 'early-launch' || claimed.has(entry.name)) continue;
    const unknown = { product: entry.name, vendor: '', services: [entry.name] };
    products.push(await describe(unknown, [entry], [], places, options));
  }
  return products;
}

/**
 * Whether the product is more than the service that every Windows has. Without SOFTWARE, a service that starts by
 * itself says so.
 */
async function isInUse(
  { onboarded }: SecurityProductSignature,
  services: readonly ServiceEntry[],
  software: Hive | undefined,
): Promise<boolean> {
  if (onboarded === undefined) return true;
  const [path, value] = onboarded;
  if (software === undefined) return services.some(({ start }) => start !== undefined && start <= 2);
  return (await (await software.key(path))?.number(value)) === 1;
}

async function describe(
  signature: SecurityProductSignature,
  services: readonly ServiceEntry[],
  renamed: readonly string[],
  places: SecurityProductPlaces,
  options: ReadOptions,
): Promise<SecurityProduct> {
  const { product, vendor } = signature;
  const main = services.at(0);
  const files = await readFiles(services, places.tree, options);
  const from: SecurityProduct['versionFrom'] = files.version === undefined ? 'uninstall' : 'driver';
  const version = files.version ?? (await programVersion(signature, places.software));
  return {
    product,
    vendor,
    services,
    disabled: main?.start === 4,
    fileMissing: main?.file !== undefined && files.absent.has(main.file),
    ...defined({
      version,
      versionFrom: version === undefined ? undefined : from,
      versionFile: files.versionFile,
    }),
    missingFiles: services.flatMap(({ file, start }) =>
      file !== undefined && start !== undefined && start <= 2 && files.absent.has(file) ? [file] : [],
    ),
    renamed,
    identifiers: await readIdentifiers(signature, places),
  };
}

interface ProductFiles {
  readonly version?: string;
  readonly versionFile?: string;
  readonly absent: ReadonlySet<string>;
}

/** The files of services in turn, drivers first, up to the first one that tells a version. */
async function readFiles(
  services: readonly ServiceEntry[],
  tree: FileTree | undefined,
  options: ReadOptions,
): Promise<ProductFiles> {
  const absent = new Set<string>();
  if (tree === undefined) return { absent };
  for (const { file } of [...services.filter(isDriver), ...services.filter((entry) => !isDriver(entry))]) {
    if (file === undefined) continue;
    const { exists, version } = await versionOf(tree, file, options);
    if (!exists) absent.add(file);
    if (version !== undefined) return { version, versionFile: file, absent };
  }
  return { absent };
}

/** Whether there is a file at `path`, and its file version where it has one that can be read. */
async function versionOf(
  tree: FileTree,
  path: string,
  options: ReadOptions,
): Promise<{ readonly exists: boolean; readonly version?: string }> {
  return survive(
    async () => {
      const file = await tree.lookup(path, options);
      if (file?.type !== 'file') return { exists: file !== undefined };
      const version = await readFileVersion(await file.stream(undefined, options), options);
      return { exists: true, ...defined({ version: version?.fileVersion }) };
    },
    () => ({ exists: true }),
    options,
  );
}

/** Names beside the ones that the product uses: `Folder.bak`, `Driver.sys.old`. */
async function renamedParts(
  { folder, services }: SecurityProductSignature,
  { tree, root }: SecurityProductPlaces,
  options: ReadOptions,
): Promise<string[]> {
  if (folder === undefined || tree === undefined) return [];
  const drivers = `${root}/System32/drivers`;
  const driver = services[0];
  const own = new Set(['.sys', '.inf', '.cat'].map((end) => `${driver}${end}`));
  const beside = await namesIn(tree, drivers, folder, options);
  const inside = await namesIn(tree, `${drivers}/${folder}`, driver, options);
  return [
    ...beside.filter((name) => name.toLowerCase() !== folder.toLowerCase()).map((name) => `${drivers}/${name}`),
    ...inside.filter((name) => !own.has(name.toLowerCase())).map((name) => `${drivers}/${folder}/${name}`),
  ].sort();
}

/** The names in a folder that begin with `prefix`, any case. */
async function namesIn(tree: FileTree, folder: string, prefix: string, options: ReadOptions): Promise<string[]> {
  const names: string[] = [];
  try {
    const node = await tree.lookup(folder, options);
    if (node === undefined) return names;
    for await (const batch of node.entries({ ...options, prefix })) for (const entry of batch) names.push(entry.name);
  } catch (error) {
    if (!isDamage(error, options.signal)) throw error;
  }
  return names.filter((name) => name.toLowerCase().startsWith(prefix.toLowerCase()));
}

const PROGRAM_LISTS: readonly string[] = [
  'Microsoft\\Windows\\CurrentVersion\\Uninstall',
  'WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall',
];

async function programVersion(
  { program }: SecurityProductSignature,
  software: Hive | undefined,
): Promise<string | undefined> {
  if (program === undefined || software === undefined) return undefined;
  for (const path of PROGRAM_LISTS) {
    const list = await software.key(path);
    for (const key of (await list?.subkeys(MAX_PROGRAMS)) ?? []) {
      const name = await key.text('DisplayName');
      if (name?.toLowerCase().startsWith(program.toLowerCase()) === true) return key.text('DisplayVersion');
    }
  }
  return undefined;
}

async function readIdentifiers(
  { identifiers = {} }: SecurityProductSignature,
  { system, controlSet }: SecurityProductPlaces,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, candidates] of Object.entries(identifiers)) {
    for (const [path, value] of candidates) {
      const key = path.startsWith('Services\\') ? await controlSet.key(path) : await system.key(path);
      const bytes = await key?.bytes(value);
      if (bytes === undefined) continue;
      found[name] = toHex(bytes.subarray(0, MAX_IDENTIFIER_BYTES));
      break;
    }
  }
  return found;
}
