import type { Obstacle } from '@deadbox/triage';
import { escapeText } from './escape.js';

/** Effect and advice of each obstacle id, in the operator's words. */
const WORDS: Readonly<Record<string, { effect: string; advice: string }>> = {
  'bitlocker-clear-key': {
    effect:
      'Encrypted by BitLocker with its key in the clear (protection suspended or waiting for activation): Windows opens it without asking, Linux shows nothing.',
    advice: 'deadbox reads it without a key.',
  },
  'wrong-partition': {
    effect:
      'A healthy NTFS volume without Windows lies before the Windows volume: mounting "the first partition" shows no C:\\Windows.',
    advice: 'Use the volume that this report names.',
  },
  'dirty-log': {
    effect:
      'The NTFS journal was not replayed, which is normal after a crash: Linux drivers may refuse to mount the volume, or mount it read-only.',
    advice: 'deadbox reads it as it is; the newest changes may be only in the journal.',
  },
  hibernated: {
    effect: 'Windows is hibernated or was shut down with fast startup: Linux drivers refuse to mount the volume.',
    advice: 'deadbox reads it; changes that are only in the memory image are missing. Never write to such a volume.',
  },
  'differencing-without-parent': {
    effect: 'The image is one link of a chain, and its parent is not there: alone it is half old, half missing.',
    advice: 'Put the parent beside it, or name it with --parent FILE.',
  },
  'vhdx-log': {
    effect:
      "The image's own log was not replayed: its host died with the disk open, and tools that ignore the log see stale or missing data.",
    advice: 'deadbox replayed it in memory; the image was not changed.',
  },
  'dynamic-disk': {
    effect: 'A dynamic disk (LDM): other systems see one partition that cannot be mounted.',
    advice: 'Simple volumes can be read where their place is known; spanned and striped ones need all their disks.',
  },
  'storage-spaces': {
    effect: 'Part of a Storage Spaces pool: no file system is visible outside Windows.',
    advice: 'Attach all disks of the pool to a Windows.',
  },
  refs: {
    effect: 'ReFS, for which Linux has no driver. Windows system volumes are almost never ReFS.',
    advice: 'Look for the system volume elsewhere, or attach the disk to a Windows.',
  },
  wof: {
    effect:
      'System files are compressed by CompactOS (WOF): Linux shows them with the right size but as zeros or as unsupported links.',
    advice: 'deadbox expands them.',
  },
  dedup: {
    effect: 'Data Deduplication is in use: deduplicated files read as zeros elsewhere.',
    advice: 'Read them through Windows, or through deadbox where their chunks allow it.',
  },
  'cloud-placeholder': {
    effect: 'Files of a cloud folder are placeholders: their content is in the cloud, not on this disk.',
    advice: 'Fetch them from the cloud service.',
  },
  link: {
    effect: 'A folder on the way is a junction or symbolic link: it looks empty where links are not followed.',
    advice: 'Follow the target that deadbox stat shows.',
  },
  'case-or-short-name': {
    effect: 'The folder is stored in another upper and lower case than usual: a case-sensitive path does not find it.',
    advice: 'deadbox compares names as Windows does.',
  },
  'snapshot-chain': {
    effect: 'The image is a link in the middle of a snapshot chain: read alone it shows an old state.',
    advice: 'Keep all links together.',
  },
  'sector-size': {
    effect:
      'The disk has 4096-byte sectors, but a raw image does not say so: tools that assume 512 find no partitions.',
    advice: 'Give them the sector size (losetup -b 4096).',
  },
  'damaged-table-or-boot-sector': {
    effect: 'A partition table or boot sector is damaged: other tools find no partition or no file system.',
    advice: 'deadbox used the backup copy where there is one.',
  },
  'bitlocker-leftover': {
    effect:
      'BitLocker headers are left on a volume that was decrypted: Linux calls it BitLocker although nothing is encrypted.',
    advice: 'No key is needed; deadbox reads it.',
  },
  'foreign-volume-manager': {
    effect: 'A volume of another system (Linux LVM, mdraid, ZFS, VMFS): this is not a Windows disk.',
    advice: 'Look for the disk of the virtual machine inside it.',
  },
  'saved-vm-state': {
    effect:
      'A saved memory state lies beside the image: the machine was paused, and its memory holds what the disk does not.',
    advice: 'Shut the machine down properly, or discard the state, before you trust or change the disk.',
  },
  'in-use': {
    effect: 'The image is in use: what was read may be half old, half new.',
    advice: 'Stop the machine or unmount the disk, then scan again.',
  },
  'snapshot-beside': {
    effect: 'A newer snapshot file lies beside this image: this file alone is an old state.',
    advice: 'Scan the newest link of the chain.',
  },
};

/** Why an image is in use, where more is known than a lock file beside it. */
function useWords(data: Obstacle['data']): string {
  if (data.changed === true) return ' It changed while it was read.';
  if (typeof data.mountPoint === 'string') return ` It is mounted read-write at ${escapeText(data.mountPoint)}.`;
  return data.locked === true ? ' A running program holds a lock on it.' : '';
}

/** The commonest reason why a table does not fit its disk: the copy is not whole. */
function cutWords(data: Obstacle['data']): string {
  const cut = Array.isArray(data.issues) && data.issues.includes('partition.outside-disk');
  return cut
    ? ' A partition goes past the end of the image: the image was cut short, so copy it again where that is possible.'
    : '';
}

/** One sentence an obstacle. */
export function obstacleLines(image: { obstacles: readonly Obstacle[] }): string[] {
  return image.obstacles.map((obstacle) => {
    const words = obstacleWords(obstacle);
    const where = obstacle.volume === null ? '' : `Volume ${obstacle.volume}: `;
    const { data } = obstacle;
    const names = [data.files, data.paths, data.parents, data.file, data.path]
      .flat()
      .filter((name): name is string => typeof name === 'string');
    const named = names.length === 0 ? '' : ` (${names.slice(0, 4).map(escapeText).join(', ')})`;
    return `${where}${words.effect}${named}${useWords(data)}${cutWords(data)} ${words.advice}`;
  });
}

/** Effect and advice of one obstacle. */
export function obstacleWords(obstacle: Pick<Obstacle, 'id' | 'effect' | 'advice'>): {
  effect: string;
  advice: string;
} {
  return WORDS[obstacle.id] ?? { effect: obstacle.effect, advice: obstacle.advice };
}
