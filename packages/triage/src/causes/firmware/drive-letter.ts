import { concatBytes, type Evidence, parseGuid, type ReadOptions, survive, toHex } from '@deadbox/core';
import type { Partition } from '@deadbox/partitions';
import type { MountedDevice } from '@deadbox/windows';
import type { RepairRequest } from '../../report/repair-request.js';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { VolumeSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { fileEvidence, speaksFor } from '../disk-cause.js';

/** Length of the data of a record: disk signature and offset, or a GUID behind eight bytes of text. */
const RECORD_BYTES = { mbr: 12, gpt: 24 } as const;

/** Whether the letter that Windows was installed to is still its volume's: its own paths begin with it. */
export const DRIVE_LETTER: DiskDetector = {
  causes: ['drive-letter-moved'],
  async detect(subject, options) {
    const found: FoundCause[] = [];
    for (const installation of subject.installations) found.push(...(await moved(subject, installation, options)));
    return found;
  },
};

async function moved(subject: DiskSubject, installation: VolumeSubject, options: ReadOptions): Promise<FoundCause[]> {
  const { machine, volume, root } = installation;
  const systemRoot = machine?.machine.product?.systemRoot;
  const letter = /^([A-Z]):\\/i.exec(systemRoot ?? '')?.[1]?.toUpperCase();
  // A letter without a record is given anew.
  const record = machine?.machine.mountedDevices.find(({ drive }) => drive === letter);
  if (letter === undefined || record === undefined) return [];
  const target = elsewhere(subject, volume.partition, record);
  if (target === undefined) return [];
  const data = { letter, systemRoot: systemRoot ?? null, key: record.name, partition: target };
  const evidence = await recordEvidence(installation, record, options);
  const requests = requestOf(subject, installation, record);
  return [
    { ...speaksFor('drive-letter-moved', { volume: volume.number, data, evidence, requests }), installation: root },
  ];
}

/**
 * The partition that a record names, where that is another one of this disk. Records of other disks say nothing: a
 * restored or cloned disk has some, and Windows gives their letters anew.
 */
function elsewhere({ disk }: DiskSubject, own: Partition | undefined, { target }: MountedDevice): string | undefined {
  if (own === undefined) return undefined;
  if (target.kind === 'gpt')
    return target.partitionId !== own.id && disk.table.partitions.some(({ id }) => id === target.partitionId)
      ? target.partitionId
      : undefined;
  if (target.kind !== 'mbr' || target.diskSignature !== disk.table.diskId) return undefined;
  return target.partitionOffset === own.offset ? undefined : `${target.diskSignature} ${target.partitionOffset}`;
}

/** The record as it would name the volume of Windows. */
function requestOf(
  { disk }: DiskSubject,
  { volume, root }: VolumeSubject,
  { name, target }: MountedDevice,
): RepairRequest[] {
  const own = volume.partition;
  if (own?.id === undefined || (target.kind !== 'gpt' && target.kind !== 'mbr')) return [];
  const bytes =
    target.kind === 'gpt'
      ? concatBytes([asciiBytes('DMIO:ID:'), parseGuid(own.id)])
      : mbrRecord(Number.parseInt(disk.table.diskId ?? '0', 16), own.offset);
  const path = `${root}/System32/config/SYSTEM`;
  const place = { volume: volume.number, path, key: 'MountedDevices', value: name };
  return [{ operation: 'set-registry-value', ...place, to: toHex(bytes) }];
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function mbrRecord(signature: number, offset: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(RECORD_BYTES.mbr));
  bytes.setUint32(0, signature, true);
  bytes.setBigUint64(4, BigInt(offset), true);
  return new Uint8Array(bytes.buffer);
}

/** The record in the file of the SYSTEM hive. */
async function recordEvidence(
  { tree, root, volume }: VolumeSubject,
  { fileOffset, name, target }: MountedDevice,
  options: ReadOptions,
): Promise<Evidence[]> {
  if (target.kind === 'device') return [];
  const length = RECORD_BYTES[target.kind];
  return survive<Promise<Evidence[]>, Evidence[]>(
    async () => {
      const file = await tree.lookup(`${root}/System32/config/SYSTEM`, options);
      const content = await file?.stream('', options);
      return content === undefined
        ? []
        : fileEvidence(volume, content, `record of ${name}`, fileOffset, length, options);
    },
    () => [],
    options,
  );
}
