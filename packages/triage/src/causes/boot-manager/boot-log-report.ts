import { lastBootFailure } from '@deadbox/windows';
import type { DiskBootStores } from '../../machine/boot-stores.js';
import type { BootLogReport, CauseReport } from '../../report/cause-report.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import { type FoundCause, reportedCause } from '../cause.js';
import { speaksFor } from '../disk-cause.js';

/** The boot manager's log beside the store that the machine uses. */
export function usedBootLog({ stores, boot }: DiskSubject): DiskBootStores['bootLogs'][number] | undefined {
  return stores.bootLogs.find(({ volume }) => volume === boot?.store?.partition) ?? stores.bootLogs[0];
}

/** What the boot manager's log beside the store says of the last starts. */
export function bootLogReport(subject: DiskSubject): BootLogReport {
  const log = usedBootLog(subject)?.log;
  const failure = log === undefined ? undefined : lastBootFailure(log);
  // Of the oldest start the beginning, with its clock, may be overwritten.
  const starts = log?.starts.filter(({ at }) => at !== undefined) ?? [];
  return {
    starts: starts.map(({ at, launched, failures, outcome }) => {
      const last = launched.at(-1);
      const path = last?.path ?? failures.findLast((one) => one.path !== undefined)?.path;
      return {
        at: at ?? null,
        entry: last === undefined ? null : `{${last.entry.toLowerCase()}}`,
        path: path ?? null,
        outcome,
      };
    }),
    lastFailure:
      failure === undefined ? null : { at: failure.at ?? null, status: failure.status, path: failure.path ?? null },
  };
}

/**
 * The causes in the light of the last recorded failure, when nothing was started after it: one that shows the same code
 * is as good as proven by it; where none explains it, the failure stands by itself.
 */
export function withBootLog(causes: readonly CauseReport[], subject: DiskSubject): CauseReport[] {
  const used = usedBootLog(subject);
  const failure = used?.log === undefined ? undefined : lastBootFailure(used.log);
  if (used === undefined || failure?.newest !== true) return [...causes];
  const { status, at, path } = failure;
  const explains = ({ severity, codes, phase }: CauseReport): boolean =>
    severity !== 'none' && (BEFORE_KERNEL.has(phase) || phase === 'kernel') && codes.includes(status);
  if (causes.some(explains)) return causes.map((cause) => (explains(cause) ? raised(cause) : cause));
  // Something else that ends the start before the kernel runs may have shown that code, whatever its kind says.
  if (
    causes.some(
      ({ severity, confidence, phase }) => severity === 'act' && confidence === 'proves' && BEFORE_KERNEL.has(phase),
    )
  )
    return [...causes];
  const found: FoundCause = speaksFor('boot-log-failure', {
    volume: used.volume,
    codes: [status],
    data: { status, at: at ?? null, path: path ?? null, log: used.path },
  });
  return [...causes, reportedCause(found)];
}

/**
 * Phases in which the boot manager shows the failure. The loader reads the boot-start drivers as well, whose causes are
 * the kernel's.
 */
const BEFORE_KERNEL: ReadonlySet<string> = new Set(['image', 'disk', 'firmware', 'boot-manager', 'loader']);

function raised(cause: CauseReport): CauseReport {
  const confidence = cause.confidence === 'hint' ? 'strong' : 'proves';
  return { ...cause, confidence, data: { ...cause.data, inBootLog: true } };
}
