import { describeStat } from '@deadbox/disk';
import { statPage } from '@deadbox/report';
import { EXIT } from '../exit-code.js';
import { chooseTree } from '../input/choose-volume.node.js';
import { findFile } from '../input/find-file.node.js';
import { openTarget } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';

/** Shows one file in full. */
export async function statVerb(name: string, path: string, options: CommonOptions, session: Session): Promise<number> {
  const reading = { signal: session.signal };
  const target = await openTarget(name, options, session);
  try {
    const { volume, tree } = await chooseTree(target.disk, options.volume, reading);
    const file = await findFile(tree, path, reading, options.follow === true);
    const stat = await describeStat(volume, file, reading);
    await withOutput(session.output(options), (output) => {
      if (options.ndjson === true || options.json === true) output.writeJson(stat, options.ndjson === true);
      else output.write(writerFor(options, output)(statPage(stat, session.pageOptions(options))));
    });
    return EXIT.ok;
  } finally {
    await target.close();
  }
}
