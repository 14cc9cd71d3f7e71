import { isZero, KIB, type ReadOptions, SECTOR } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import { NtfsFile } from '@deadbox/ntfs';
import { VOLUME_BOOT_BYTES, volumeBoot } from '@deadbox/partitions/internals';
import type { DiskSubject } from '../../subject/disk-subject.js';
import type { CheckedFile } from '../../subject/file-state.js';
import type { FoundCause } from '../cause.js';
import type { DiskDetector } from '../detector.js';
import { proves } from '../disk-cause.js';
import { activeVolume, isBiosDisk } from './start-disk.js';

const PATH = '/bootmgr';
/** `$DATA`. */
const DATA_ATTRIBUTE = 0x80;
const WOF_TAG = 0x8000_0017;

/** The boot manager of a BIOS start, in the root of the active volume. */
export const BOOTMGR: DiskDetector = {
  causes: ['bootmgr-missing', 'bootmgr-compressed'],
  async detect(subject, options) {
    const volume = (await isBiosDisk(subject, options)) ? activeVolume(subject) : undefined;
    if (volume === undefined || volume.locked || (await startsOlder(volume, options))) return [];
    const files = await subject.files(volume, options);
    // A volume of another system has another boot manager; one that cannot be read says nothing.
    if (files === undefined) return [];
    const file = await files.check(PATH, 'presence', options);
    if (file.state === 'unreadable') {
      subject.doubts.add(['bootmgr-missing', 'bootmgr-compressed'], { path: PATH, ...file.data });
      return [];
    }
    if (file.state !== 'good') return [await missing(subject, volume, file, options)];
    const found = await compressed(volume, file, options);
    if (found.length > 0 || !(await isBlank(file, options))) return found;
    return [await missing(subject, volume, { ...file, state: 'zeros' }, options)];
  },
};

/** Code of Windows 2000 to 2003 loads no `bootmgr`. */
async function startsOlder(volume: Volume, options: ReadOptions): Promise<boolean> {
  if (volume.source.size < SECTOR) return false;
  return (
    volumeBoot(await volume.source.read(0, Math.min(VOLUME_BOOT_BYTES, volume.source.size), options)).code === 'ntldr'
  );
}

async function missing(
  subject: DiskSubject,
  volume: Volume,
  file: CheckedFile,
  options: ReadOptions,
): Promise<FoundCause> {
  const data = { path: file.path, state: file.state, copy: await copyOf(subject, options) };
  return proves('bootmgr-missing', { volume: volume.number, data, evidence: await file.evidence(options) });
}

/** Where else on the disk the same file lies whole. */
async function copyOf(subject: DiskSubject, options: ReadOptions): Promise<string | null> {
  for (const { files, root } of subject.installations) {
    const copy = await files.check(`${root}/Boot/PCAT/bootmgr`, 'presence', options);
    if (copy.state === 'good') return copy.path;
  }
  return null;
}

/** The file begins with code for a BIOS, so that only its being blank can be told. */
async function isBlank({ file }: CheckedFile, options: ReadOptions): Promise<boolean> {
  const content = await file?.stream(undefined, options);
  return content !== undefined && isZero(await content.read(0, Math.min(64 * KIB, content.size), options));
}

async function compressed(volume: Volume, checked: CheckedFile, options: ReadOptions): Promise<FoundCause[]> {
  const { file } = checked;
  if (!(file instanceof NtfsFile)) return [];
  const content = file.attributes.find(({ type, name }) => type === DATA_ATTRIBUTE && name === '');
  const by = file.reparseTag === WOF_TAG ? 'wof' : content?.compressed === true ? 'ntfs' : undefined;
  if (by === undefined) return [];
  const data = { path: checked.path, by };
  return [proves('bootmgr-compressed', { volume: volume.number, data, evidence: await checked.evidence(options) })];
}
