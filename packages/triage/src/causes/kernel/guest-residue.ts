import type { ReadOptions } from '@deadbox/core';
import { placedTexts } from '@deadbox/windows/internals';
import { type DriverFacts, deviceFacts, driverFacts } from '../../drivers/driver-facts.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn, KNOWN, SUSPECT } from './found.js';

/** Drivers of a hypervisor's tools that stand in the way on another one. */
export const guestResidue: InstallationDetector = {
  causes: ['xen-residue', 'xen-device-id', 'parallels-residue'],
  async detect(subject, options) {
    const facts = await subject.fact(driverFacts, options);
    if (facts === undefined) return [];
    return [
      ...(await xenResidue(subject, facts)),
      ...(await xenDevices(subject, options)),
      ...(await parallelsResidue(subject, facts)),
    ];
  },
};

const XEN_DRIVERS = ['xenbus', 'xenfilt', 'xenvbd'];
const XEN_MACHINES = /xen|amazon|citrix/i;

/** Filters of the Xen tools on the buses of a machine that did not run on Xen last, or is not meant to. */
async function xenResidue(subject: InstallationSubject, facts: DriverFacts): Promise<FoundCause[]> {
  const started = XEN_DRIVERS.filter((name) => facts.drivers.get(name)?.effectiveStart === 0);
  const filtered = facts.filters
    .filter(({ filters }) => filters.values.some((name) => name.toLowerCase() === 'xenfilt'))
    .map((list) => list.class);
  const parameters = await facts.set.key.key('Services\\XenPCI\\Parameters');
  const hidden = (await parameters?.value('hide_devices')) !== undefined;
  if (!hidden && (started.length === 0 || filtered.length === 0)) return [];
  const away = isAway(subject, facts, XEN_MACHINES, 'xen');
  return [foundIn(subject, 'xen-residue', away ? SUSPECT : KNOWN, { drivers: started, classes: filtered, hidden })];
}

/** Whether the machine is meant for, or ran last on, another hypervisor than the drivers are made for. */
function isAway({ target }: InstallationSubject, { hardware }: DriverFacts, own: RegExp, platform?: string): boolean {
  if (target !== undefined) return target !== platform;
  const last = hardware.known.find(({ id }) => id === hardware.lastId);
  const maker = `${last?.manufacturer ?? ''} ${last?.product ?? ''}`.trim();
  return maker !== '' && !own.test(maker);
}

/** The platform devices of Xen that the drivers were bound to. */
async function xenDevices(subject: InstallationSubject, options: ReadOptions): Promise<FoundCause[]> {
  const { devices } = await subject.fact(deviceFacts, options);
  const ids = devices
    .filter(({ bus, service }) => bus === 'PCI' && service !== undefined)
    .map(({ device }) => /^VEN_5853&DEV_([0-9A-F]{4})/i.exec(device)?.[1]?.toUpperCase())
    .filter((id): id is string => id !== undefined);
  return ids.length === 0 ? [] : [foundIn(subject, 'xen-device-id', KNOWN, { ids: [...new Set(ids)] })];
}

const CDROM_CLASS = '{4d36e965-e325-11ce-bfc1-08002be10318}';
const PARALLELS_MACHINES = /parallels/i;

/** Filters and drivers of the Parallels tools. */
async function parallelsResidue(subject: InstallationSubject, facts: DriverFacts): Promise<FoundCause[]> {
  const cdrom = await facts.set.key.key(`Control\\Class\\${CDROM_CLASS}`);
  const lists = [
    ...facts.filters.map(({ filters }) => filters),
    await placedTexts(cdrom, 'LowerFilters'),
    await placedTexts(cdrom, 'UpperFilters'),
  ];
  const keys = lists
    .filter((list) => list?.values.some((name) => name.toLowerCase() === 'prl_strg'))
    .map((list) => list?.key ?? '');
  const started = facts.bootStart.filter(({ name }) => /^prl_/i.test(name)).map(({ name }) => name);
  if (keys.length === 0 && started.length === 0) return [];
  const away = isAway(subject, facts, PARALLELS_MACHINES);
  return [foundIn(subject, 'parallels-residue', away ? SUSPECT : KNOWN, { drivers: started, keys })];
}
