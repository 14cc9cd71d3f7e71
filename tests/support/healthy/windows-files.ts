import { createHash } from 'node:crypto';
import { MemorySource } from '@deadbox/core';
import { Hive, openControlSet, type RegistryKey } from '@deadbox/windows';
import { resolveImagePath } from '@deadbox/windows/internals';
import { writeCatalog } from '../catalog-writer.js';
import type { FileOptions } from '../ntfs-writer/tree.js';
import { writePe } from '../pe-writer.js';

/** Which Windows the files belong to. */
export interface WindowsKind {
  readonly build: number;
  readonly revision: number;
  /** A 32-bit Windows. */
  readonly narrow: boolean;
}

const words = (text: string): string[] => text.trim().split(/\s+/);

/** What the loader and the kernel load on every machine, below System32. */
const CORE = words(`
  ntoskrnl.exe hal.dll kdcom.dll ci.dll PSHED.dll BOOTVID.dll mcupdate_GenuineIntel.dll mcupdate_AuthenticAMD.dll apisetschema.dll
  winload.efi winload.exe winresume.efi winresume.exe drivers/msrpc.sys drivers/cng.sys drivers/ksecdd.sys drivers/ksecpkg.sys
  drivers/fltMgr.sys drivers/ntfs.sys drivers/wdf01000.sys drivers/wdfldr.sys`);
const CORE_7 = words('halmacpi.dll halacpi.dll ntkrnlpa.exe clfs.sys');
const CORE_8 = words('drivers/clfs.sys drivers/werkernel.sys drivers/tm.sys drivers/wimmount.sys ntosext.sys');
/** What the session manager, Winlogon and their processes are, below System32. */
const SESSION = words(`
  smss.exe autochk.exe csrss.exe csrsrv.dll basesrv.dll winsrv.dll sxssrv.dll wininit.exe winlogon.exe services.exe lsass.exe lsm.exe lsasrv.dll
  samsrv.dll svchost.exe userinit.exe LogonUI.exe dwm.exe ntdll.dll kernel32.dll KernelBase.dll user32.dll gdi32.dll advapi32.dll rpcrt4.dll
  sechost.dll msvcrt.dll win32k.sys poqexec.exe scecli.dll msv1_0.dll kerberos.dll schannel.dll wdigest.dll tspkg.dll pku2u.dll netlogon.dll cryptdll.dll
  bootim.exe oobe/windeploy.exe cmd.exe`);
const SESSION_8 = words(
  'winsrvext.dll gdi32full.dll win32u.dll win32kbase.sys win32kfull.sys ucrtbase.dll SshdPinAuthLsa.dll lsm.dll',
);
/** Text and tables that are no images. */
const PLAIN = words('drivers/etc/hosts CodeIntegrity/driver.stl');

/**
 * Files of a whole Windows by path below the Windows folder: those of every machine, and whatever the SYSTEM hive
 * names.
 */
export async function windowsFiles(
  system: Uint8Array<ArrayBuffer>,
  kind: WindowsKind,
): Promise<Record<string, FileOptions>> {
  // Names that differ in case only are one file.
  const files = new Map<string, { readonly path: string; readonly options: FileOptions }>();
  const add = (path: string, options: FileOptions): void => {
    const key = path.toLowerCase();
    if (!files.has(key)) files.set(key, { path, options });
  };
  const eight = kind.build >= 9200;
  const images = [...CORE, ...(eight ? CORE_8 : CORE_7), ...SESSION, ...(eight ? SESSION_8 : [])].map(
    (name) => `System32/${name}`,
  );
  images.push('explorer.exe', 'Boot/EFI/bootmgfw.efi', 'Boot/EFI/bootmgr.efi', 'Boot/PCAT/memtest.exe');
  const { paths, plain } = await namedByHive(system);
  for (const path of [...images, ...paths]) add(path, imageFile(path, kind));
  for (const path of [...PLAIN.map((name) => `System32/${name}`), ...plain, 'AppPatch/drvmain.sdb'])
    add(path, { content: plainContent(path) });
  add('Boot/PCAT/bootmgr', { content: bootManager() });
  const catalog = writeCatalog(
    [...files.values()].flatMap(({ options: { content } }) => (isImage(content) ? [digestOf(content)] : [])),
  );
  for (const folder of [`System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}`, 'servicing/Packages'])
    add(`${folder}/Package_for_RollupFix~31bf3856ad364e35~amd64~~1.0.cat`, { content: catalog });
  return Object.fromEntries([...files.values()].map(({ path, options }) => [path, options]));
}

/** `\bootmgr`: 16-bit code before an image; only its size and that it is not zero matter to a reader of disks. */
export function bootManager(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 40_000 }, (_, i) => 1 + ((i * 29) % 250));
}

/** An image as Windows has it: of its build, with a right checksum, its own code. */
export function imageFile(
  path: string,
  { build, revision, narrow }: WindowsKind,
  more: Partial<Parameters<typeof writePe>[0]> = {},
): FileOptions {
  const version = `${build >= 10_000 ? '10.0' : build >= 9600 ? '6.3' : '6.1'}.${build}.${revision}`;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const seed = Array.from(path.toLowerCase()).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) & 0xffff, 7);
  const strings = { OriginalFilename: name, CompanyName: 'Microsoft Corporation' };
  return {
    content: writePe({ fileVersion: version, strings, narrow, checksum: true, code: { size: 256, seed }, ...more }),
  };
}

function plainContent(path: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 4096 }, (_, i) => 1 + ((i * 13 + path.length) % 250));
}

function isImage(content: Uint8Array | undefined): content is Uint8Array {
  return content !== undefined && content[0] === 0x4d && content[1] === 0x5a;
}

/**
 * The Authenticode digest: all of the image but its checksum and the directory entry of its certificates (PE/COFF
 * specification, appendix A).
 */
function digestOf(image: Uint8Array): { algorithm: 'sha256'; digest: string } {
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  const optional = view.getUint32(0x3c, true) + 24;
  const directories = optional + (view.getUint16(optional, true) === 0x20b ? 112 : 96);
  const certificates = directories + 4 * 8;
  const hash = createHash('sha256');
  hash.update(image.subarray(0, optional + 64)).update(image.subarray(optional + 68, certificates));
  hash.update(image.subarray(certificates + 8));
  return { algorithm: 'sha256', digest: hash.digest('hex') };
}

/** Files that the hive's current control set names, below the Windows folder. */
async function namedByHive(system: Uint8Array<ArrayBuffer>): Promise<{ paths: string[]; plain: string[] }> {
  const hive = await Hive.open(new MemorySource(system), {});
  const set = (await openControlSet(hive))?.key;
  if (set === undefined) throw new Error('the hive has no control set');
  const services = (await (await set.key('Services'))?.subkeys(5000)) ?? [];
  const paths: string[] = [];
  for (const service of services) paths.push(...(await filesOfService(service)));
  const known = await set.key('Control\\Session Manager\\KnownDLLs');
  // The emulators of other processors are named and not there.
  for (const value of (await known?.values()) ?? []) {
    const name = await value.data();
    if (typeof name === 'string' && /\.dll$/i.test(name) && !/wowarmhw|xtajit/i.test(name))
      paths.push(`System32/${name}`);
  }
  const pages = await set.key('Control\\Nls\\CodePage');
  const plain: string[] = [];
  for (const name of ['ACP', 'OEMCP', 'MACCP']) {
    const page = await pages?.text(name);
    const file = page === undefined ? undefined : await pages?.text(page);
    if (file !== undefined) plain.push(`System32/${file}`);
  }
  plain.push('System32/l_intl.nls', 'System32/locale.nls', 'Fonts/vgaoem.fon');
  return { paths, plain };
}

async function filesOfService(service: RegistryKey): Promise<string[]> {
  const type = await service.number('Type');
  const image = await service.text('ImagePath');
  const driver = type === 1 || type === 2;
  const path =
    image === undefined || image === '' ? (driver ? `System32/drivers/${service.name}.sys` : undefined) : below(image);
  const dll = await (await service.key('Parameters'))?.text('ServiceDll');
  const library = dll === undefined ? undefined : below(dll);
  return [path, library].filter((one) => one !== undefined);
}

/** The part of a stored path below the Windows folder. */
function below(stored: string): string | undefined {
  const path = resolveImagePath(stored, '/Windows');
  return path?.toLowerCase().startsWith('/windows/') === true ? path.slice('/Windows/'.length) : undefined;
}
