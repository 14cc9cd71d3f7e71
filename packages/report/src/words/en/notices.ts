import { code, concat, data, phrase, text } from '../../document/phrase.js';
import type { NoticeWords } from '../notice-words.js';
import { formatCount, plural } from '../units.js';

export const notices: NoticeWords = {
  literalSecret: phrase`a key on the command line can be seen by other users of this machine; @FILE, env:NAME or - hide it`,
  volumeRefused: (volume, why) => phrase`volume ${volume}: ${why}`,
  notNeeded: (labels, image) => phrase`${labels.join(', ')} was not needed by ${image}`,
  askedAgain: ({ name, reason, waitSeconds, limitSeconds }) =>
    phrase`${data(name)}: ${data(reason)}; trying again in ${waitSeconds} s, for at most ${limitSeconds} s without an answer`,
  chainForced: (child, parent) =>
    phrase`${text('WARNING', 'bad')}: ${parent} does not fit as the parent of ${child} and was taken because of --force-chain. The disk may be a mixture of two states: whatever is said of it may be wrong.`,
  openedIncomplete: (image, missing) =>
    phrase`${text('WARNING', 'bad')}: ${image} is not whole (${missing} is missing) and was opened because of --incomplete. What the missing parts hold cannot be read.`,
  oneDiskOf: ({ machine, disk, disks, recorded }) =>
    phrase`${machine} has ${disks} disks; this is disk ${disk}, ${recorded}. ${code('--disk N')} opens another one`,
  writtenAsZeros: (bytes) => phrase`${bytes} bytes could not be read and were written as zeros`,
  issueCount: (issue, count) => phrase`${issue}: ${text(formatCount(count))}`,
  labels: { scan: 'scan', export: 'export', unlocking: 'unlocking', hashes: 'checking hashes', verifying: 'verifying' },
  diskBehind: (folder, disk) => phrase`${disk}, which is mounted at ${folder}, is read instead of the folder`,
  sameFile: (name, first) => phrase`${name} is the same file as ${first}`,
  moreSameFiles: (count) => phrase`${text(plural(count, 'more name'))} of files that have another name here`,
  runUnfinished: (journal, missing) =>
    phrase`the run of ${journal} is not finished: ${text(plural(missing, 'image'))} ${text(missing === 1 ? 'is' : 'are')} missing from it`,
  unfitLines: (journal, first, count) =>
    count === 1
      ? phrase`line ${text(String(first[0]))} of ${journal} is not what deadbox writes of an image: it is left out`
      : phrase`${text(plural(count, 'line'))} of ${journal} are not what deadbox writes of an image and are left out: ${text(`${first.join(', ')}${count > first.length ? ', …' : ''}`)}`,
  imageOf: (index, count, name) => concat(text(`${index} of ${count}, `), name),
  progress: ({ percent, done, total, rate, secondsLeft }) =>
    phrase`${percent} %, ${text(done)} of ${text(total)}, ${text(rate)}/s, ${secondsLeft} s left`,
  ruleValid: (file, rule) => phrase`${data(file)}: ${rule}: valid`,
  ruleLevels: { informational: 'informational', low: 'low', medium: 'medium', high: 'high', critical: 'critical' },
};
