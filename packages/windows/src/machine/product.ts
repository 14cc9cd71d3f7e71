import type { Hive } from '../registry/hive.js';
import { timeOfBytes, timeOfUnixSeconds } from './registry-times.js';

/** Which Windows it is. Everything comes from `SOFTWARE\Microsoft\Windows NT\CurrentVersion`. */
export interface WindowsProduct {
  /** E.g. `Windows Server 2019 Datacenter`; corrected for Windows 11, whose registry still says "Windows 10". */
  name?: string;
  /** E.g. `ServerDatacenter`. */
  readonly edition?: string;
  /** `Client`, `Server`, `Server Core`… */
  readonly installationType?: string;
  /** Build number. */
  build?: number;
  /** Update build revision: the last part of `10.0.17763.5936`. */
  revision?: number;
  /** `major.minor.build.revision` as far as it is known. */
  version?: string;
  /** E.g. `22H2`; the release id of older versions (`1809`). */
  readonly displayVersion?: string;
  /** Text of the service pack. */
  readonly servicePack?: string;
  /** Path that Windows itself gives its folder, e.g. `C:\Windows`. */
  readonly systemRoot?: string;
  /** ISO-8601 UTC. */
  installed?: string;
  /** Registered owner. */
  readonly registeredOwner?: string;
  /** Registered organization. */
  readonly registeredOrganization?: string;
}

/** First build of Windows 11. */
const WINDOWS_11 = 22_000;

function present<T>(value: T | undefined, empty?: T): value is T {
  return value !== undefined && value !== empty;
}

/** Reads the product's facts; `undefined` without the key. */
export async function readProduct(software: Hive): Promise<WindowsProduct | undefined> {
  const key = await software.key('Microsoft\\Windows NT\\CurrentVersion');
  if (key === undefined) return undefined;
  const product: WindowsProduct = {};
  const buildText = (await key.text('CurrentBuildNumber')) ?? (await key.text('CurrentBuild'));
  const build = buildText === undefined ? Number.NaN : Number.parseInt(buildText, 10);
  if (Number.isInteger(build)) product.build = build;
  const name = await key.text('ProductName');
  if (present(name, '')) product.name = build >= WINDOWS_11 ? name.replace(/^Windows 10\b/, 'Windows 11') : name;
  const texts = {
    edition: await key.text('EditionID'),
    installationType: await key.text('InstallationType'),
    displayVersion: (await key.text('DisplayVersion')) ?? (await key.text('ReleaseId')),
    servicePack: await key.text('CSDVersion'),
    systemRoot: await key.text('SystemRoot'),
    registeredOwner: await key.text('RegisteredOwner'),
    registeredOrganization: await key.text('RegisteredOrganization'),
  };
  for (const [field, text] of Object.entries(texts)) if (present(text, '')) Object.assign(product, { [field]: text });
  const revision = await key.number('UBR');
  if (revision !== undefined) product.revision = revision;
  const major = await key.number('CurrentMajorVersionNumber');
  const minor = await key.number('CurrentMinorVersionNumber');
  const version = major === undefined ? await key.text('CurrentVersion') : `${major}.${minor ?? 0}`;
  if (present(version, ''))
    product.version = [version, product.build, product.revision].filter((part) => part !== undefined).join('.');
  const installTime = await key.value('InstallTime');
  const installed = timeOfBytes(await installTime?.bytes()) ?? timeOfUnixSeconds(await key.number('InstallDate'));
  if (installed !== undefined) product.installed = installed;
  return product;
}
