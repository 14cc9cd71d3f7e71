import { describeImage, describeTable, describeVolume, type VolumeInfo } from '@deadbox/disk';
import { renderInfo } from '@deadbox/report';
import { refineVolumeRole } from '@deadbox/triage';
import { EXIT } from '../exit-code.js';
import { openTarget } from '../open-target.node.js';
import type { CommonOptions } from '../options.js';
import { Output } from '../output.node.js';
import { textOptions } from '../show.node.js';

/** Shows container, partition table and volumes. */
export async function infoVerb(name: string, options: CommonOptions, signal: AbortSignal): Promise<number> {
  const target = await openTarget(name, options, { signal });
  try {
    const volumes: VolumeInfo[] = [];
    for (const volume of target.disk.volumes) {
      await refineVolumeRole(volume, { signal });
      volumes.push(await describeVolume(volume, { signal }));
    }
    const info = { schema: 'deadbox.info/1' as const, image: describeImage(target.disk), disk: describeTable(target.disk), volumes };
    const output = new Output(options.output);
    if (options.ndjson === true) output.write(`${JSON.stringify(info)}\n`);
    else if (options.json === true) output.write(`${JSON.stringify(info, undefined, 2)}\n`);
    else output.write(renderInfo(info, textOptions(options, output)));
    output.close();
    return EXIT.ok;
  } finally {
    await target.close();
  }
}
