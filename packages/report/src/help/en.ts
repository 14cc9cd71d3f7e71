import { code, phrase } from '../document/phrase.js';
import { fleetVerbs } from './en-fleet.js';
import type { HelpWords } from './help-words.js';
import { config, settings } from './settings/en.js';
import { verbose } from './verbose/en.js';

const SECRET = 'VALUE, @FILE, env:NAME, or - to be asked';

/** The English words of help. */
export const help: HelpWords = {
  summary:
    'Says why the Windows on a disk image does not boot. Reads without mounting; only fix --write and undo change anything.',
  headings: {
    usage: 'Usage',
    commands: 'Commands',
    arguments: 'Arguments',
    options: 'Options',
    examples: 'Examples',
    exitCodes: 'Exit codes',
    environment: 'Environment',
  },
  verbGroups: {
    judge: 'Find out why it does not start',
    fleet: 'Over many hosts',
    look: 'Look inside',
    take: 'Take out and check',
    repair: 'Repair',
    about: 'About deadbox',
  },
  optionGroups: {
    verb: 'Options',
    image: 'How the image is put together',
    keys: 'Unlocking BitLocker',
    output: 'Output',
  },
  verbs: {
    scan: {
      summary:
        'judge every Windows installation: why it does not start, which faulty file is there, what blocks the disk',
      examples: [
        { command: 'deadbox scan server.vhdx', does: 'the whole answer for one disk' },
        { command: 'deadbox scan --quick /images/*.vmdk', does: 'the faulty file only, on many disks' },
        { command: 'deadbox scan --target azure-nvme server.vmdk', does: 'can it start there after a migration?' },
        { command: 'deadbox scan server.vhdx --recovery-key @key.txt', does: 'a disk that BitLocker locks' },
      ],
    },
    report: {
      summary: 'put journals of runs together, and show or write their report',
      examples: [
        { command: 'deadbox report a.ndjson b.ndjson', does: 'one report of two machines' },
        { command: 'deadbox report run.ndjson --report run.md', does: 'again, as a file' },
      ],
    },
    info: {
      summary: 'container, partition table, volumes, encryption, file systems',
      examples: [
        { command: 'deadbox info server.qcow2', does: 'what the disk holds, with the volume numbers' },
        { command: 'deadbox info --check /dev/sdb', does: 'and whether its NTFS volumes are sound' },
      ],
    },
    page: {
      summary: 'the same in a browser: a page that reads dropped disks, as one file that needs no server',
      examples: [
        { command: 'deadbox page -o deadbox.html', does: 'the page, to be opened from anywhere, a USB stick too' },
        { command: 'deadbox page -o -', does: 'the page on stdout' },
      ],
    },
    verify: {
      summary: 'compare what the container stores to be checked (hashes, checksums) with what is there',
      examples: [
        { command: 'deadbox verify evidence.E01', does: 'compare every chunk and the stored hashes' },
        { command: 'deadbox verify --incomplete evidence.E01', does: 'the same with segments missing' },
      ],
    },
    export: {
      summary: 'the whole virtual disk as raw bytes; with --volume that volume, decrypted when unlocked',
      examples: [
        { command: 'deadbox export server.vhdx -o server.raw', does: 'a raw copy, holes kept' },
        {
          command: 'deadbox export server.vhdx --volume 3 --recovery-key @key.txt -o c.raw',
          does: 'one BitLocker volume, decrypted',
        },
      ],
    },
    ls: {
      summary: 'list files',
      examples: [
        { command: 'deadbox ls server.vhdx Windows/System32/drivers', does: 'a folder of the Windows volume' },
        { command: 'deadbox ls -r --deleted --ndjson server.vhdx', does: 'every file, deleted ones too, as data' },
      ],
    },
    stat: {
      summary: 'every attribute, run list and time of one file',
      examples: [
        { command: 'deadbox stat server.vhdx Windows/System32/ntoskrnl.exe', does: 'one file by its path' },
        { command: "deadbox stat server.vhdx '#5'", does: 'one file by its record number' },
      ],
    },
    walk: {
      summary:
        'every step from sector 0 to a file, a registry value or a finding, each to be checked with a hex editor',
      examples: [
        {
          command: 'deadbox walk server.vhdx Windows/System32/config/SYSTEM',
          does: "from the first sector to a file's content",
        },
        {
          command: "deadbox walk server.vhdx 'SYSTEM\\Select\\Current'",
          does: 'from the first sector to a value of the registry',
        },
      ],
    },
    cat: {
      summary: 'the bytes of one file',
      examples: [
        { command: 'deadbox cat server.vhdx Windows/ntbtlog.txt', does: 'a file, to the screen' },
        { command: 'deadbox cat server.vhdx Windows/System32/config/SYSTEM -o SYSTEM', does: 'a file, copied out' },
      ],
    },
    timeline: {
      summary: 'every MFT record with both sets of times, deleted ones too',
      examples: [
        { command: 'deadbox timeline server.vhdx -o body.txt', does: 'a body file for mactime' },
        { command: 'deadbox timeline --format csv dumped.mft', does: 'from a dumped $MFT, as CSV' },
      ],
    },
    reg: {
      summary: 'the registry of an offline disk, logs replayed in memory',
      examples: [
        { command: "deadbox reg server.vhdx 'SYSTEM\\Select'", does: 'one key of a disk' },
        { command: 'deadbox reg -r --ndjson NTUSER.DAT', does: 'a whole hive file, as data' },
      ],
    },
    boot: {
      summary: 'the boot store in words, and whether it still fits the disk',
      examples: [
        { command: 'deadbox boot server.vhdx', does: 'what the firmware would start' },
        { command: 'deadbox boot BCD', does: 'a boot store that was copied out' },
      ],
    },
    why: {
      summary: 'what a stop code, status or text on the screen means, and which of its causes a disk has',
      examples: [
        { command: 'deadbox why 0xC000000E', does: 'what the code means, and what causes it' },
        { command: 'deadbox why 7B server.vhdx', does: 'and which of these causes this disk has' },
      ],
    },
    fix: {
      summary: 'show how the disk can be repaired in place; with --write do it',
      examples: [
        { command: 'deadbox fix server.vhdx', does: 'show the plan; nothing is written' },
        { command: 'deadbox fix server.vhdx --write --undo server.undo', does: 'repair, keeping every old byte' },
        { command: 'deadbox fix server.vhdx --overlay repaired.qcow2', does: 'repair in a layer over the image' },
      ],
    },
    undo: {
      summary: 'put back every byte that a repair changed',
      examples: [
        { command: 'deadbox undo server.undo', does: 'as it was before' },
        { command: 'deadbox undo --check server.undo', does: 'only say how far the repair came' },
      ],
    },
    rules: {
      summary: 'the rule files that scan judges by',
      examples: [
        { command: 'deadbox rules list', does: 'all of them' },
        { command: 'deadbox rules check mine/*.yaml', does: 'check rule files of your own' },
      ],
    },
    ...fleetVerbs,
    'rules list': {
      summary: 'all rules',
      examples: [
        { command: 'deadbox rules list', does: 'a line for each' },
        { command: 'deadbox rules list --json', does: 'as data' },
      ],
    },
    'rules show': {
      summary: 'one rule as data',
      examples: [
        { command: 'deadbox rules show 2017-10-delta', does: 'a rule by its name' },
        { command: 'deadbox rules show 2017-10-delta -o rule.json', does: 'into a file' },
      ],
    },
    'rules check': {
      summary: 'validate rule files',
      examples: [
        { command: 'deadbox rules check vendor.yaml', does: 'one file' },
        { command: 'deadbox rules check mine/*.yaml', does: 'several' },
      ],
    },
    completion: {
      summary: 'completions for a shell: commands, options, volume numbers, and paths inside the image',
      examples: [
        { command: 'deadbox completion bash -o deadbox.bash', does: 'for this shell' },
        { command: 'deadbox completion zsh -o _deadbox', does: 'for every zsh to come' },
      ],
    },
    config: {
      summary: 'the defaults in force, and where each comes from: a variable, the configuration file, or deadbox',
      examples: [
        { command: 'deadbox config', does: 'all of them, and where the file is or would be' },
        { command: 'deadbox config --json', does: 'as data' },
      ],
    },
    version: {
      summary: 'what this deadbox is: version, formats, file systems, rules',
      examples: [
        { command: 'deadbox version', does: 'a few lines' },
        { command: 'deadbox version --json', does: 'as data, to attach to a report' },
      ],
    },
  },
  options: {
    quick: 'stop at the file verdict: the least reading there is; the boot chain is not checked',
    deep: 'add a pass over the whole MFT',
    include: 'also examine: old (Windows.old), vss (shadow copies)',
    target: 'also say whether Windows can start there: hyper-v-gen2, azure-nvme, virtio-blk, …',
    rules: 'also judge by the rule files (*.yaml) in this folder',
    explain: 'show how each fact was found',
    report: 'also write the report there: .html, .md, .sarif, .csv, .json, .ndjson',
    targets: 'a list of images, one a line (- is standard input)',
    'newest-clean': 'say for each server which state to restore: images, chains, snapshots, shadow copies',
    'time-limit': 'most time for each image: 90 (seconds), 10m, 2h; the others go on (default: none)',
    jobs: 'how many images at a time (default: one for each core)',
    journal: 'keep each report there at once; the same command goes on where it was cut',
    shard: 'only part i of n, for machines that share the images: 2/4',
    diagnostics: 'also write there (.diag) what was read of one image, to be attached to a report; scan reads it again',
    'diagnostics-contents': 'with --diagnostics: contents of files, too, which may be secret',
    queue: 'address of the queue, redis:// or rediss:// (default: DEADBOX_QUEUE)',
    'submit-site': 'whose hosts see these images (default: default)',
    'work-sites': 'a site whose images this host sees (default: default)',
    drain: 'end when nothing is left to do',
    lease: 'seconds after which the images of a silent worker are given to others (default: 30)',
    watch: 'again every second until the run is finished',
    'write-journal': 'write what there is of the run there, for deadbox report',
    'check-ntfs': 'check the health of every NTFS volume: reads all its metadata',
    'volume-only': 'only this volume, as info numbers it',
    volume: 'volume number as info lists it (default: the Windows volume)',
    recursive: 'everything below',
    'recursive-keys': 'all keys below',
    long: 'type, size, time',
    follow: 'go on through links inside the volume',
    streams: 'named streams too',
    'all-fields': 'every field and every byte of each step',
    all: "NTFS's own files too ($MFT, $Extend…)",
    deleted: 'deleted files too',
    hash: 'hash of each content',
    'no-hash': 'no SHA-256 of each value in JSON',
    format: 'form of the lines',
    write: 'write the plan into the image; needs --undo',
    'undo-file': 'new file that keeps every old byte (a folder for several images)',
    overlay: 'leave the image alone and write a QCOW2 over it (a folder for several images)',
    'disable-driver': 'set Start of this driver or service to 4',
    blank: 'overwrite the content of faulty files instead of renaming them',
    force: 'also disable a driver that the disk seems to need',
    'check-undo': 'only say how far the repair came',
    finish: 'finish a repair that was cut off',
    parent: 'a parent of a differencing image that does not lie beside it',
    member: 'another disk of the same dynamic disk group',
    disk: 'which disk of an archive, or of a machine (.vmx, .vbox, .pvs, libvirt XML)',
    snapshot: 'an internal snapshot of the image, by name or id',
    'force-chain': 'take a parent that does not fit: the disk may be a mixture of two states',
    incomplete: 'open an image whose parts are not all there: what they hold cannot be read',
    header: 'HTTP header for web addresses, "Name: value"',
    'recovery-key': `recovery password: ${SECRET}`,
    password: `password: ${SECRET}`,
    'startup-key': 'startup key, a .BEK file',
    keys: 'many recovery keys: CSV or JSON, as AD, Entra ID and MBAM export them',
    output: 'write there instead of to stdout (- is stdout)',
    quiet: 'no progress, no warnings',
    verbose: 'say on stderr what was opened and how far each part of it could be read',
    'no-progress': 'no progress',
    json: 'one JSON document',
    ndjson: 'one JSON line an item',
    markdown: 'the page as Markdown',
    color: 'colours',
    'time-zone': 'show times also in this IANA time zone (default: yours)',
    lang: 'language of reports and messages: en or ja (default: DEADBOX_LANG, else your locale)',
    help: 'this page',
    version: 'the version',
  },
  arguments: {
    targets: 'image, device, folder, web address, or a machine',
    journals: 'journals of scan --journal',
    image: 'disk image, device or web address',
    'image-or-mft': 'disk image, or a dumped $MFT file',
    'image-or-hive': 'disk image, or a hive file',
    'image-or-store': 'disk image, or a boot store (BCD) file',
    'image-asked': 'disk image that is to be asked',
    'images-to-fix': 'image or device',
    'folder-or-file': 'folder or file on the volume',
    'walk-target': 'a path, HIVE\\key, BCD\\{id}\\element, boot-log, or the id of a cause that scan names',
    'path-or-record': 'path on the volume, or #record',
    'path-stream-or-record': 'path[:stream] on the volume, or #record',
    'registry-key': 'HIVE\\key, e.g. SYSTEM\\Select',
    screen: 'what the screen shows: 0xC000000E, 7B, "Getting Windows ready"',
    'undo-file': 'what fix --undo wrote',
    'rule-name': 'name or id',
    shell: 'bash, zsh, fish or powershell',
    'rule-files': 'rule files',
  },
  exitCodes: {
    scan: {
      0: 'nothing to act on',
      1: 'something to act on',
      2: 'nothing could be opened',
      3: 'a person must look',
    },
    verify: { 0: 'everything fits', 1: 'something does not', 2: 'error', 3: 'nothing stored to compare with' },
    why: {
      0: 'a cause is named (with an image: found on it)',
      1: 'none',
      2: 'error',
      3: 'the volume is locked',
    },
    fix: { 0: 'nothing to do, or done', 1: 'a plan is shown', 2: 'error', 3: 'refused' },
    others: { 0: 'done', 1: 'what was named is not there', 2: 'error', 3: 'the volume is locked' },
  },
  interrupted: 'interrupted',
  environment: {
    'DEADBOX_…': 'a default for an option, as DEADBOX_LANG for --lang: deadbox config lists them',
    DEADBOX_CONFIG: 'the configuration file, when it is not where such files usually are',
    DEADBOX_DEBUG: '1 shows where an unexpected error happened',
    COLUMNS: 'how wide text is, also where the output is no terminal (else 100)',
    NO_COLOR: 'no colours',
    FORCE_COLOR: 'colours even when the output is no terminal; 0 means none',
  },
  gap: ' ',
  repeatable: '(repeatable)',
  choices: (values) => `(${values.join(', ')})`,
  preset: (value) => `(default: ${value})`,
  versionLabels: {
    runtime: 'runs on',
    formats: 'formats',
    fileSystems: 'file systems',
    rules: 'rules',
    causes: 'causes',
  },
  ...config,
  attach: phrase`Please attach what ${code('deadbox version --json')} prints and, of an image, the file that ${code('deadbox scan IMAGE --diagnostics FILE.diag')} writes: the structures that were read, without contents of files.`,
  settings,
  verbose,
  more: 'deadbox COMMAND --help shows the options and examples of a command.',
};
