import { renderStat } from '@deadbox/report';
import { describeStat } from '@deadbox/disk';
import { chooseTree } from '../choose-volume.node.js';
import { EXIT } from '../exit-code.js';
import { findFile } from '../find-file.node.js';
import { openTarget } from '../open-target.node.js';
import type { CommonOptions } from '../options.js';
import { Output } from '../output.node.js';
import { textOptions } from '../show.node.js';

/** Shows one file in full. */
export async function statVerb(name: string, path: string, options: CommonOptions, signal: AbortSignal): Promise<number> {
  const target = await openTarget(name, options, { signal });
  try {
    const { volume, tree } = await chooseTree(target.disk, options.volume, { signal });
    const file = await findFile(tree, path, { signal }, options.follow === true);
    const stat = await describeStat(volume, file, { signal });
    const output = new Output(options.output);
    if (options.ndjson === true) output.write(`${JSON.stringify(stat)}\n`);
    else if (options.json === true) output.write(`${JSON.stringify(stat, undefined, 2)}\n`);
    else output.write(renderStat(stat, textOptions(options, output)));
    output.close();
    return EXIT.ok;
  } finally {
    await target.close();
  }
}
