import type { FolderReason, Obstacle } from '@deadbox/triage';
import { data, type Phrase, text } from '../document/phrase.js';
import type { Reader } from './page.js';

/** Names shown of the files that an obstacle is about. */
const MAX_NAMES = 4;

/** An obstacle: what it does, what is known of it, and what to do. */
export function obstaclePhrase({ id, volume, data: facts }: Obstacle, reader: Reader): Phrase {
  const { obstacles: words, common } = reader.language;
  const names = [facts.files, facts.paths, facts.parents, facts.file, facts.path]
    .flat()
    .filter((name): name is string => typeof name === 'string')
    .slice(0, MAX_NAMES);
  const cut = Array.isArray(facts.issues) && facts.issues.includes('partition.outside-disk');
  return [
    ...(volume === null ? [] : words.onVolume(volume)),
    ...reader.sentences(
      [
        id === 'snapshot-beside' && typeof facts.unread === 'string'
          ? text(words.mayBeNewer)
          : reader.word(words.effects, id),
        ...(names.length === 0
          ? []
          : [text(common.wordGap), ...common.inParentheses(common.list(names.map((name) => data(name))))]),
      ],
      usePhrase(facts, reader),
      ...folderPhrases(id, facts, reader),
      typeof facts.parts === 'number' ? words.firstOf(facts.parts) : undefined,
      cut ? text(words.cutShort) : undefined,
      // One that a later version found has no advice here.
      Object.hasOwn(words.advice, id) ? text(words.advice[id]) : undefined,
    ),
  ];
}

/** Why a folder was judged by its files, and how many of them could not be read. */
function folderPhrases(
  id: Obstacle['id'],
  { reason, device, unread }: Obstacle['data'],
  { language: { obstacles: words } }: Reader,
): Phrase[] {
  if (id !== 'files-only') return [];
  return [
    words.folderBecause(reason as FolderReason, typeof device === 'string' ? device : undefined),
    ...(typeof unread === 'number' && unread > 0 ? [words.unread(unread)] : []),
  ];
}

/** Why an image is in use, where more is known than a lock file beside it. */
function usePhrase(facts: Obstacle['data'], { language: { obstacles: words } }: Reader): Phrase | undefined {
  if (facts.changed === true) return [text(words.changedWhileRead)];
  if (typeof facts.mountPoint === 'string') return words.mountedAt(facts.mountPoint);
  return facts.locked === true ? [text(words.lockHeld)] : undefined;
}
