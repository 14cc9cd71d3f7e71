import { defined, type Evidence, type Json, type ReadOptions } from '@deadbox/core';
import type { PlacedNumber } from '@deadbox/windows/internals';
import type { CauseKind } from '../../cause-kinds/cause-kind.js';
import type { KnownCauseId } from '../../cause-kinds/cause-kinds.js';
import type { CauseConfidence } from '../../report/cause-report.js';
import type { RepairRequest } from '../../report/repair-request.js';
import type { Severity } from '../../report/words.js';
import { copyOf } from '../../subject/file-copies.js';
import type { CheckedFile } from '../../subject/file-state.js';
import { type InstallationSubject, volumeNumber } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';

/** How much a finding weighs. */
export interface Weight {
  readonly severity: Severity;
  readonly confidence: CauseConfidence;
}

/** It is proven that Windows does not start. */
export const PROVEN: Weight = { severity: 'act', confidence: 'proves' };
/** Windows most likely does not start. */
export const LIKELY: Weight = { severity: 'act', confidence: 'strong' };
/** Windows may start in spite of it. */
export const SUSPECT: Weight = { severity: 'review', confidence: 'strong' };
/** Worth a look. */
export const POSSIBLE: Weight = { severity: 'review', confidence: 'hint' };
/** Worth knowing. */
export const KNOWN: Weight = { severity: 'none', confidence: 'hint' };

/** A finding about one installation. */
export function foundIn(
  subject: InstallationSubject,
  id: KnownCauseId,
  weight: Weight,
  data: Readonly<Record<string, Json>>,
  evidence: readonly Evidence[] = [],
  repair?: CauseKind['repair'],
): FoundCause {
  const place = { volume: volumeNumber(subject), installation: subject.root };
  return { id, ...weight, ...place, data, evidence, ...defined({ repair, requests: requestsOf(weight, place, data) }) };
}

/** The change in place that a finding asks for: of what only may be wrong, a person decides. */
function requestsOf(
  { severity }: Weight,
  { volume }: { readonly volume: number },
  { hive, key, value, to }: Readonly<Record<string, Json>>,
): readonly RepairRequest[] | undefined {
  if (severity !== 'act' || typeof hive !== 'string' || typeof key !== 'string') return undefined;
  if (typeof value !== 'string' || typeof to !== 'number') return undefined;
  return [{ operation: 'set-registry-value', volume, path: hive, key: key.replace(/^\\/, ''), value, to }];
}

/** A number of the SYSTEM hive that should be another one: the facts that a change in place needs. */
export function numberChange(
  { root }: InstallationSubject,
  { key, name, value, fileOffset }: PlacedNumber,
  to: number | null,
): Record<string, Json> {
  return { hive: `${root}/System32/config/SYSTEM`, key, value: name, found: value, to, fileOffset };
}

/** A finding about a file: its state with the facts and bytes that show it. */
export async function foundFile(
  subject: InstallationSubject,
  id: KnownCauseId,
  weight: Weight,
  file: CheckedFile,
  data: Readonly<Record<string, Json>>,
  options: ReadOptions,
): Promise<FoundCause> {
  const copy = HAS_COPIES.has(id) ? await copyOf(subject, file, options) : {};
  const facts = { path: file.path, state: file.state, ...file.data, ...copy, ...data };
  return foundIn(subject, id, weight, facts, await file.evidence(options));
}

/** Causes that a copy of the file cures. */
const HAS_COPIES: ReadonlySet<KnownCauseId> = new Set([
  'loader-file-bad',
  'core-file-bad',
  'core-file-machine',
  'core-file-version',
  'boot-driver-file-bad',
  'nls-file-bad',
]);

/** Whether the ladder says that a file does harm; what cannot be read is a doubt instead. */
export function isBad({ state }: CheckedFile): boolean {
  return state !== 'good' && state !== 'unreadable';
}

/** Notes a doubt about `causes` for each file that could not be read. */
export function doubtUnreadable(
  subject: InstallationSubject,
  causes: readonly KnownCauseId[],
  files: Iterable<CheckedFile>,
): void {
  for (const { path, state, data } of files)
    if (state === 'unreadable') subject.doubts.add(causes, { path, reason: data.reason ?? 'unreadable' });
}
