import type { Disk } from '@deadbox/disk';
import { formatSize, type VerboseWords } from '@deadbox/report/internals';
import type { ImageReport } from '@deadbox/triage';
import type { ReadCounter } from './read-counter.js';
import type { Session } from './session.node.js';

/** What `--verbose` says of what was opened: the container with its chain, and every volume. */
export function sayOpened({ name, image, table, volumes, issues }: Disk, session: Session): void {
  const words: VerboseWords = session.language.runs.verbose;
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
export function sayReport({ installations }: ImageReport, session: Session): void {
  for (const { root, sources } of installations)
    for (const { path, state } of sources) session.say(session.language.runs.verbose.source({ root, path, state }));
}

/** The same of what was read. */
export function sayRead({ files }: ReadCounter, session: Session): void {
  for (const { name, size, reads, bytes } of files)
    session.say(session.language.runs.verbose.read({ name, size: formatSize(size), reads, bytes: formatSize(bytes) }));
}
