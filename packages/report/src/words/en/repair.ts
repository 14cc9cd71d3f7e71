import { code, data, join, phrase, text } from '../../document/phrase.js';
import type { Facts } from '../facts.js';
import type { RepairWords } from '../repair-words.js';

/** `a.sys → a.sy_` of each name that is changed. */
function names(facts: Facts) {
  const list = (facts.value('names') ?? []) as unknown as readonly { readonly from: string; readonly to: string }[];
  return join(
    list.map(({ from, to }) => phrase`${data(from)} → ${data(to)}`),
    ', ',
  );
}

export const repair: RepairWords = {
  planOf: (image) => phrase`Repair of ${image}`,
  nothing: phrase`There is nothing to repair: the scan found nothing that deadbox can mend in place.`,
  unexamined: {
    'blocked-encrypted': phrase`Nothing is planned: encryption keeps the disk's content from being looked at. With the key (${code('--recovery-key -')} and others) ask again; ${code('deadbox scan')} says which one.`,
    unreadable: phrase`Nothing is planned: what may hold the Windows cannot be read. ${code('deadbox scan')} says why.`,
  },
  onlyRefusals: phrase`Nothing is changed: what the scan found cannot be mended safely here.`,
  operations: {
    'neutralise-file': (facts) =>
      phrase`Rename ${facts.show('path')} in place, at equal length (${names(facts)}). Its pattern no longer matches; the content stays.`,
    'blank-content': (facts) =>
      phrase`Overwrite the content of ${facts.show('path')} with zeros (${facts.show('bytes')} bytes). Its name stays.`,
    'restore-disk-identity': (facts) =>
      phrase`Give the disk its former identity back: ${facts.show('from')} becomes ${facts.show('to')}, which ${facts.show('witnesses')} independent places on the disk still name.`,
    'restore-gpt': (facts) =>
      phrase`Write the ${facts.show('to')} partition table anew from the ${facts.show('from')} one.`,
    'restore-boot-signature': () =>
      phrase`Put the signature 55 AA back at the end of the first sector: without it no firmware starts the disk.`,
    'set-partition-entry': (facts) =>
      facts.has('to')
        ? phrase`Change the table's entry of partition ${facts.show('partition')}: ${facts.show('from')} becomes ${facts.show('to')}.`
        : phrase`Clear the attribute bits ${facts.show('bits')} of partition ${facts.show('partition')} in the table.`,
    'set-hidden-sectors': (facts) =>
      phrase`Write into the boot sector where the volume begins: ${facts.show('from')} hidden sectors become ${facts.show('to')}.`,
    'restore-mft-records': (facts) =>
      phrase`Copy the damaged records ${facts.show('records')} of $MFT from $MFTMirr, where they are whole.`,
    'restore-attribute-list': (facts) =>
      phrase`Correct where the attribute list of file record ${facts.show('record')} says that its names stand.`,
    'set-registry-value': (facts) =>
      phrase`Set ${facts.show('value')} in ${facts.show('hive')} (${facts.show('key')}): ${facts.show('from')} becomes ${facts.show('to')}.`,
    'set-boot-element': (facts) =>
      phrase`Set element ${facts.show('element')} of entry ${facts.show('object')} of the boot store ${facts.show('store')}: ${facts.show('from')} becomes ${facts.show('to')}.`,
    'restore-boot-sector': (facts) =>
      phrase`Write the damaged NTFS boot sector anew from the ${facts.show('from')} one.`,
    'restore-mft-mirror': (facts) => phrase`Copy records ${facts.show('records')} of $MFT to $MFTMirr, which differs.`,
    'set-active-partition': (facts) => phrase`Set the active flag of partition ${facts.show('partition')}.`,
    'disable-driver': (facts) =>
      phrase`Disable ${facts.show('name')}: Start ${facts.show('from')} becomes 4 in ${facts.show('hive')} (${facts.show('key')}).`,
    'remove-boot-element': (facts) =>
      phrase`Take element ${facts.show('element')} out of entry ${facts.show('object')} of the boot store ${facts.show('store')}.`,
  },
  names: {
    'neutralise-file': 'renaming the file',
    'blank-content': 'blanking the content',
    'restore-disk-identity': 'restoring the disk identity',
    'restore-gpt': 'restoring the partition table',
    'restore-boot-sector': 'restoring the boot sector',
    'restore-boot-signature': 'restoring the boot signature',
    'set-partition-entry': 'changing the partition entry',
    'set-hidden-sectors': 'setting the hidden sectors',
    'restore-mft-records': 'restoring $MFT',
    'restore-attribute-list': 'correcting the attribute list',
    'set-registry-value': 'setting the registry value',
    'set-boot-element': 'setting the boot element',
    'restore-mft-mirror': 'restoring $MFTMirr',
    'set-active-partition': 'setting the active partition',
    'disable-driver': 'disabling the driver',
    'remove-boot-element': 'changing the boot store',
  },
  refusals: {
    'not-ntfs': () => phrase`the volume is not NTFS. Only NTFS volumes are changed.`,
    locked: () => phrase`the volume is locked. Give its key (--recovery-key).`,
    hibernated: (facts) =>
      phrase`Windows is hibernated on ${facts.has('volume') ? phrase`volume ${facts.show('volume')}` : text('this volume')} or was shut down with fast startup (${facts.show('state')}): it would go on with what it remembers and destroy the change. Start it and shut it down fully (shutdown /s /t 0), or discard the hibernation in its recovery environment.`,
    'log-pending': () =>
      phrase`Windows still has changes in the NTFS journal that touch these bytes, or the journal cannot be read. Let the machine try to start once more (each start replays the journal), then try again.`,
    'file-missing': (facts) => phrase`${facts.show('path')} is not there.`,
    'not-a-plain-file': () => phrase`it is a folder, a link or a compressed system file, not a plain file.`,
    'file-record-damaged': () => phrase`its file record is damaged. Repair the volume with chkdsk first.`,
    'names-disagree': () =>
      phrase`the file record and the index of the folder do not say the same. Repair the volume with chkdsk first.`,
    'hard-links': () => phrase`the file has further names in other folders (hard links). Remove it by hand.`,
    'index-damaged': () => phrase`the index of the folder is damaged. Repair the volume with chkdsk first.`,
    'index-unsorted': () => phrase`the index of the folder is not in order. Repair the volume with chkdsk first.`,
    'no-free-name': (facts) =>
      phrase`no name of equal length keeps ${facts.show('name')} in its place in the index. Remove it by hand.`,
    'mirrored-record': () => phrase`it is a file of the file system itself.`,
    'content-not-stored': () =>
      phrase`its bytes do not lie on the disk as they are read (compressed, sparse or in the record).`,
    'identity-unproven': (facts) =>
      phrase`only ${facts.show('witnesses')} place on the disk names the identity ${facts.show('identity')}; two must agree.`,
    'identity-in-use': (facts) => phrase`another disk has the identity ${facts.show('identity')} already.`,
    'table-damaged': () => phrase`no copy of the partition table is whole.`,
    'partition-missing': (facts) => phrase`there is no such partition (${facts.show('partition')}).`,
    'not-a-volume': () => phrase`it does not begin with a boot sector of NTFS or FAT that holds together.`,
    'hive-damaged': (facts) => phrase`the registry hive ${facts.show('path')} is damaged, or its log is missing.`,
    'hive-log-pending': (facts) =>
      phrase`the log of ${facts.show('path')} holds these bytes: Windows would overwrite the change. Let the machine try to start once more, then try again.`,
    'service-missing': (facts) => phrase`there is no driver or service ${facts.show('name')} in the control set.`,
    'driver-needed': (facts) =>
      phrase`Windows seems to need ${facts.show('name')} to start. --force does it all the same.`,
    'value-missing': (facts) => phrase`there is no value ${facts.show('value')} in ${facts.show('key')}.`,
    'value-not-settable': () => phrase`it is not known to be safe to change this value in this way.`,
    'target-missing': (facts) => phrase`${facts.show('target')}, which it would name, is not on this disk.`,
    'value-not-in-place': () => phrase`the value is not stored in a form that can be changed in place.`,
    'element-missing': (facts) => phrase`the boot store has no element ${facts.show('element')} there.`,
    'element-not-removable': (facts) => phrase`element ${facts.show('element')} may be needed to start.`,
    'element-not-settable': (facts) =>
      phrase`it is not known to be safe to change element ${facts.show('element')} in this way.`,
    'not-stored': (facts) =>
      phrase`the image does not hold these sectors in a form that can be written: ${facts.show('reason')}. --overlay FILE.qcow2 writes beside the image.`,
    'same-bytes': () =>
      phrase`it changes the same bytes as another change of this plan. Write that one first, then run fix again.`,
    'redundant-volume': () =>
      phrase`the volume is kept on several disks, as a mirror or with parity, and all of them would have to change. Repair it where its disks are together.`,
    unreadable: (facts) => phrase`what it would change cannot be read: ${facts.show('reason')}.`,
    'snapshot-beside': () =>
      phrase`a newer link of the chain lies beside the image: the machine would not see the change. Repair the newest link.`,
    'saved-vm-state': () => phrase`a saved state of the machine lies beside the image. Discard it first.`,
    'in-use': () => phrase`the image is in use. Stop the machine, or unmount the disk.`,
    'no-sound-copy': () => phrase`there is no whole copy to take it from.`,
    'copies-differ': () => phrase`both copies are whole and differ: nothing says which one is right.`,
    'nothing-to-repair': () => phrase`it is as it should be.`,
  },
  refused: (name, what, why) =>
    what === undefined ? phrase`Refused: ${text(name)}: ${why}` : phrase`Refused: ${text(name)} (${what}): ${why}`,
  targets: {
    'file-name': 'name in the file record',
    'index-entry': 'name in the folder index',
    'file-content': 'content',
    'disk-signature': 'disk signature',
    'gpt-header': 'GPT header',
    'gpt-entries': 'GPT entries',
    'boot-signature': 'boot signature',
    'partition-entry': 'partition entry',
    'boot-sector': 'boot sector',
    'hidden-sectors': 'hidden sectors',
    'mft-record': 'record of $MFT',
    'attribute-list': 'attribute list',
    'mft-mirror': '$MFTMirr',
    'active-flag': 'active flag',
    'registry-value': 'registry value',
    'registry-key': 'list of keys',
    'boot-element': 'boot element',
  },
  place: (volume, offset) => (volume === null ? phrase`disk ${offset}` : phrase`volume ${volume}, ${offset}`),
  columns: ['byte', 'what', 'now', 'then'],
  moreEdits: (count) => phrase`and ${count} more places`,
  bytes: (count) => phrase`${count} bytes change.`,
  howToWrite: phrase`Nothing was written. To do it:`,
  written: (sectors, bytes) => phrase`Written: ${bytes} bytes in ${sectors} sectors. To take it back:`,
  overlayWritten: (path, image) =>
    phrase`Written to ${data(path)}; ${data(image)} is unchanged. QEMU uses the new file as the disk, and ${code(`qemu-img commit ${path}`)} puts the change into the image.`,
  verdicts: (before, after) => phrase`Verdict before: ${data(before)}; now: ${data(after)}.`,
  verified: phrase`Read again through fresh eyes: every planned byte is there, and nothing contradicts it.`,
  problems: {
    'bytes-differ': (facts) => phrase`The bytes at ${facts.show('offset')} are not what was written.`,
    'old-name-found': (facts) => phrase`${facts.show('path')} is still found.`,
    'new-name-missing': (facts) => phrase`${facts.show('path')} is not found.`,
    'content-changed': (facts) => phrase`The content of ${facts.show('path')} is not what it was.`,
    'index-wrong': (facts) => phrase`The index of ${facts.show('folder')} is not in order.`,
  },
  undone: (sectors, bytes) => phrase`Every byte is back: ${bytes} bytes in ${sectors} sectors.`,
  finished: (sectors, bytes) => phrase`The repair is finished: ${bytes} bytes in ${sectors} sectors.`,
  nothingToUndo: phrase`The disk is already as it was before the repair.`,
  states: { before: 'as before', after: 'repaired', torn: 'written in part', foreign: 'changed by somebody else' },
  state: (counts) =>
    phrase`Sectors: ${join(
      counts.map(([state, count]) => phrase`${count} ${text(state)}`),
      ', ',
    )}.`,
  madeAt: (time, image) => phrase`Undo file of ${image}, made ${text(time)}.`,
};
