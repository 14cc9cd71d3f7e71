import { type DeadboxError, formatFileTime, type IssueNote, type ReadOptions, survive } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { NtfsVolume, ShadowCopies, type ShadowCopy } from '@deadbox/ntfs';
import type { LeftOutCode } from '../errors.js';
import { findWindowsFolders } from '../machine/find-windows.js';
import type { FileReport } from '../report/rule-result.js';
import type { Rule } from '../rules/rule.js';
import { type ScannedInstallation, scanInstallation, volumeFacts } from './scan-installation.js';

/** Newest copies examined; a volume can have 512. */
const MAX_COPIES = 64;

/**
 * Judges the Windows of each shadow copy of a volume by its files, newest copy first. They are shown, never counted.
 */
export async function scanShadowCopies(
  volume: Volume,
  rules: readonly Rule[],
  options: ReadOptions,
): Promise<ScannedInstallation[]> {
  const content = volume.content;
  if (content === undefined) return [];
  const found: ScannedInstallation[] = [];
  const copies = await orNote(volume, options, () => ShadowCopies.open(content, { ...options, issues: volume.issues }));
  const newest = [...(copies?.copies ?? [])].reverse();
  if (newest.length > MAX_COPIES) {
    const data = { volume: volume.number, examined: MAX_COPIES, found: newest.length };
    note(volume, { code: 'triage.shadow-copies-left', severity: 'warning', data });
  }
  for (const copy of newest.slice(0, MAX_COPIES)) {
    const scanned = await orNote(volume, options, async () =>
      scanCopy(volume, copies as ShadowCopies, copy, rules, options),
    );
    found.push(...(scanned ?? []));
  }
  return found;
}

async function scanCopy(
  volume: Volume,
  copies: ShadowCopies,
  copy: ShadowCopy,
  rules: readonly Rule[],
  options: ReadOptions,
): Promise<ScannedInstallation[]> {
  const tree = await NtfsVolume.open(await copies.source(copy.number, options), { ...options, issues: volume.issues });
  const facts = await volumeFacts(volume, tree, 'quick', options);
  const found: ScannedInstallation[] = [];
  for (const folder of await findWindowsFolders(tree, options)) {
    const { judged, machine, crash } = await scanInstallation(facts, { ...folder, active: false }, rules, options);
    const shadowCopy = { number: copy.number, created: formatFileTime(copy.created) ?? null };
    found.push({
      judged: {
        ...judged,
        shadowCopy,
        files: judged.files.map(withoutPlaces),
        rules: judged.rules.map((rule) => ({ ...rule, files: rule.files.map(withoutPlaces) })),
      },
      machine,
      crash,
    });
  }
  return found;
}

/** Where a block of a copy lies on the disk is not its place in the copy: no offset is better than a wrong one. */
function withoutPlaces(file: FileReport): FileReport {
  return { ...file, runs: [], evidence: [] };
}

/** One damaged copy is an issue of the volume; the others are still examined. */
function orNote<T>(volume: Volume, options: ReadOptions, work: () => Promise<T>): Promise<T | undefined> {
  const tell = ({ code, message }: DeadboxError): undefined => {
    const data = { volume: volume.number, code, message };
    note(volume, { code: 'triage.shadow-copy', severity: 'warning', data });
  };
  return survive(work, tell, options);
}

function note({ issues }: Volume, issue: IssueNote<LeftOutCode>): void {
  issues.add(issue);
}
