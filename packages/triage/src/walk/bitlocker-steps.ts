import { Cursor } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import {
  bitLockerRun,
  DATASET_HEADER,
  METADATA_BLOCK_HEADER,
  VOLUME_HEADER,
  VOLUME_IDENTIFIER,
} from '@deadbox/encryption/internals';
import { pointer, type Trail, term } from './trail.js';

const SECTOR_BYTES = 512;
const METADATA_SHOWN = METADATA_BLOCK_HEADER.size + DATASET_HEADER.size;

/** The steps from a BitLocker volume's first sector to the start of what it encrypts. */
export async function bitLockerSteps(trail: Trail, volume: Volume): Promise<void> {
  const facts = volume.encryption.bitlocker;
  const copy = facts?.copies.find(({ used }) => used) ?? facts?.copies[0];
  const metadata = copy?.offset;
  const identifier = await identifierAt(volume, trail);
  await trail.add({
    id: 'bitlocker-header',
    data: { volume: volume.number },
    source: volume.source,
    offset: 0,
    length: SECTOR_BYTES,
    tables: [
      { table: VOLUME_HEADER, at: 0 },
      ...(identifier === undefined ? [] : [{ table: VOLUME_IDENTIFIER, at: identifier }]),
    ],
    keys: ['identifier', 'metadataOffset1'],
    ...(metadata === undefined
      ? {}
      : { next: pointer('disk', term('volume-start', volume.offset), term('metadata-offset', metadata)) }),
  });
  if (metadata === undefined) return;
  const unlocked = volume.unlock?.unlocked === true ? volume.unlock : undefined;
  const run = unlocked && bitLockerRun(unlocked.source, 0, SECTOR_BYTES);
  await trail.add({
    id: 'bitlocker-metadata',
    data: {
      method: volume.encryption.method ?? null,
      protector: unlocked?.usedProtector?.type ?? null,
      key: unlocked?.usedKey ?? null,
      locked: unlocked === undefined,
    },
    source: volume.source,
    offset: metadata,
    length: METADATA_SHOWN,
    tables: [
      { table: METADATA_BLOCK_HEADER, at: 0 },
      { table: DATASET_HEADER, at: METADATA_BLOCK_HEADER.size },
    ],
    keys: ['headerOffset', 'method'],
    ...(run === undefined
      ? {}
      : { next: pointer('disk', term('volume-start', volume.offset), term('moved-start', run.storedAt)) }),
  });
}

/** Where the GUID of a BitLocker volume stands in its first sector. */
async function identifierAt(volume: Volume, { options }: Trail): Promise<number | undefined> {
  const head = new Cursor(await volume.source.read(0, SECTOR_BYTES, options), 'volume');
  const known = VOLUME_IDENTIFIER.fields.identifier.options.values ?? {};
  return [160, 424].find((at) => Object.hasOwn(known, head.guid(at)));
}
