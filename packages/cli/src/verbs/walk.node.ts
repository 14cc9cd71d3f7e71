import { walkPage } from '@deadbox/report/internals';
import { walkTo } from '@deadbox/triage/walk';
import { EXIT } from '../exit-code.js';
import { refuseEncryptedContainer } from '../input/choose-volume.node.js';
import { openTarget } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import { walkTarget } from '../input/walk-target.node.js';
import type { CommonOptions } from '../options.js';
import { withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';

/** Options of `deadbox walk`. */
export interface WalkOptions extends CommonOptions {
  readonly all?: boolean;
}

/** Shows the way from the first sector to a file, a registry value, or what proves a cause. */
export async function walkVerb(
  image: string,
  argument: string,
  options: WalkOptions,
  session: Session,
): Promise<number> {
  const reading = { signal: session.signal };
  const target = await openTarget(image, options, session);
  try {
    await refuseEncryptedContainer(target.disk, reading);
    const walk = await walkTo(target.disk, await walkTarget(target.disk, argument, options, reading), reading);
    await withOutput(session.output(options), async (output) => {
      if (options.json === true || options.ndjson === true) return output.writeJson(walk, options.ndjson === true);
      const { walk: words } =
        session.language.code === 'ja'
          ? await import('@deadbox/report/walk/ja')
          : await import('@deadbox/report/walk/en');
      const page = walkPage(walk, { ...session.pageOptions(options), walk: words, all: options.all === true });
      output.write(writerFor(options, output)(page));
    });
    if (walk.end?.code === 'VOLUME_LOCKED') return EXIT.locked;
    return walk.reached ? EXIT.ok : EXIT.notFound;
  } finally {
    await target.close();
  }
}
