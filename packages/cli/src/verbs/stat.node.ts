import { describeStat } from '@deadbox/disk';
import { renderStat } from '@deadbox/report';
import { EXIT } from '../exit-code.js';
import { chooseTree } from '../input/choose-volume.node.js';
import { findFile } from '../input/find-file.node.js';
import { openTarget } from '../input/open-target.node.js';
import type { CommonOptions } from '../options.js';
import { Output } from '../output/output.node.js';
import { textOptions } from '../output/show.node.js';

/** Shows one file in full. */
export async function statVerb(
  name: string,
  path: string,
  options: CommonOptions,
  signal: AbortSignal,
): Promise<number> {
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
