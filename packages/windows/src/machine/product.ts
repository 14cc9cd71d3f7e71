import { defined, fileTimeFromUnixMs, formatFileTime } from '@deadbox/core';
import type { Hive } from '../registry/hive.js';

/** Which Windows it is. Everything comes from `SOFTWARE\Microsoft\Windows NT\CurrentVersion`. */
export interface WindowsProduct {
  /** E.g. `Windows Server 2019 Datacenter`; corrected for Windows 11, whose registry still says "Windows 10". */
  readonly name?: string;
  /** E.g. `ServerDatacenter`. */
  readonly edition?: string;
  /** `Client`, `Server`, `Server Core`… */
  readonly installationType?: string;
  readonly build?: number;
  /** Update build revision: the last part of `10.0.17763.5936`. */
  readonly revision?: number;
  /** `major.minor.build.revision` as far as it is known. */
  readonly version?: string;
  /** E.g. `22H2`; the release id of older versions (`1809`). */
  readonly displayVersion?: string;
  /** Text of the service pack. */
  readonly servicePack?: string;
  /** Path that Windows itself gives its folder, e.g. `C:\Windows`. */
  readonly systemRoot?: string;
  /** ISO-8601 UTC. */
  readonly installed?: string;
  readonly registeredOwner?: string;
  readonly registeredOrganization?: string;
}

/** First build of Windows 11. */
const WINDOWS_11 = 22_000;

/** Reads the product's facts; `undefined` without the key. */
export async function readProduct(software: Hive): Promise<WindowsProduct | undefined> {
  const key = await software.key('Microsoft\\Windows NT\\CurrentVersion');
  if (key === undefined) return undefined;
  const text = async (name: string): Promise<string | undefined> => {
    const found = await key.text(name);
    return found === '' ? undefined : found;
  };
  // CurrentBuild of Windows XP and 2003 is a text of three parts that begins with `1.`: "obsolete data, do not use".
  const build = numberOf(await text('CurrentBuildNumber')) ?? numberOf(await text('CurrentBuild'));
  const name = await text('ProductName');
  const revision = await key.number('UBR');
  const major = await key.number('CurrentMajorVersionNumber');
  const minor = await key.number('CurrentMinorVersionNumber');
  const version = major === undefined ? await text('CurrentVersion') : `${major}.${minor ?? 0}`;
  return defined({
    name: build !== undefined && build >= WINDOWS_11 ? name?.replace(/^Windows 10\b/, 'Windows 11') : name,
    edition: await text('EditionID'),
    installationType: await text('InstallationType'),
    build,
    revision,
    version: version && [version, build, revision].filter((part) => part !== undefined).join('.'),
    displayVersion: (await text('DisplayVersion')) ?? (await text('ReleaseId')),
    servicePack: await text('CSDVersion'),
    systemRoot: await text('SystemRoot'),
    installed: (await key.time('InstallTime')) ?? timeOfUnixSeconds(await key.number('InstallDate')),
    registeredOwner: await text('RegisteredOwner'),
    registeredOrganization: await text('RegisteredOrganization'),
  });
}

/** A number that is nothing but digits. */
function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}

/** ISO-8601 UTC text of Unix seconds; `undefined` for 0 (not set). */
function timeOfUnixSeconds(seconds: number | undefined): string | undefined {
  return seconds === undefined || seconds === 0 ? undefined : formatFileTime(fileTimeFromUnixMs(seconds * 1000));
}
