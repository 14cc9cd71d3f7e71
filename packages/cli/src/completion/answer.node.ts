import { escapeText } from '@deadbox/report/internals';
import type { Session } from '../input/session.node.js';
import { loadHelpWords } from '../output/language.node.js';
import { Output, withOutput } from '../output/output.node.js';
import { candidatesFor } from './candidates.node.js';

/** Answers a completion script: see completion-scripts.ts. */
export async function answerCompletion(words: readonly string[], session: Session): Promise<void> {
  const help = await loadHelpWords(session.language.code);
  const { files, words: found } = await candidatesFor(words, help, session.signal);
  const lines = [files ? 'files' : 'words', ...found.map(({ value, about }) => `${value}\t${about}`)];
  await withOutput(new Output(undefined, session.inputs), (output) =>
    output.write(lines.map((line) => `${line.split('\t').map(escapeText).join('\t')}\n`).join('')),
  );
}
