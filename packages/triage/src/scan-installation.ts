import { isDeadboxError, type ReadOptions } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { NtfsVolume, PendingLog, VolumeState } from '@deadbox/ntfs';
import type { WindowsFolder } from './find-windows.js';
import { judgeRule } from './judge-rule.js';
import { logDoubts, readPendingLog } from './log-doubts.js';
import { readMachineFacts, type MachineFacts } from './machine-report.js';
import { registryFacts } from './registry-facts.js';
import type { BootReport, InstallationReport, RuleResult } from './report-types.js';
import type { Rule } from './rule.js';
import { compareSeverity, type ProvisionalReason } from './words.js';

/** What is known of the volume before its installations are judged. */
export interface VolumeFacts {
  volume: Volume;
  tree: NtfsVolume;
  state: VolumeState;
  /** What a replay of a dirty log would still write; `undefined` when it was not examined. */
  pending: PendingLog | undefined;
  mode: 'quick' | 'full';
}

/** An installation's report, with the hives behind it. */
export interface ScannedInstallation {
  report: InstallationReport;
  machine: MachineFacts | undefined;
}

/** Said until the boot store was looked at. */
export const BOOT_NOT_CHECKED: BootReport = {
  verdict: 'not-checked',
  severity: 'none',
  findings: [],
  codes: [],
  remedies: [],
  store: null,
  identity: null,
  entries: [],
  flags: {},
};

/** Reads the log of a volume when that is needed and asked for. */
export async function volumeFacts(volume: Volume, tree: NtfsVolume, mode: 'quick' | 'full', options: ReadOptions): Promise<VolumeFacts> {
  const state = await tree.state(options);
  const pending = mode === 'full' && state.log !== 'clean' ? await readPendingLog(tree, options) : undefined;
  return { volume, tree, state, pending, mode };
}

/** Judges one Windows folder by every rule; in full mode the registry is heard too. */
export async function scanInstallation(
  facts: VolumeFacts,
  folder: WindowsFolder,
  rules: readonly Rule[],
  options: ReadOptions,
): Promise<ScannedInstallation> {
  const { volume, tree, mode } = facts;
  const machine = mode === 'full' ? await machineFacts(tree, folder.path, options) : undefined;
  const volumeDoubts = doubtsOf(facts);
  const results: RuleResult[] = [];
  for (const rule of rules) {
    const otherFacts = machine === undefined ? undefined : await registryFacts(rule, machine.opened);
    results.push(
      await judgeRule(rule, {
        volume,
        tree,
        root: folder.path,
        mode,
        volumeDoubts,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...(otherFacts === undefined ? {} : { otherFacts }),
        ...(mode === 'quick' || facts.state.log === 'clean'
          ? {}
          : { folderDoubts: (found) => logDoubts(tree, facts.pending, found, options) }),
      }),
    );
  }
  const worst = [...results].sort((a, b) => compareSeverity(a.severity, b.severity))[0];
  if (worst === undefined) throw new TypeError('a scan needs at least one rule');
  const report: InstallationReport = {
    ...worst,
    volume: volume.number,
    root: folder.path,
    active: folder.active,
    rules: results,
    host: machine?.host ?? {},
    hives: machine?.hives ?? [],
    history: [],
    crash: [],
    boot: BOOT_NOT_CHECKED,
    nextSteps: [],
  };
  return { report, machine };
}

/** Why nothing reassuring said of this volume is proven. */
function doubtsOf({ state, mode }: VolumeFacts): ProvisionalReason[] {
  const doubts: ProvisionalReason[] = [];
  if (state.hibernation === 'hibernated' || state.hibernation === 'restoring') doubts.push('hibernated');
  if (mode === 'quick' && state.log !== 'clean') doubts.push('log-not-examined');
  return doubts;
}

async function machineFacts(tree: NtfsVolume, root: string, options: ReadOptions): Promise<MachineFacts | undefined> {
  try {
    return await readMachineFacts(tree, root, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!isDeadboxError(error)) throw error;
    return undefined;
  }
}
