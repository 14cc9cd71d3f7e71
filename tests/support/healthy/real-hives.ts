import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { corpusFolder } from '../corpus.js';
import type { WindowsKind } from './windows-files.js';

/** A SYSTEM hive of a real machine, and the disk that its drive letters name. */
export interface RealHive extends WindowsKind {
  readonly file: string;
  /** Where the machine's C: lay: by GUID on a GPT disk, by signature and offset on an MBR disk. */
  readonly place:
    | { readonly firmware: 'uefi'; readonly partitionId: string }
    | { readonly firmware: 'bios'; readonly signature: number; readonly offset: number };
}

/** The hives of the corpus that are whole machines; builds by their own CSDBuildNumber and CloneTag. */
export const REAL_HIVES: Readonly<Record<string, RealHive>> = {
  'Windows 7': {
    file: 'hives/win-system-regipy.hiv.gz',
    build: 7601,
    revision: 17514,
    narrow: true,
    place: { firmware: 'bios', signature: 0x5cbea03e, offset: 1_048_576 },
  },
  'Windows 8.1': {
    file: 'artifacts/hive/win10-2015-system-dirty-no-log.gz',
    build: 9600,
    revision: 16384,
    narrow: false,
    place: { firmware: 'bios', signature: 0x273e4cfe, offset: 368_050_176 },
  },
  'Windows 10, upgraded several times': {
    file: 'hives/win10-1709-system.hiv.gz',
    build: 18362,
    revision: 720,
    narrow: false,
    place: { firmware: 'bios', signature: 0xdf4546ae, offset: 525_336_576 },
  },
  'Windows 10 of one installation': {
    file: 'hives/win-system-dissect.hiv.gz',
    build: 19041,
    revision: 1288,
    narrow: false,
    place: { firmware: 'uefi', partitionId: '1E178D94-4F79-41E9-865D-2E5B4328CD23' },
  },
};

/**
 * The hive as it would lie on a disk that was shut down: both sequence numbers equal, the checksum of the base block
 * right.
 */
export function realHive({ file }: RealHive): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(gunzipSync(readFileSync(join(corpusFolder(), file))));
  const view = new DataView(bytes.buffer);
  view.setUint32(8, view.getUint32(4, true), true);
  let sum = 0;
  for (let at = 0; at < 508; at += 4) sum ^= view.getUint32(at, true);
  view.setUint32(508, (sum === 0 ? 1 : sum === -1 ? -2 : sum) >>> 0, true);
  return bytes;
}
