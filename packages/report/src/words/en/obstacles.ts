import { data, phrase, text } from '../../document/phrase.js';
import type { ObstacleWords } from '../obstacle-words.js';
import { formatCount } from '../units.js';

export const obstacles: ObstacleWords = {
  effects: {
    'bitlocker-clear-key':
      'Encrypted by BitLocker with its key in the clear (protection suspended or waiting for activation): Windows opens it without asking, Linux shows nothing.',
    'wrong-partition':
      'A healthy NTFS volume without Windows lies before the Windows volume: mounting "the first partition" shows no C:\\Windows.',
    'dirty-log':
      'The NTFS journal was not replayed, which is normal after a crash: Linux drivers may refuse to mount the volume, or mount it read-only.',
    hibernated: 'Windows is hibernated or was shut down with fast startup: Linux drivers refuse to mount the volume.',
    'differencing-without-parent':
      'The image is one link of a chain, and its parent is not there: alone it is half old, half missing.',
    'vhdx-log':
      "The image's own log was not replayed: its host died with the disk open, and tools that ignore the log see stale or missing data.",
    'dynamic-disk': 'A dynamic disk (LDM): other systems see one partition that cannot be mounted.',
    'storage-spaces': 'Part of a Storage Spaces pool: no file system is visible outside Windows.',
    'files-only':
      'Only the files of a mounted folder were seen: no deleted files, file records, journal or boot sectors, and no other partition.',
    'optical-disc': 'The image of a CD or DVD (ISO 9660, UDF), not of a disk: no Windows is installed on it.',
    'parts-beside':
      'The disk goes on in other files: with those beside this one that continue its number it is as long as its partition table says.',
    refs: 'ReFS, for which Linux has no driver. Windows system volumes are almost never ReFS.',
    wof: 'System files are compressed by CompactOS (WOF): Linux shows them with the right size but as zeros or as unsupported links.',
    dedup: 'Data Deduplication is in use: deduplicated files read as zeros elsewhere.',
    'cloud-placeholder': 'Files of a cloud folder are placeholders: their content is in the cloud, not on this disk.',
    link: 'A folder on the way is a junction or symbolic link: it looks empty where links are not followed.',
    'case-or-short-name':
      'The folder is stored in another upper and lower case than usual: a case-sensitive path does not find it.',
    'snapshot-chain': 'The image is a link in the middle of a snapshot chain: read alone it shows an old state.',
    'sector-size':
      'The disk has 4096-byte sectors, but a raw image does not say so: tools that assume 512 find no partitions.',
    'damaged-table-or-boot-sector':
      'A partition table or boot sector is damaged: other tools find no partition or no file system.',
    'bitlocker-leftover':
      'BitLocker headers are left on a volume that was decrypted: Linux calls it BitLocker although nothing is encrypted.',
    'foreign-volume-manager': 'A volume of another system (Linux LVM, mdraid, ZFS, VMFS): this is not a Windows disk.',
    'saved-vm-state':
      'A saved memory state lies beside the image: the machine was paused, and its memory holds what the disk does not.',
    'in-use': 'The image is in use: what was read may be half old, half new.',
    'snapshot-beside': 'A newer snapshot file lies beside this image: this file alone is an old state.',
  },
  advice: {
    'bitlocker-clear-key': 'deadbox reads it without a key.',
    'wrong-partition': 'Use the volume that this report names.',
    'dirty-log': 'deadbox reads it as it is; the newest changes may be only in the journal.',
    hibernated:
      'deadbox reads it; changes that are only in the memory image are missing. Never write to such a volume.',
    'differencing-without-parent': 'Put the parent beside it, or name it with --parent FILE.',
    'vhdx-log': 'deadbox replayed it in memory; the image was not changed.',
    'dynamic-disk':
      'Simple volumes can be read where their place is known; spanned and striped ones need all their disks.',
    'files-only': 'Nothing is called well by files alone: scan the disk, its image or a snapshot where it can be read.',
    'storage-spaces': 'Attach all disks of the pool to a Windows.',
    'optical-disc': 'Scan the disk of the machine.',
    'parts-beside':
      'Join all parts in the order of their numbers into one file (cat on Linux, copy /b on Windows), and scan that.',
    refs: 'Look for the system volume elsewhere, or attach the disk to a Windows.',
    wof: 'deadbox expands them.',
    dedup: 'Read them through Windows, or through deadbox where their chunks allow it.',
    'cloud-placeholder': 'Fetch them from the cloud service.',
    link: 'Follow the target that deadbox stat shows.',
    'case-or-short-name': 'deadbox compares names as Windows does.',
    'snapshot-chain': 'Keep all links together.',
    'sector-size': 'Give them the sector size (losetup -b 4096).',
    'damaged-table-or-boot-sector': 'deadbox used the backup copy where there is one.',
    'bitlocker-leftover': 'No key is needed; deadbox reads it.',
    'foreign-volume-manager': 'Look for the disk of the virtual machine inside it.',
    'saved-vm-state': 'Shut the machine down properly, or discard the state, before you trust or change the disk.',
    'in-use': 'Stop the machine or unmount the disk, then scan again.',
    'snapshot-beside': 'Scan the newest link of the chain.',
  },
  onVolume: (volume) => phrase`Volume ${volume}: `,
  changedWhileRead: 'It changed while it was read.',
  mayBeNewer:
    'A file beside this image may be a newer snapshot of it, and could not be asked: this file alone may be an old state.',
  mountedAt: (mountPoint) => phrase`It is mounted read-write at ${data(mountPoint)}.`,
  lockHeld: 'A running program holds a lock on it.',
  folderBecause: (reason, device) =>
    reason === 'inner-folder'
      ? phrase`The folder is not the root of its volume.`
      : reason === 'device-denied'
        ? phrase`Its device ${data(device ?? '')} may not be read by this user: run the command with sudo.`
        : phrase`No disk that can be read is behind the folder (a network share, a container, a copy).`,
  unread: (count) => phrase`Not readable here: ${text(formatCount(count))} files or folders.`,
  cutShort:
    'A partition goes past the end of the image: the image was cut short, so copy it again where that is possible.',
  firstOf: (parts) => phrase`It looks like part 1 of ${text(formatCount(parts))}.`,
};
