import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommonOptions } from './options.js';
import { protectInputs } from './output/protected-inputs.node.js';
import { VERSION } from './version.js';

const SECRET_HELP = 'VALUE, @FILE, env:NAME, or - to be asked';

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** Options of every verb that opens an image. */
function imageOptions(command: Command): Command {
  return command
    .option('--parent <file>', 'a parent of a differencing image that does not lie beside it (repeatable)', collect)
    .option('--member <file>', 'another disk of the same dynamic disk group (repeatable)', collect)
    .option('--snapshot <name>', 'an internal snapshot of the image, by name or id')
    .option('--recovery-key <key>', `BitLocker recovery password: ${SECRET_HELP} (repeatable)`, collect)
    .option('--password <text>', `BitLocker password: ${SECRET_HELP} (repeatable)`, collect)
    .option('--startup-key <file>', 'BitLocker startup key, a .BEK file (repeatable)', collect)
    .option(
      '--keys <file>',
      'many recovery keys: CSV or JSON, as AD, Entra ID and MBAM export them (repeatable)',
      collect,
    )
    .option('--header <line>', 'HTTP header for web addresses, "Name: value" (repeatable)', collect)
    .option('-o, --output <file>', 'write there instead of to stdout (- is stdout)')
    .option('--quiet', 'no progress, no warnings')
    .option('--no-progress', 'no progress');
}

function textOutput(command: Command): Command {
  return command
    .option('--json', 'one JSON document')
    .option('--ndjson', 'one JSON line an item')
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .option('--time-zone <zone>', 'show times also in this IANA time zone (default: yours)');
}

function volumeOption(command: Command): Command {
  return command.option('--volume <n>', 'volume number as info lists it (default: the Windows volume)', wholeNumber);
}

/** The files that a verb was told to read: `-o` must not name one of them. */
function inputsOf(action: Command): string[] {
  const { parent, startupKey, keys } = action.opts<CommonOptions>();
  // Only scan takes several; what follows an image elsewhere is a path inside it.
  const images = action.name() === 'scan' ? action.args : action.args.slice(0, 1);
  return [...images, ...(parent ?? []), ...(startupKey ?? []), ...(keys ?? [])];
}

/** What a verb's action calls: gives the exit code. */
export type Run = (verb: (signal: AbortSignal) => Promise<number>) => Promise<void>;

/** The command line. Each verb's code is loaded when it is called. */
export function makeProgram(run: Run): Command {
  const program = new Command('deadbox')
    .description('Says why the Windows on a disk image does not boot. Reads without mounting, and never writes.')
    .version(VERSION)
    .showHelpAfterError('(deadbox --help shows all)')
    .exitOverride()
    .hook('preAction', (_, action) => protectInputs(inputsOf(action)));

  textOutput(imageOptions(program.command('scan').argument('<image...>', 'image, device, folder or web address')))
    .description('judge every Windows installation: is the faulty driver file there, what blocks the disk')
    .option('--quick', 'stop at the file verdict: the least reading there is')
    .option('--deep', 'add a pass over the whole MFT')
    .option('--include <what>', 'also examine: old (Windows.old), vss (shadow copies)')
    .option('--rules <folder>', 'also judge by the rule files (*.yaml) in this folder')
    .option('--explain', 'show how each fact was found')
    .action((images: string[], options: CommonOptions) =>
      run(async (signal) => (await import('./verbs/scan.node.js')).scanVerb(images, options, signal)),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing to act on, 1 something to act on, 2 nothing could be opened, 3 a person must look.',
    );

  textOutput(imageOptions(program.command('info').argument('<image>')))
    .description('container, partition table, volumes, encryption, file systems')
    .option('--check', 'check the health of every NTFS volume: reads all its metadata')
    .action((image: string, options: CommonOptions) =>
      run(async (signal) => (await import('./verbs/info.node.js')).infoVerb(image, options, signal)),
    );

  volumeOption(
    textOutput(imageOptions(program.command('ls').argument('<image>').argument('[path]', 'folder or file', '/'))),
  )
    .description('list files')
    .option('-r, --recursive', 'everything below')
    .option('-l, --long', 'type, size, time')
    .option('--follow', 'go on through links inside the volume')
    .option('--streams', 'named streams too')
    .option('--all', "NTFS's own files too ($MFT, $Extend…)")
    .option('--deleted', 'deleted files too')
    .addOption(new Option('--hash <algorithm>', 'hash of each content').choices(['sha256']))
    .action((image: string, path: string, options: CommonOptions) =>
      run(async (signal) => (await import('./verbs/ls.node.js')).lsVerb(image, path, options, signal)),
    );

  volumeOption(
    textOutput(imageOptions(program.command('stat').argument('<image>').argument('<path>', 'path or #record'))),
  )
    .description('every attribute, run list and time of one file')
    .option('--follow', 'go on through links inside the volume')
    .action((image: string, path: string, options: CommonOptions) =>
      run(async (signal) => (await import('./verbs/stat.node.js')).statVerb(image, path, options, signal)),
    );

  volumeOption(imageOptions(program.command('cat').argument('<image>').argument('<path>', 'path[:stream] or #record')))
    .description('the bytes of one file')
    .option('--follow', 'go on through links inside the volume')
    .action((image: string, path: string, options: CommonOptions) =>
      run(async (signal) => (await import('./verbs/cat.node.js')).catVerb(image, path, options, signal)),
    );
  volumeOption(imageOptions(program.command('timeline').argument('<image>', 'disk image, or a dumped $MFT file')))
    .description('every MFT record with both sets of times, deleted ones too')
    .addOption(
      new Option('--format <format>', 'form of the lines').choices(['bodyfile', 'csv', 'ndjson']).default('bodyfile'),
    )
    .action((image: string, options: CommonOptions) =>
      run(async (signal) => (await import('./verbs/timeline.node.js')).timelineVerb(image, options, signal)),
    );

  imageOptions(program.command('export').argument('<image>'))
    .description('the whole virtual disk as raw bytes; with --volume that volume, decrypted when unlocked')
    .option('--volume <n>', 'only this volume, as info numbers it', wholeNumber)
    .action((image: string, options: CommonOptions) =>
      run(async (signal) => (await import('./verbs/export.node.js')).exportVerb(image, options, signal)),
    );

  volumeOption(
    textOutput(
      imageOptions(
        program
          .command('reg')
          .argument('<image>', 'disk image, or a hive file')
          .argument('[key]', 'HIVE\\\\key, e.g. SYSTEM\\\\Select'),
      ),
    ),
  )
    .description('the registry of an offline disk, logs replayed in memory')
    .option('-r, --recursive', 'everything below')
    .action((image: string, key: string | undefined, options: CommonOptions) =>
      run(async (signal) => (await import('./verbs/reg.node.js')).regVerb(image, key, options, signal)),
    );

  textOutput(imageOptions(program.command('boot').argument('<image>', 'disk image, or a boot store (BCD) file')))
    .description('the boot store in words, and whether it still fits the disk')
    .action((image: string, options: CommonOptions) =>
      run(async (signal) => (await import('./verbs/boot.node.js')).bootVerb(image, options, signal)),
    );

  const rules = program.command('rules').description('the rule files that scan judges by');
  textOutput(rules.command('list'))
    .description('all rules')
    .action((options: CommonOptions) => run(async () => (await import('./verbs/rules.node.js')).rulesList(options)));
  rules
    .command('show')
    .argument('<name>', 'name or id')
    .description('one rule as data')
    .action((name: string) => run(async () => (await import('./verbs/rules.node.js')).rulesShow(name)));
  rules
    .command('check')
    .argument('<file...>', 'rule files')
    .description('validate rule files')
    .action((files: string[]) => run(async () => (await import('./verbs/rules.node.js')).rulesCheck(files)));
  return program;
}
