import { code, data, join, type Phrase, phrase, text } from '../../document/phrase.js';
import type { ErrorWords } from '../error-words.js';

const meantPhrase = (name: string): Phrase => phrase` (did you mean ${code(name)}?)`;
const meantOrNot = (name: string | null): Phrase => (name === null ? [] : meantPhrase(name));

/** The parser of the command line speaks English. */
const said = (_: readonly string[], message: string): Phrase => phrase`${message}`;

export const errors: ErrorWords = {
  // Errors are made with an English sentence that names what, where, expected and found: there is nothing to add to it.
  error: ({ message }) => phrase`${data(message)}`,
  usage: {
    'target-unknown': ({ word, known, meant }) =>
      phrase`--target does not know the platform "${word}"${meantOrNot(meant)}; it takes ${known}`,
    'newest-clean-and-quick': () =>
      phrase`--newest-clean checks whether each state starts, which --quick does not; give one of them`,
    'target-and-quick': () => phrase`--target needs more than --quick reads; give one of them`,
    'include-unknown': ({ word, meant }) => phrase`--include takes old and vss, not "${word}"${meantOrNot(meant)}`,
    'no-readable-volume': ({ image, volumes }) =>
      phrase`${image}: none of its ${volumes} volumes has a file system that deadbox reads (see deadbox info)`,
    'no-such-volume': ({ image, number, numbers }) =>
      phrase`${image} has no volume ${number}; it has ${text(numbers.length === 0 ? 'none' : numbers.join(', '))}`,
    'no-such-disk': ({ image, number, disks }) =>
      disks.length === 0
        ? phrase`${image} is one disk: there is no disk ${number}`
        : phrase`${image} has no disk ${number}; it has ${disks.length}: ${disks.join(', ')}`,
    'machine-without-disks': ({ path }) => phrase`${path} describes a machine without disks`,
    'machine-too-many-disks': ({ path, disks, most }) =>
      phrase`${path} describes a machine of ${disks} disks; at most ${most} are read`,
    'records-need-ntfs': () => phrase`Only NTFS volumes have numbered records`,
    'timeline-needs-ntfs': () => phrase`timeline reads NTFS volumes`,
    'not-on-volume': ({ path, meant }) => phrase`${path} is not on this volume${meantOrNot(meant)}`,
    'is-directory': ({ path }) => phrase`${path} is a directory; deadbox ls lists it`,
    'not-a-hive': ({ name, hives }) =>
      phrase`${name} is no hive file itself; of a disk, name a hive: ${join(
        hives.map((hive) => code(`${hive}\\…`)),
        ', ',
      )}`,
    'page-not-built': () => phrase`this build has no page in it; npm run build makes one`,
    'no-walk-target': ({ target }) =>
      phrase`${target} is no path, no hive's key, and no cause that this disk has (deadbox scan lists those)`,
    'no-key': ({ path, meant }) => phrase`the hive has no key ${path}${meantOrNot(meant)}`,
    'no-boot-store': ({ image }) => phrase`${image} has no boot store and no Windows to start`,
    'header-malformed': ({ position }) => phrase`--header #${position} must be "Name: value"`,
    'no-variable': ({ label, name }) => phrase`${label}: the environment has no variable ${name}`,
    'key-file-too-large': ({ label, path, mebibytes }) => phrase`${label}: ${path} is larger than ${mebibytes} MiB`,
    'key-file-unreadable': ({ label, path, reason }) => phrase`${label}: ${path} cannot be read: ${reason}`,
    'nothing-on-stdin': ({ label }) => phrase`${label}: nothing came on standard input`,
    'folder-without-images': ({ path }) => phrase`${path} is a folder without disk images`,
    'folder-is-volume': ({ path }) =>
      phrase`${path} is a folder with the files of a Windows, and no disk behind it can be read. scan judges it by its files; for this, name the device or the image`,
    'drive-elsewhere': ({ name }) =>
      phrase`${name} is a drive letter of Windows; on this system name the device or the image file`,
    'no-match': ({ pattern }) => phrase`${pattern} matches no file`,
    'rules-unreadable': ({ folder, reason }) => phrase`--rules ${folder} cannot be read: ${reason}`,
    'rules-empty': ({ folder }) => phrase`--rules ${folder} holds no .yaml file`,
    'rules-twice': ({ folder, name }) => phrase`--rules ${folder} holds two rules called ${name}`,
    'rule-unreadable': ({ path, reason }) => phrase`${path} cannot be read: ${reason}`,
    'no-rule': ({ name, meant }) => phrase`there is no rule ${name}${meantOrNot(meant)}; deadbox rules list shows all`,
    'zone-unknown': ({ zone }) => phrase`${zone} is not a time zone; use an IANA name like Asia/Tokyo`,
    'write-needs-undo': () => phrase`--write needs --undo FILE: where every old byte is kept`,
    'undo-needs-folder': ({ path }) => phrase`several images need a folder for their undo files; ${path} is none`,
    'write-or-overlay': () => phrase`--write changes the image, --overlay leaves it alone: name one`,
    'time-limit-malformed': ({ text: given }) =>
      phrase`--time-limit ${given} is not a time such as 90 (seconds), 10m or 2h`,
    'fix-needs-no-export': ({ image }) =>
      phrase`${image} is an export of an NBD server, which is only read; repair the file or device that the server exports, while it does not`,
    'fix-needs-file': ({ image }) => phrase`${image} is a web address; only files and devices are repaired`,
    'language-unknown': ({ language, meant }) =>
      phrase`there are no words for the language ${language}${meantOrNot(meant)}; --lang takes en and ja`,
    'export-needs-output': () => phrase`export needs -o FILE (-o - writes to stdout)`,
    'two-forms': () => phrase`--json and --ndjson are two forms of the output: name one`,
    'output-name': ({ path, fault }) =>
      ({
        device: phrase`${path} names a device in Windows; choose another name for the file`,
        stream: phrase`${path} has a colon: Windows would hide the data in a stream of another file; choose another name`,
        end: phrase`${path} ends with a dot or a space, which Windows cuts off; choose another name`,
      })[fault],
    'output-twice': ({ path }) => phrase`${path} is named for two outputs: name two files`,
    'no-targets': () => phrase`name an image, a folder or a list of them (--targets FILE)`,
    'targets-unreadable': ({ path, reason }) => phrase`--targets ${path} cannot be read: ${reason}`,
    'targets-empty': ({ path }) => phrase`--targets ${path} names no image`,
    'no-queue': () => phrase`name the queue: --queue redis://host:6379, or DEADBOX_QUEUE in the environment`,
    'one-site': () => phrase`images are submitted for one --site at a time`,
    'fleet-missing': ({ executable }) =>
      executable
        ? phrase`the executable cannot use a queue; on a host with Node, install both: ${code('npm install deadbox @deadbox/fleet')}`
        : phrase`a queue needs a package of its own: ${code('npm install @deadbox/fleet')}`,
    'fleet-secret': ({ path }) =>
      phrase`${path} has a query or a password, which may be a secret; the queue keeps none. Submit the plain address, and give the workers --header`,
    'shard-malformed': ({ text: given }) => phrase`--shard takes a part and a number of parts, as 2/4, not "${given}"`,
    'report-form': ({ path, known, meant }) =>
      phrase`--report ${path}: the ending says the form, and is one of ${known}${meantOrNot(meant)}`,
    'journal-unreadable': ({ path, reason }) => phrase`the journal ${path} cannot be read: ${reason}`,
    'journal-changed': ({ path }) =>
      phrase`the journal ${path} was changed while it was read: copy it first, or start again when nothing writes to it`,
    'journal-foreign': ({ path }) => phrase`${path} is no journal of deadbox: nothing was written to it`,
    'journal-version': ({ path, found, known }) =>
      phrase`the journal ${path} was written by another version (${found}, not ${known}), which may judge otherwise: name a new file`,
    'journal-other-run': ({ path, other }) =>
      other === null
        ? phrase`the journal ${path} is of another run: other options, rules or images. Name a new file, or repeat the run as it was`
        : phrase`${path} and ${other} are journals of different runs (other options, rules or versions): their verdicts do not compare`,
    'shell-unknown': ({ shell, known, meant }) =>
      phrase`there are no completions for ${shell}${meantOrNot(meant)}; there are for ${known.join(', ')}`,
    'verb-missing': ({ name }) => phrase`${name} is no command; did you mean: ${code('deadbox scan')} ${name}`,
  },
  call: {
    unknownOption: said,
    unknownCommand: said,
    missingArgument: said,
    optionMissingArgument: said,
    invalidArgument: said,
    excessArguments: said,
  },
  meant: meantPhrase,
  settingFrom: (key, place) => phrase` (${key} is set in ${place})`,
  callHelp: phrase` (deadbox --help shows all)`,
  unexpected: (message) =>
    phrase`unexpected error: ${data(message)}. Please report it; DEADBOX_DEBUG=1 shows where it happened.`,
  parentOption: phrase`: --parent FILE`,
};
