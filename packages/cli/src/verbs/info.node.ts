import type { ReadOptions } from '@deadbox/core';
import {
  type Disk,
  describeImage,
  describeTable,
  describeVolume,
  type ImageInfo,
  type Volume,
  type VolumeInfo,
} from '@deadbox/disk';
import { isEwfDisk } from '@deadbox/image';
import { checkVolume, NtfsVolume } from '@deadbox/ntfs';
import { infoPage } from '@deadbox/report';
import { refineVolumeRole } from '@deadbox/triage';
import { EXIT } from '../exit-code.js';
import { openTarget } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';

/** Options of `deadbox info`. */
export interface InfoOptions extends CommonOptions {
  check?: boolean;
}

/** Shows container, partition table and volumes. */
export async function infoVerb(name: string, options: InfoOptions, session: Session): Promise<number> {
  const { signal } = session;
  const target = await openTarget(name, options, session);
  try {
    const volumes: VolumeInfo[] = [];
    for (const volume of target.disk.volumes) {
      await refineVolumeRole(volume, { signal });
      const described = await describeVolume(volume, { signal });
      if (options.check === true && described.ntfs !== undefined) described.check = await checkNtfs(volume, { signal });
      volumes.push(described);
    }
    const info = {
      schema: 'deadbox.info/1' as const,
      image: await describeChecked(target.disk, options, session),
      disk: describeTable(target.disk),
      volumes,
    };
    await withOutput(session.output(options), (output) => {
      if (options.ndjson === true || options.json === true) output.writeJson(info, options.ndjson === true);
      else output.write(writerFor(options, output)(infoPage(info, session.pageOptions(options))));
    });
    return EXIT.ok;
  } finally {
    await target.close();
  }
}

/** The image; with `--check` its stored hashes are compared with its content, where the format stores any. */
async function describeChecked(disk: Disk, options: InfoOptions, session: Session): Promise<ImageInfo> {
  const image = describeImage(disk);
  if (options.check !== true || !isEwfDisk(disk.image)) return image;
  const progress = session.progress('hashes', options);
  const { verdict, hashes } = await disk.image.verify({ signal: session.signal, onProgress: progress.update });
  progress.end();
  return { ...image, hashCheck: { verdict, hashes: hashes.map((hash) => ({ ...hash })) } };
}

/** The health of one NTFS volume as plain data. */
async function checkNtfs(volume: Volume, reading: ReadOptions): Promise<NonNullable<VolumeInfo['check']>> {
  const tree = await volume.fileTree(reading);
  if (!(tree instanceof NtfsVolume)) throw new TypeError('only NTFS volumes are checked');
  const { sound, boot, mirror, records, indexes } = await checkVolume(tree, reading);
  return JSON.parse(JSON.stringify({ sound, boot, mirror, records, indexes })) as NonNullable<VolumeInfo['check']>;
}
