import { readInto } from '@deadbox/core';
import { EXIT, UsageError } from '../exit-code.js';
import { chooseTree } from '../choose-volume.node.js';
import { findFile } from '../find-file.node.js';
import { splitStream } from '../image-path.js';
import { openTarget } from '../open-target.node.js';
import type { CommonOptions } from '../options.js';
import { Output } from '../output.node.js';
import { Progress } from '../progress.node.js';

const PIECE = 4 << 20;

/** Writes the content of one file or stream. */
export async function catVerb(name: string, argument: string, options: CommonOptions, signal: AbortSignal): Promise<number> {
  const target = await openTarget(name, options, { signal });
  try {
    const { tree } = await chooseTree(target.disk, options.volume, { signal });
    const { path, stream } = splitStream(argument);
    const file = await findFile(tree, path, { signal });
    if (file.type === 'directory' && stream === '') throw new UsageError(`${argument} is a directory; deadbox ls lists it`);
    const source = await file.stream(stream, { signal });
    const output = new Output(options.output);
    const progress = new Progress(argument, options.quiet !== true && options.progress !== false && !output.isTerminal);
    const buffer = new Uint8Array(Math.min(PIECE, source.size));
    for (let at = 0; at < source.size; at += buffer.length) {
      const piece = at + buffer.length > source.size ? buffer.subarray(0, source.size - at) : buffer;
      await readInto(source, at, piece, { signal });
      output.writeBytes(piece);
      progress.update(at + piece.length, source.size);
    }
    progress.end();
    output.close();
    return EXIT.ok;
  } finally {
    await target.close();
  }
}
