import type { ReadOptions } from '@deadbox/core';
import { isWindowsModule, type PlacedNumber, placedNumber } from '@deadbox/windows/internals';
import type { KernelCauseId } from '../../cause-kinds/kernel.js';
import { type DriverFacts, driverFacts } from '../../drivers/driver-facts.js';
import { valueEvidence } from '../../drivers/hive-evidence.js';
import type { InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn, KNOWN, numberChange, POSSIBLE, SUSPECT, type Weight } from './found.js';

/** Settings of the kernel that keep drivers, disks or the machine from starting. */
export const policies: InstallationDetector = {
  causes: ['elam-good-only', 'san-policy', 'secure-launch', 'minint-key'],
  async detect(subject, options) {
    const facts = await subject.fact(driverFacts, options);
    if (facts === undefined) return [];
    return [
      ...(await goodOnly(subject, facts, options)),
      ...(await sanPolicy(subject, facts, options)),
      ...(await secureLaunch(subject, facts, options)),
      ...(await miniNt(subject, facts)),
    ];
  },
};

/** The value, where it stands, and what it means. */
async function setting(
  subject: InstallationSubject,
  id: KernelCauseId,
  weight: Weight,
  value: PlacedNumber,
  to: number,
  data: Readonly<Record<string, string | string[]>>,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const facts = { ...numberChange(subject, value, to), ...data };
  return [foundIn(subject, id, weight, facts, await valueEvidence(subject, 'SYSTEM', value, options))];
}

/** PNP_INITIALIZE_UNKNOWN_DRIVERS and its like: 8 loads drivers only that the antimalware driver calls good. */
const GOOD_ONLY = 8;

async function goodOnly(subject: InstallationSubject, facts: DriverFacts, options: ReadOptions): Promise<FoundCause[]> {
  const policy = await placedNumber(await facts.set.key.key('Policies\\EarlyLaunch'), 'DriverLoadPolicy');
  if (policy?.value !== GOOD_ONLY) return [];
  const drivers = facts.bootStart.filter((driver) => isForeign(driver.file)).map(({ name }) => name);
  return setting(subject, 'elam-good-only', drivers.length > 0 ? SUSPECT : KNOWN, policy, 3, { drivers }, options);
}

/** Whether a driver's file is not one of those that Windows brings. */
function isForeign(file: string | undefined): boolean {
  const name = file?.slice(file.lastIndexOf('/') + 1) ?? '';
  return name !== '' && !isWindowsModule(name) && !INBOX.test(name);
}

/** Boot-start drivers that Windows brings and that stand on no stack of a usual crash. */
const INBOX =
  /^(?:fileinfo|hwpolicy|intelide|pciide|intelpep|lxss|mssecflt|ntosext|sgrmagent|storflt|vmstorfl|vmsproxy.*|lsi_.*|compbatt|spldr|amdxata|bxvbda|evbda|pcmcia|uagp35|uliagpkx|3ware|vstxraid|ehstortcgdrv|cea|intelta|msgpio.*|uaspstor|sdstor|sdbus|scmbus|pmem|nvdimm|hvservice|acpipagr|acpitime)\.sys$/i;

const SAN_POLICY_MEANING: Readonly<Record<number, string>> = { 3: 'offline-all', 4: 'offline-internal' };

async function sanPolicy(
  subject: InstallationSubject,
  { set }: DriverFacts,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const policy = await placedNumber(await set.key.key('Services\\partmgr\\Parameters'), 'SanPolicy');
  const meaning = policy === undefined ? undefined : SAN_POLICY_MEANING[policy.value];
  return policy === undefined || meaning === undefined
    ? []
    : setting(subject, 'san-policy', POSSIBLE, policy, 1, { meaning }, options);
}

/** The last build of Windows Server on which Secure Launch is known to hang. */
const SERVER_2019 = 17_763;

async function secureLaunch(
  subject: InstallationSubject,
  { set, build }: DriverFacts,
  options: ReadOptions,
): Promise<FoundCause[]> {
  const type = subject.machine?.machine.productType;
  if (type === undefined || type === 'workstation' || (build ?? Number.POSITIVE_INFINITY) > SERVER_2019) return [];
  const enabled = await placedNumber(await set.key.key('Control\\DeviceGuard\\Scenarios\\SystemGuard'), 'Enabled');
  return enabled?.value === 1 ? setting(subject, 'secure-launch', SUSPECT, enabled, 0, {}, options) : [];
}

/** With this key Windows takes itself for Windows PE. A tweak for ReFS leaves it behind on machines that start. */
async function miniNt(subject: InstallationSubject, { set }: DriverFacts): Promise<FoundCause[]> {
  const key = await set.key.key('Control\\MiniNT');
  if (key === undefined) return [];
  const refs = (await key.values()).some(({ name }) => /^AllowRefsFormat/i.test(name));
  return [foundIn(subject, 'minint-key', refs ? KNOWN : POSSIBLE, { key: key.path, refs })];
}
