import { Command, InvalidArgumentError, Option } from 'commander';
import { usageError } from './exit-code.js';
import type { Session } from './input/session.node.js';
import type { CommonOptions } from './options.js';
import { VERSION } from './version.js';

const SECRET_HELP = 'VALUE, @FILE, env:NAME, or - to be asked';

/** What a verb's action calls: gives the exit code. */
export type Run = (verb: (session: Session) => Promise<number>) => Promise<void>;

/** Adds one verb to the command line. */
type AddVerb = (program: Command, run: Run) => void;

/**
 * The command line. Each verb's code is loaded when it is called.
 * @param first - the first argument: when it names a verb, the others are not described, which takes longer than reading a folder
 * @param noteInputs - hears the files that a verb was told to read, before it begins
 */
export function makeProgram(
  first: string | undefined,
  run: Run,
  noteInputs: (paths: readonly string[]) => void,
): Command {
  const program = new Command('deadbox')
    .description(
      'Says why the Windows on a disk image does not boot. Reads without mounting; only fix --write and undo change anything.',
    )
    .version(VERSION)
    // Faults are said in the reader's language.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .hook('preAction', (_, action) => {
      const { json, ndjson } = action.opts<CommonOptions>();
      if (json === true && ndjson === true) throw usageError('two-forms', {});
      noteInputs(inputsOf(action));
    });
  const asked = first !== undefined && Object.hasOwn(VERBS, first) ? [VERBS[first]] : Object.values(VERBS);
  for (const add of asked) add(program, run);
  return program;
}

function addScan(program: Command, run: Run): void {
  reportOptions(
    readingOptions(verb(program, 'scan').argument('<image...>', 'image, device, folder, web address, or a machine')),
  )
    .description('judge every Windows installation: is the faulty driver file there, what blocks the disk')
    .option('--quick', 'stop at the file verdict: the least reading there is')
    .option('--deep', 'add a pass over the whole MFT')
    .option('--include <what>', 'also examine: old (Windows.old), vss (shadow copies)')
    .option('--target <platform>', 'also say whether Windows can start there: hyper-v-gen2, azure-nvme, virtio-blk, …')
    .option('--rules <folder>', 'also judge by the rule files (*.yaml) in this folder')
    .option('--explain', 'show how each fact was found')
    .option('--report <file>', 'also write the report there: .json, .ndjson, .md (repeatable)', collect)
    .action((images: string[], options: CommonOptions) =>
      run(async (session) => (await import('./verbs/scan.node.js')).scanVerb(images, options, session)),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing to act on, 1 something to act on, 2 nothing could be opened, 3 a person must look.',
    );
}

function addReport(program: Command, run: Run): void {
  reportOptions(outputOption(verb(program, 'report').argument('<journal...>', 'journals of scan --journal')))
    .description('put journals of runs together, and show or write their report')
    .option('--report <file>', 'write the report there: .json, .ndjson, .md (repeatable)', collect)
    .option('--explain', 'show how each fact was found')
    .action((journals: string[], options: CommonOptions) =>
      run(async (session) => (await import('./verbs/report.node.js')).reportVerb(journals, options, session)),
    )
    .addHelpText('after', '\nExit codes: those of scan.');
}

function addInfo(program: Command, run: Run): void {
  reportOptions(readingOptions(verb(program, 'info').argument('<image>')))
    .description('container, partition table, volumes, encryption, file systems')
    .option('--check', 'check the health of every NTFS volume: reads all its metadata')
    .action((image: string, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/info.node.js')).infoVerb(image, options, session)),
    );
}

function addVerify(program: Command, run: Run): void {
  reportOptions(readingOptions(verb(program, 'verify').argument('<image>')))
    .description('compare what the container stores to be checked (hashes, checksums) with what is there')
    .action((image: string, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/verify.node.js')).verifyVerb(image, options, session)),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 everything fits, 1 something does not, 2 error, 3 nothing stored to compare with.',
    );
}

function addExport(program: Command, run: Run): void {
  readingOptions(verb(program, 'export').argument('<image>'))
    .description('the whole virtual disk as raw bytes; with --volume that volume, decrypted when unlocked')
    .option('--volume <n>', 'only this volume, as info numbers it', wholeNumber)
    .action((image: string, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/export.node.js')).exportVerb(image, options, session)),
    );
}

/** A verb that reads files of a volume. */
function onVolume(program: Command, name: string, ...rest: string[]): Command {
  return volumeOption(readingOptions(verb(program, name).argument('<image>', ...rest)));
}

function addLs(program: Command, run: Run): void {
  textOptions(onVolume(program, 'ls').argument('[path]', 'folder or file', '/'))
    .description('list files')
    .option('-r, --recursive', 'everything below')
    .option('-l, --long', 'type, size, time')
    .option('--follow', 'go on through links inside the volume')
    .option('--streams', 'named streams too')
    .option('--all', "NTFS's own files too ($MFT, $Extend…)")
    .option('--deleted', 'deleted files too')
    .addOption(new Option('--hash <algorithm>', 'hash of each content').choices(['sha256']))
    .action((image: string, path: string, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/ls.node.js')).lsVerb(image, path, options, session)),
    );
}

function addStat(program: Command, run: Run): void {
  reportOptions(onVolume(program, 'stat').argument('<path>', 'path or #record'))
    .description('every attribute, run list and time of one file')
    .option('--follow', 'go on through links inside the volume')
    .action((image: string, path: string, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/stat.node.js')).statVerb(image, path, options, session)),
    );
}

function addCat(program: Command, run: Run): void {
  onVolume(program, 'cat')
    .argument('<path>', 'path[:stream] or #record')
    .description('the bytes of one file')
    .option('--follow', 'go on through links inside the volume')
    .action((image: string, path: string, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/cat.node.js')).catVerb(image, path, options, session)),
    );
}

function addTimeline(program: Command, run: Run): void {
  onVolume(program, 'timeline', 'disk image, or a dumped $MFT file')
    .description('every MFT record with both sets of times, deleted ones too')
    .addOption(
      new Option('--format <format>', 'form of the lines').choices(['bodyfile', 'csv', 'ndjson']).default('bodyfile'),
    )
    .action((image: string, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/timeline.node.js')).timelineVerb(image, options, session)),
    );
}

function addReg(program: Command, run: Run): void {
  volumeOption(textOptions(readingOptions(verb(program, 'reg').argument('<image>', 'disk image, or a hive file'))))
    .argument('[key]', 'HIVE\\\\key, e.g. SYSTEM\\\\Select')
    .description('the registry of an offline disk, logs replayed in memory')
    .option('-r, --recursive', 'everything below')
    .action((image: string, key: string | undefined, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/reg.node.js')).regVerb(image, key, options, session)),
    );
}

function addBoot(program: Command, run: Run): void {
  reportOptions(readingOptions(verb(program, 'boot').argument('<image>', 'disk image, or a boot store (BCD) file')))
    .description('the boot store in words, and whether it still fits the disk')
    .action((image: string, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/boot.node.js')).bootVerb(image, options, session)),
    );
}

function addWhy(program: Command, run: Run): void {
  const command = verb(program, 'why').argument(
    '<code or text>',
    'what the screen shows: 0xC000000E, 7B, "Getting Windows ready"',
  );
  reportOptions(imageOptions(command.argument('[image]', 'disk image that is to be asked')))
    .description('what a stop code, status or text on the screen means, and which of its causes a disk has')
    .action((query: string, image: string | undefined, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/why.node.js')).whyVerb(query, image, options, session)),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 a cause is named (with an image: found on it), 1 none, 2 error, 3 the volume is locked.',
    );
}

function addFix(program: Command, run: Run): void {
  reportOptions(imageOptions(verb(program, 'fix').argument('<image...>', 'image or device')))
    .description('show how the disk can be repaired in place; with --write do it')
    .option('--write', 'write the plan into the image; needs --undo')
    .option('--undo <file>', 'new file that keeps every old byte (a folder for several images)')
    .option('--overlay <file>', 'leave the image alone and write a QCOW2 over it (a folder for several images)')
    .option('--disable-driver <name>', 'set Start of this driver or service to 4 (repeatable)', collect)
    .option('--blank', 'overwrite the content of faulty files instead of renaming them')
    .option('--force', 'also disable a driver that the disk seems to need')
    .option('--rules <folder>', 'also judge by the rule files (*.yaml) in this folder')
    .action((images: string[], options: CommonOptions) =>
      run(async (session) => (await import('./verbs/fix.node.js')).fixVerb(images, options, session)),
    )
    .addHelpText('after', '\nExit codes: 0 nothing to do or done, 1 a plan is shown, 2 error, 3 refused.');
}

function addUndo(program: Command, run: Run): void {
  reportOptions(outputOption(verb(program, 'undo').argument('<undo-file>')))
    .description('put back every byte that a repair changed')
    .option('--check', 'only say how far the repair came')
    .option('--finish', 'finish a repair that was cut off')
    .action((path: string, options: CommonOptions) =>
      run(async (session) => (await import('./verbs/undo.node.js')).undoVerb(path, options, session)),
    );
}

function addRules(program: Command, run: Run): void {
  const rules = program.command('rules').description('the rule files that scan judges by');
  const load = (): Promise<typeof import('./verbs/rules.node.js')> => import('./verbs/rules.node.js');
  outputOption(textOptions(verb(rules, 'list')))
    .description('all rules')
    .action((options: CommonOptions) => run(async (session) => (await load()).rulesList(options, session)));
  outputOption(verb(rules, 'show').argument('<name>', 'name or id'))
    .description('one rule as data')
    .action((name: string, options: CommonOptions) =>
      run(async (session) => (await load()).rulesShow(name, options, session)),
    );
  outputOption(verb(rules, 'check').argument('<file...>', 'rule files'))
    .description('validate rule files')
    .action((files: string[], options: CommonOptions) =>
      run(async (session) => (await load()).rulesCheck(files, options, session)),
    );
}

/** All verbs, in the order in which help lists them. Nothing but `fix` and `undo` writes. */
const VERBS: Readonly<Record<string, AddVerb>> = {
  scan: addScan,
  report: addReport,
  info: addInfo,
  verify: addVerify,
  export: addExport,
  ls: addLs,
  stat: addStat,
  cat: addCat,
  timeline: addTimeline,
  reg: addReg,
  boot: addBoot,
  why: addWhy,
  fix: addFix,
  undo: addUndo,
  rules: addRules,
};

/** A verb, with the options that all have. */
function verb(program: Command, name: string): Command {
  return program
    .command(name)
    .option(
      '--lang <language>',
      'language of reports and messages: en or ja (default: DEADBOX_LANG, else your locale)',
    );
}

/** Options of every verb that only reads an image: a disk put together in spite of doubts is none to write to. */
function readingOptions(command: Command): Command {
  return imageOptions(command)
    .option('--force-chain', 'take a parent that does not fit: the disk may be a mixture of two states')
    .option('--incomplete', 'open an image whose parts are not all there: what they hold cannot be read');
}

/** Options of every verb that opens an image. */
function imageOptions(command: Command): Command {
  command
    .option('--parent <file>', 'a parent of a differencing image that does not lie beside it (repeatable)', collect)
    .option('--member <file>', 'another disk of the same dynamic disk group (repeatable)', collect)
    .option('--disk <n>', 'which disk of an archive, or of a machine (.vmx, .vbox, .pvs, libvirt XML)', wholeNumber)
    .option('--snapshot <name>', 'an internal snapshot of the image, by name or id')
    .option('--recovery-key <key>', `BitLocker recovery password: ${SECRET_HELP} (repeatable)`, collect)
    .option('--password <text>', `BitLocker password: ${SECRET_HELP} (repeatable)`, collect)
    .option('--startup-key <file>', 'BitLocker startup key, a .BEK file (repeatable)', collect)
    .option(
      '--keys <file>',
      'many recovery keys: CSV or JSON, as AD, Entra ID and MBAM export them (repeatable)',
      collect,
    )
    .option('--header <line>', 'HTTP header for web addresses, "Name: value" (repeatable)', collect);
  return outputOption(command).option('--quiet', 'no progress, no warnings').option('--no-progress', 'no progress');
}

function outputOption(command: Command): Command {
  return command.option('-o, --output <file>', 'write there instead of to stdout (- is stdout)');
}

/** Options of verbs that show text, or data for programs. */
function textOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON document')
    .option('--ndjson', 'one JSON line an item')
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .option('--time-zone <zone>', 'show times also in this IANA time zone (default: yours)');
}

/** Options of verbs whose text is a page. */
function reportOptions(command: Command): Command {
  return textOptions(command).option('--markdown', 'the page as Markdown');
}

function volumeOption(command: Command): Command {
  return command.option('--volume <n>', 'volume number as info lists it (default: the Windows volume)', wholeNumber);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** The files that a verb was told to read: `-o` must not name one of them. */
function inputsOf(action: Command): string[] {
  const { parent, startupKey, keys, recoveryKey, password } = action.opts<CommonOptions>();
  // Only scan, fix and rules check take several; what follows an image elsewhere is a path inside it.
  const several = ['scan', 'report', 'check', 'fix'].includes(action.name());
  const files = several ? action.args : action.args.slice(0, 1);
  const secrets = [...(recoveryKey ?? []), ...(password ?? [])].filter((value) => value.startsWith('@'));
  return [
    ...files,
    ...(parent ?? []),
    ...(startupKey ?? []),
    ...(keys ?? []),
    ...secrets.map((value) => value.slice(1)),
  ];
}
