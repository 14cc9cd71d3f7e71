import type { CrashReport, InstallationReport } from '@deadbox/triage';
import { escapeText } from './escape.js';
import { formatBoth, type ShownZone } from './times.js';

/** When the faulty file came and went, as far as the volume remembers; nothing where it says nothing. */
export function historySentence(installation: InstallationReport, zone: ShownZone | undefined): string | undefined {
  const summary = installation.historySummary;
  if (summary === null) return undefined;
  if (summary.badFrom !== null) {
    const until =
      summary.badUntil === null ? 'and was gone some time later' : `until ${formatBoth(summary.badUntil, zone)}`;
    const how =
      installation.verdict === 'reverted'
        ? ' It recovered by update.'
        : installation.verdict === 'cleared'
          ? ' Somebody removed it.'
          : '';
    return `Had the faulty file from ${formatBoth(summary.badFrom, zone)} ${until}.${how}`;
  }
  if (summary.journalFrom === null || !['reverted', 'cleared', 'not-updated'].includes(installation.verdict))
    return undefined;
  return `No trace that the faulty file ever arrived (the change journal reaches back to ${formatBoth(summary.journalFrom, zone)}).`;
}

/** One crash in a line. */
export function crashLine(crash: CrashReport, zone: ShownZone | undefined): string {
  const when = crash.time === null ? 'at an unknown time' : formatBoth(crash.time, zone);
  const code = crash.code === null ? '' : ` with ${crash.code}${crash.codeName === null ? '' : ` ${crash.codeName}`}`;
  // An event is written at the restart after the crash.
  if (crash.source === 'event') return `Windows logged a stop${code}, ${when} (${escapeText(crash.path)}).`;
  const module = crash.module === null ? '' : `, in ${escapeText(crash.module)}`;
  return `Crashed ${when}${code}${module} (${escapeText(crash.path)}).`;
}

/** What the crash evidence says of the file verdict. */
export function confidenceSentence(installation: InstallationReport): string | undefined {
  switch (installation.confidence) {
    case 'confirmed':
      return 'Crash evidence on this disk names the same driver: confirmed.';
    case 'likely':
      return 'The disk shows failed starts and no dump that names another driver.';
    case 'contradicted':
      return 'The newest crash evidence names another driver: the present failure may have another cause (registry, boot store, storage).';
    default:
      return undefined;
  }
}
