/**
 * Names that `bcdedit` gives objects with fixed GUIDs (Microsoft, "BCD object identifiers"). Keys are upper case,
 * without braces.
 */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  '9DEA862C-5CDD-4E70-ACC1-F32B344D4795': '{bootmgr}',
  'A5A30FA2-3D06-4E9F-B5F4-A01DF9D1FCBA': '{fwbootmgr}',
  'B2721D73-1DB4-4C62-BF78-C548A880142D': '{memdiag}',
  '466F5A88-0AF2-4F76-9038-095B170DC21C': '{ntldr}',
  'AE5534E0-A924-466C-B836-758539A3EE3A': '{ramdiskoptions}',
  '7EA2E1AC-2E61-4728-AAA3-896D9D0A9F0E': '{globalsettings}',
  '6EFB52BF-1766-41DB-A6B3-0EE5EFF72BD7': '{bootloadersettings}',
  '1AFA9C49-16AB-4A5C-901B-212802DA9460': '{resumeloadersettings}',
  '7FF607E0-4395-11DB-B0DE-0800200C9A66': '{hypervisorsettings}',
  '4636856E-540F-4170-A130-A84776F4C654': '{dbgsettings}',
  '0CE4991B-E6B3-4B16-B23C-5E0D9250E5D9': '{emssettings}',
  '5189B25C-5558-4BF2-BCA4-289B11BD29E2': '{badmemory}',
};

/** GUID of the Windows boot manager's object. */
export const BOOT_MANAGER_ID = '9DEA862C-5CDD-4E70-ACC1-F32B344D4795';

/**
 * The well-known name of an object, e.g. `{bootmgr}`; `undefined` for others.
 * @param id - upper-case GUID without braces
 */
export function wellKnownObjectName(id: string): string | undefined {
  return WELL_KNOWN[id];
}

/** What an object is, from its type number (Microsoft, "BCD object types"). */
export type BootObjectKind =
  | 'firmware-boot-manager'
  | 'boot-manager'
  | 'os-loader'
  | 'resume'
  | 'memory-tester'
  | 'legacy-loader'
  | 'boot-sector'
  | 'firmware-application'
  | 'settings'
  | 'device-options'
  | 'other';

const APPLICATIONS: Readonly<Record<number, BootObjectKind>> = {
  1: 'firmware-boot-manager',
  2: 'boot-manager',
  3: 'os-loader',
  4: 'resume',
  5: 'memory-tester',
  6: 'legacy-loader',
  7: 'legacy-loader',
  8: 'boot-sector',
  0xf_ffff: 'firmware-application',
};

/** The kind of an object of type `type`: object class in the top nibble, application number in the low 20 bits. */
export function bootObjectKind(type: number): BootObjectKind {
  const objectClass = type >>> 28;
  if (objectClass === 1) return APPLICATIONS[type & 0xf_ffff] ?? 'other';
  if (objectClass === 2) return 'settings';
  return objectClass === 3 ? 'device-options' : 'other';
}
