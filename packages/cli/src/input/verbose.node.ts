import type { Disk } from '@deadbox/disk';
import { formatSize, type VerboseWords } from '@deadbox/report/internals';
import type { ImageReport } from '@deadbox/triage';
import { loadHelpWords } from '../output/language.node.js';
import type { ReadCounter } from './read-counter.js';
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

async function wordsOf({ language }: Session): Promise<VerboseWords> {
  return (await loadHelpWords(language.code)).verbose;
}
