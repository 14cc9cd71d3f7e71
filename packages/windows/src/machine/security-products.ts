import { type FileTree, isDeadboxError, type ReadOptions } from '@deadbox/core';
import { readFileVersion } from './pe-version.js';
import { SECURITY_PRODUCTS } from './security-product-names.js';
import { isDriver, type ServiceEntry } from './services.js';

/** A security product that the control set declares. */
export interface SecurityProduct {
  /** Name of the product. */
  readonly product: string;
  /** Who makes it. */
  readonly vendor: string;
  /** Its services and drivers, with their start values as found. */
  readonly services: ServiceEntry[];
  /** File version of the first of its drivers (else services) that could be read, and which file that was. */
  version?: string;
  /** The file that the version was read from. */
  versionFile?: string;
  /** Files that its boot-, system- and auto-start entries name and that are not there. */
  readonly missingFiles: string[];
}

/**
 * Security products among the services of a control set, known ones by name, others by their early-launch driver.
 * @param tree - the Windows volume; without it no versions are read
 */
export async function findSecurityProducts(
  services: readonly ServiceEntry[],
  tree: FileTree | undefined,
  options: ReadOptions = {},
): Promise<SecurityProduct[]> {
  const products: SecurityProduct[] = [];
  const byName = new Map(services.map((entry) => [entry.name.toLowerCase(), entry]));
  const claimed = new Set<string>();
  for (const signature of SECURITY_PRODUCTS) {
    const own = signature.services
      .map((name) => byName.get(name))
      .filter((entry) => entry?.start !== undefined) as ServiceEntry[];
    if (own.length === 0) continue;
    for (const entry of own) claimed.add(entry.name);
    products.push(await describe(signature.product, signature.vendor, own, tree, options));
  }
  for (const entry of services) {
    // Early-launch anti-malware drivers of products that are not in the list.
    if (entry.group?.toLowerCase() !== 'early-launch' || claimed.has(entry.name)) continue;
    products.push(await describe(entry.name, '', [entry], tree, options));
  }
  return products;
}

async function describe(
  product: string,
  vendor: string,
  services: ServiceEntry[],
  tree: FileTree | undefined,
  options: ReadOptions,
): Promise<SecurityProduct> {
  const result: SecurityProduct = { product, vendor, services, missingFiles: [] };
  if (tree === undefined) return result;
  const drivers = [...services.filter(isDriver), ...services.filter((entry) => !isDriver(entry))];
  for (const entry of drivers) {
    if (entry.file === undefined) continue;
    const file = await versionOf(tree, entry.file, options);
    if (!file.exists && entry.start !== undefined && entry.start <= 2) result.missingFiles.push(entry.file);
    if (file.version === undefined) continue;
    result.version = file.version;
    result.versionFile = entry.file;
    break;
  }
  return result;
}

/** Whether there is a file at `path`, and its file version where it has one that can be read. */
export async function versionOf(
  tree: FileTree,
  path: string,
  options: ReadOptions,
): Promise<{ exists: boolean; version?: string }> {
  try {
    const file = await tree.lookup(path, options);
    if (file === undefined) return { exists: false };
    if (file.type !== 'file') return { exists: true };
    const version = await readFileVersion(await file.stream(undefined, options), options);
    return version === undefined ? { exists: true } : { exists: true, version: version.fileVersion };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isDeadboxError(error)) return { exists: true };
    throw error;
  }
}
