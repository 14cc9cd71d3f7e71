import { type Bytes, type MaybePromise, readInto } from '@deadbox/core';
import { EXIT, usageError } from '../exit-code.js';
import { chooseTree } from '../input/choose-volume.node.js';
import { findFile } from '../input/find-file.node.js';
import { splitStream } from '../input/image-path.js';
import { openTarget } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { copySource } from '../output/copy-source.node.js';
import { SparseWriter } from '../output/sparse-writer.node.js';
import { isTerminal } from '../output/standard-streams.node.js';

/** Writes the content of one file or stream. */
export async function catVerb(
  name: string,
  argument: string,
  options: CommonOptions,
  session: Session,
): Promise<number> {
  const reading = { signal: session.signal };
  const target = await openTarget(name, options, session);
  try {
    const { tree } = await chooseTree(target.disk, options.volume, reading);
    const { path, stream } = splitStream(argument);
    const file = await findFile(tree, path, reading, options.follow === true);
    if (file.type === 'directory' && stream === '') throw usageError('is-directory', { path: argument });
    const source = await file.stream(stream, reading);
    const output = options.output ?? '-';
    const writer = new SparseWriter(output, source.size, session.inputs);
    const toTerminal = output === '-' && isTerminal(1);
    const progress = session.progressOf(argument, toTerminal ? { ...options, quiet: true } : options);
    const read = (offset: number, piece: Bytes): MaybePromise<number> => {
      const reads = readInto(source, offset, piece, reading);
      return reads instanceof Promise ? reads.then(() => 0) : 0;
    };
    try {
      await copySource(source, writer, read, progress, session.signal, true);
    } finally {
      progress.end();
      writer.discard();
    }
    return EXIT.ok;
  } finally {
    await target.close();
  }
}
