import type { Evidence, Json, ReadOptions } from '@deadbox/core';
import type { RegistryKey } from '@deadbox/windows';
import { programPaths } from '@deadbox/windows/internals';
import type { KnownCauseId } from '../../cause-kinds/cause-kinds.js';
import { showsValues, valueEvidence } from '../../drivers/hive-evidence.js';
import type { RepairRequest } from '../../report/repair-request.js';
import type { DoubtReason } from '../../subject/doubts.js';
import type { CheckedFile } from '../../subject/file-state.js';
import { type HiveName, type InstallationSubject, volumeNumber } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';

/** Bytes of a key's record that tell which key it is. */
const KEY_RECORD_BYTES = 80;
/** Evidence shows the beginning of long data. */
const MAX_SHOWN = 64;

/** A cause of this installation. */
export function foundIn(
  subject: InstallationSubject,
  id: KnownCauseId,
  finding: Omit<FoundCause, 'id' | 'volume' | 'installation'>,
): FoundCause {
  return { id, volume: volumeNumber(subject), installation: subject.root, ...finding };
}

/** Asks for a number of the SYSTEM hive to be set. */
export function setNumber(subject: InstallationSubject, key: string, value: string, to: number): RepairRequest {
  const path = `${subject.root}/System32/config/SYSTEM`;
  return {
    operation: 'set-registry-value',
    volume: volumeNumber(subject),
    path,
    key: key.replace(/^\\/, ''),
    value,
    to,
  };
}

/** The bytes of a value of `key`, or of the key itself where it has no such value or `name` is `null`. */
export async function registryEvidence(
  subject: InstallationSubject,
  hive: HiveName,
  key: RegistryKey,
  name: string | null,
  options: ReadOptions,
): Promise<readonly Evidence[]> {
  if (!(await showsValues(subject, options))) return [];
  const value = name === null ? undefined : await key.value(name);
  if (value === undefined)
    return valueEvidence(subject, hive, { name: key.path, fileOffset: key.fileOffset }, options, KEY_RECORD_BYTES);
  const place = { name: `${key.path}\\${value.name}`, fileOffset: value.dataFileOffset };
  return valueEvidence(subject, hive, place, options, Math.max(1, Math.min(value.size, MAX_SHOWN)));
}

/** The letter that Windows gave its own volume, as SOFTWARE tells it. */
export function systemDrive({ machine }: InstallationSubject): string {
  return /^([a-z]):/i.exec(machine?.machine.product?.systemRoot ?? '')?.[1]?.toUpperCase() ?? 'C';
}

/** Build of Windows; `undefined` where SOFTWARE does not tell. */
export function buildOf({ machine }: InstallationSubject): number | undefined {
  return machine?.machine.product?.build;
}

/**
 * What became of a program: `elsewhere` on another volume, or no path that could be understood; `unknown` where the way
 * to it is damaged.
 */
export interface ProgramState {
  readonly state: 'good' | 'absent' | 'bad' | 'elsewhere' | 'unknown';
  /** Where it lies, or would lie. */
  readonly path: string;
  /** The file on the ladder; absent for `elsewhere`. */
  readonly file?: CheckedFile;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
/** Folders of `Path` as Windows sets it up, below System32. */
const ALSO_SEARCHED: readonly string[] = ['Wbem', 'WindowsPowerShell/v1.0', 'OpenSSH'];

/** Looks for the program of a command line, in the places where Windows would find it. */
export async function findProgram(
  subject: InstallationSubject,
  command: string,
  options: ReadOptions,
): Promise<ProgramState> {
  const paths = programPaths(command, subject.root, systemDrive(subject));
  const [first] = paths;
  // For a bare name two of them stand on the way; the shell of a server core is often one of the others.
  if (first !== undefined && paths.length > 1 && first === `${subject.root}/System32/${nameOf(first)}`)
    paths.push(...ALSO_SEARCHED.map((folder) => `${subject.root}/System32/${folder}/${nameOf(first)}`));
  const files = await subject.files.checkAll(paths, 'presence', options);
  const there = files.find(({ state }) => state !== 'absent') ?? files[0];
  if (there === undefined) return { state: 'elsewhere', path: command };
  const { path, state } = there;
  if (files.some((file) => file.state === 'unreadable')) return { state: 'unknown', path, file: there };
  return { state: state === 'good' || state === 'absent' ? state : 'bad', path, file: there };
}

/** Notes that so much is missing from System32 that no single file of it can be called the cause. */
export function doubtPartial({ doubts, root }: InstallationSubject, id: KnownCauseId, missing: number): void {
  doubts.add([id], { path: `${root}/System32`, reason: 'windows-incomplete', missing });
}

/** Notes that a file could not be judged. @param reason - as the ladder gives it */
export function doubtFile(subject: InstallationSubject, id: KnownCauseId, path: string, reason?: Json): void {
  const known: DoubtReason = reason === 'too-many' ? reason : 'unreadable';
  subject.doubts.add([id], { path, reason: known });
}
