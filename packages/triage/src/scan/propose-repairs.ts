import type { CauseReport } from '../report/cause-report.js';
import type { RepairRequest } from '../report/repair-request.js';
import { type FailedImage, type ImageReport, type InstallationReport, isFailedImage } from '../report/report-types.js';
import type { RuleResult } from '../report/rule-result.js';
import type { Rule } from '../rules/rule.js';

/**
 * What a scan's report asks to be repaired, worst first: files that a rule condemns, the disk's former identity,
 * damaged copies of structures, safe mode, and what the causes of a failing start ask for. Nothing is proven here;
 * planning is.
 * @param rules - the rules that the report was made with
 * @param inUse - identities of the other disks of the same run
 */
export function proposeRepairs(
  report: ImageReport | FailedImage,
  rules: readonly Rule[],
  inUse: readonly string[] = [],
): RepairRequest[] {
  if (isFailedImage(report)) return [];
  const active = report.installations.filter((installation) => installation.active);
  const isGpt = report.disk.partitionTable === 'gpt';
  return distinct([
    ...active.flatMap((installation) => fileRequests(installation, rules)),
    ...active.flatMap((installation) => identityRequests(installation, isGpt, inUse)),
    ...report.obstacles.flatMap(({ id, volume }) => copyRequests(id, volume, isGpt)),
    ...active.flatMap(safeBootRequests),
    ...report.causes.flatMap((cause) => causeRequests(cause, inUse)),
  ]);
}

/**
 * Two installations share the disk's identity and its boot store, and a cause may ask for what another finding asks
 * for.
 */
function distinct(requests: readonly RepairRequest[]): RepairRequest[] {
  const seen = new Set<string>();
  return requests.filter((request) => {
    const {
      witnesses: _count,
      inUse: _others,
      force: _force,
      ...asked
    } = { witnesses: 0, inUse: [], force: false, ...request };
    const key = JSON.stringify(Object.entries(asked).toSorted(([left], [right]) => (left < right ? -1 : 1)));
    return !seen.has(key) && seen.add(key);
  });
}

/** The files by which a rule's verdict holds, where the rule says that renaming or blanking cures it. */
function fileRequests(installation: InstallationReport, rules: readonly Rule[]): RepairRequest[] {
  return installation.rules.flatMap((result) => {
    const action = rules.find((rule) => rule.name === result.rule)?.remediation.action;
    if (result.severity !== 'act' || (action !== 'rename-file' && action !== 'blank-file')) return [];
    const operation = action === 'rename-file' ? 'neutralise-file' : 'blank-content';
    return namedFiles(result).map((path) => ({ operation, volume: installation.volume, path }) as const);
  });
}

/** The files that decided, and every other one of their class: a verdict names all files of that class. */
function namedFiles({ decided, files }: RuleResult): string[] {
  const deciding = (decided?.files ?? []).map((index) => files[index]);
  const classes = new Set(deciding.map((file) => file?.class));
  return files.filter((file) => !file.deleted && classes.has(file.class)).map((file) => file.path);
}

/** A witness of the disk's identity, as the boot report has it. */
interface Witness {
  readonly diskId: string;
  readonly source: string;
  readonly path?: string;
  readonly names?: number;
}

function identityRequests({ boot }: InstallationReport, isGpt: boolean, inUse: readonly string[]): RepairRequest[] {
  const { identity, remedies } = boot;
  if (identity?.former == null || !remedies.some((remedy) => remedy === 'restore-disk-identity')) return [];
  const witnesses = (identity.witnesses as unknown as readonly Witness[])
    .filter(({ diskId }) => diskId === identity.former)
    // Many entries of one file are one witness. On a GPT disk those of two partitions are two: each ties the identity
    // to a GUID that only this disk has.
    .map(({ source, path, names }) => `${source} ${path ?? ''} ${isGpt ? (names ?? '') : ''}`);
  const count = new Set(witnesses).size;
  return [{ operation: 'restore-disk-identity', identity: identity.former, witnesses: count, inUse: [...inUse] }];
}

function causeRequests({ severity, requests = [] }: CauseReport, inUse: readonly string[]): RepairRequest[] {
  if (severity === 'none') return [];
  return requests.map((request) =>
    request.operation === 'restore-disk-identity' ? { ...request, inUse: [...inUse] } : request,
  );
}

function copyRequests(id: string, volume: number | null, isGpt: boolean): RepairRequest[] {
  if (id !== 'damaged-table-or-boot-sector') return [];
  if (volume !== null) return [{ operation: 'restore-boot-sector', volume }];
  return isGpt ? [{ operation: 'restore-gpt' }] : [];
}

function safeBootRequests({ boot }: InstallationReport): RepairRequest[] {
  const finding = boot.findings.find(({ id }) => id === 'safe-boot');
  const entries = boot.entries as unknown as readonly { readonly role: string; readonly id: string }[];
  const loader = entries.find(({ role }) => role === 'default');
  if (finding === undefined || loader === undefined || boot.store === null) return [];
  const { partition, path } = boot.store;
  // Its alternate shell (`safebootalternateshell`) means nothing without it.
  return [{ operation: 'remove-boot-element', volume: partition, path, object: loader.id, element: '25000080' }];
}
