import { type Bytes, type MaybePromise, readInto } from '@deadbox/core';
import { EXIT, UsageError } from '../exit-code.js';
import { chooseTree } from '../input/choose-volume.node.js';
import { findFile } from '../input/find-file.node.js';
import { splitStream } from '../input/image-path.js';
import { openTarget } from '../input/open-target.node.js';
import type { CommonOptions } from '../options.js';
import { copySource } from '../output/copy-source.node.js';
import { Progress } from '../output/progress.node.js';
import { SparseWriter } from '../output/sparse-writer.node.js';

/** Writes the content of one file or stream. */
export async function catVerb(
  name: string,
  argument: string,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<number> {
  const target = await openTarget(name, options, { signal });
  try {
    const { tree } = await chooseTree(target.disk, options.volume, { signal });
    const { path, stream } = splitStream(argument);
    const file = await findFile(tree, path, { signal }, options.follow === true);
    if (file.type === 'directory' && stream === '')
      throw new UsageError(`${argument} is a directory; deadbox ls lists it`);
    const source = await file.stream(stream, { signal });
    const output = options.output ?? '-';
    const writer = new SparseWriter(output, source.size);
    const toTerminal = output === '-' && process.stdout.isTTY;
    const progress = new Progress(argument, options.quiet !== true && options.progress !== false && !toTerminal);
    const read = (offset: number, piece: Bytes): MaybePromise<number> => {
      const reading = readInto(source, offset, piece, { signal });
      return reading instanceof Promise ? reading.then(() => 0) : 0;
    };
    try {
      await copySource(source, writer, read, progress, signal);
    } finally {
      progress.end();
      writer.close();
    }
    return EXIT.ok;
  } finally {
    await target.close();
  }
}
