import type { Disk } from '@deadbox/disk';
import { errorPhrase, formatSize, type VerboseWords } from '@deadbox/report/internals';
import type { ImageReport } from '@deadbox/triage';
import { usageError } from '../exit-code.js';
import type { CommonOptions } from '../options.js';
import { loadHelpWords } from '../output/language.node.js';
import type { ReadCounter } from './read-counter.js';
import type { GivenKeys } from './secrets.node.js';
import type { Session } from './session.node.js';

/** What `--verbose` says of what was opened: the container with its chain, and every volume. */
export async function sayOpened({ name, image, table, volumes, issues }: Disk, session: Session): Promise<void> {
  const words = await wordsOf(session);
  session.say(
    words.image({
      name,
      format: `${image.format} (${image.variant})`,
      size: formatSize(image.size),
      table: table.kind,
      parents: image.parents.map((parent) => parent.name),
    }),
  );
  for (const { number, role, fileSystem, offset, encryption } of volumes)
    session.say(words.volume({ number, role, fileSystem, offset, encryption: encryption.verdict }));
  for (const [code, count] of issues.counts) session.say(words.survived(name, code, count));
}

/** The same of a report: how far each source of it could be read. */
export async function sayReport({ installations }: ImageReport, session: Session): Promise<void> {
  const words = await wordsOf(session);
  for (const { root, sources } of installations)
    for (const { path, state } of sources) session.say(words.source({ root, path, state }));
}

/** The same of what was read. */
export async function sayRead({ files }: ReadCounter, session: Session): Promise<void> {
  const words = await wordsOf(session);
  for (const { name, size, reads, bytes } of files)
    session.say(words.read({ name, size: formatSize(size), reads, bytes: formatSize(bytes) }));
}

/** Says, whatever else is not said, what was only opened because the user insisted. */
export function sayForced({ issues, name }: Disk, session: Session): void {
  const { notices } = session.language;
  for (const { code, at, data } of issues.issues) {
    const layer = at?.layer ?? name;
    const { parent, recorded } = data;
    if (code === 'image.parent-not-verified' && typeof parent === 'string')
      session.say(notices.chainForced(layer, parent));
    if (code === 'image.part-missing' && typeof recorded === 'string')
      session.say(notices.openedIncomplete(layer, recorded));
  }
}

/** Says that an archive has other disks, too, unless one of them was asked for. */
export async function checkDisk(
  { image, name, close }: Disk,
  { disk, quiet }: CommonOptions,
  session: Session,
): Promise<void> {
  const { archive } = image.details as { archive?: { disk: string; number: number; disks: string[] } };
  if (archive === undefined && disk !== undefined && disk > 1) {
    await close();
    throw usageError('no-such-disk', { image: name, number: disk, disks: [] });
  }
  if (archive === undefined || archive.disks.length < 2 || disk !== undefined || quiet === true) return;
  const { number, disks, disk: recorded } = archive;
  session.say(session.language.notices.oneDiskOf({ machine: name, disk: number, disks: disks.length, recorded }));
}

/** Says which locked volumes refused the keys, and which keys nobody needed. */
export function sayKeyOutcomes(disk: Disk, keys: GivenKeys, session: Session): void {
  const { notices } = session.language;
  const needed = new Set<string>();
  for (const { number, unlock } of disk.volumes) {
    if (unlock === undefined) continue;
    for (const { label, outcome } of unlock.attempts)
      if (outcome !== 'no-protector' && outcome !== 'not-tried') needed.add(label);
    if (!unlock.unlocked) session.say(notices.volumeRefused(number, errorPhrase(unlock.error, session.reader)));
  }
  const isNeeded = (label: string): boolean =>
    needed.has(label) || [...needed].some((key) => key.startsWith(`${label} `));
  const unneeded = keys.labels.filter((label) => !isNeeded(label));
  if (unneeded.length > 0) session.say(notices.notNeeded(unneeded, disk.name));
}

async function wordsOf({ language }: Session): Promise<VerboseWords> {
  return (await loadHelpWords(language.code)).verbose;
}
