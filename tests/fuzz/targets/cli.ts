import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bytes, DeadboxError } from '@deadbox/core';
import { OutputClosed, UsageError } from '../../../packages/cli/src/exit-code.js';
import { mbrDevice, windowsBootStore, writeBootStore } from '../../support/bcd-writer.js';
import { runInProcess } from '../../support/cli-in-process.js';
import { smallDisk } from '../../support/disk-writer/small-disk.js';
import { systemHive } from '../../support/windows-hives.js';
import { root } from '../../support/workspace.js';
import { type FuzzTarget, placesOf, type Seed } from '../target.js';
import { checkOutput } from '../unsafe-output.js';

/** Names in the arguments that stand for files of a folder made for the run: the input's own bytes, and a disk. */
const PLACES = { FILE: 'input', DISK: 'disk.img' } as const;
/** Verbs whose output is bytes of the disk. */
const RAW = new Set(['cat', 'export']);
/** What would write, ask, or leave the folder. */
const REFUSED =
  /^-o|^--(?:out|write|undo|over|help|version)|^-[rl]*[ohV]|^--?$|^undo$|^help$|:\/\/|\.\.|^\/|^\\\\|^env:|\0/i;

let folder: string | undefined;

function makeFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'deadbox-fuzz-'));
  writeFileSync(join(made, PLACES.DISK), smallDisk('mbr'));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  // A mutated name is a name in this folder.
  process.chdir(made);
  return made;
}

/**
 * Runs the command line in this process: the first line has the arguments, separated by tabs; what follows is the
 * content of the file.
 */
async function runCommand(input: Bytes): Promise<string> {
  const end = input.indexOf(10);
  if (end < 0) throw new DeadboxError('NO_ARGUMENTS', 'there is no first line');
  const given = new TextDecoder().decode(input.subarray(0, end)).split('\t');
  if (given.some((argument) => REFUSED.test(argument)))
    throw new DeadboxError('ARGUMENT_REFUSED', 'an argument that would write or wait');
  folder ??= makeFolder();
  writeFileSync(join(folder, PLACES.FILE), input.subarray(end + 1));
  const out = join(folder, 'output');
  const argv = given.map((argument) => PLACES[argument as keyof typeof PLACES] ?? argument);
  const { code, said, error } = await runInProcess([...argv, '-o', out]);
  checkOutput(said, 'what is said');
  if (error instanceof UsageError || error instanceof OutputClosed || isCallFault(error)) return 'call';
  if (error !== undefined) throw error;
  if (RAW.has(argv[0])) return String(code);
  const text = readFileSync(out, 'utf8');
  rmSync(out);
  checkOutput(text, argv.join(' '));
  return `${code} ${Math.log2(text.length + 1) | 0}`;
}

/** What the parser of the command line says of a wrong call. */
function isCallFault(error: unknown): boolean {
  return error instanceof Error && ((error as { code?: string }).code ?? '').startsWith('commander.');
}

const utf8 = new TextEncoder();

function seed(argv: string, content: Uint8Array | string = ''): Seed {
  const file = typeof content === 'string' ? utf8.encode(content) : content;
  return { name: argv, bytes: Buffer.concat([utf8.encode(`${argv.replaceAll(' ', '\t')}\n`), file]) };
}

function seeds(): Seed[] {
  const disk = smallDisk('mbr');
  const table = disk.subarray(placesOf(disk, 'FILE')[0]).slice(0, 64 << 10);
  const device = mbrDevice(1 << 20, 0xb3eb_a8f1);
  const store = writeBootStore(windowsBootStore({ firmware: 'bios', system: device, windows: device }));
  const rule = readFileSync(join(root, 'packages/triage/rules/crowdstrike-channel-file-291.yaml'));
  const password = '123456-123456-123456-123456-123456-123456-123456-123456';
  return [
    seed('scan DISK --quick --json'),
    seed('scan FILE DISK --ndjson --quick', disk.subarray(0, 4096)),
    seed('scan DISK --rules FILE'),
    seed('info FILE --markdown', disk.subarray(0, 4096)),
    seed(
      'info DISK --keys FILE',
      `KeyProtectorId,RecoveryPassword\n2F0B5A5A-0000-4000-8000-000000000001,${password}\n`,
    ),
    seed('info DISK --recovery-key @FILE --parent FILE', password),
    seed('ls DISK \\Windows\\System32 -l --streams --json'),
    seed('ls DISK -r --deleted --hash sha256 --volume 1'),
    seed('stat DISK #5 --time-zone Asia/Tokyo'),
    seed('cat DISK C:\\Windows\\System32\\ntoskrnl.exe'),
    seed('timeline FILE --format csv', table),
    seed('timeline FILE --format ndjson', table),
    seed('reg FILE ControlSet001\\Services -r --ndjson', systemHive()),
    seed('reg DISK SYSTEM\\Select'),
    seed('boot FILE --lang ja', store),
    seed('rules check FILE', rule),
    seed('rules show crowdstrike-channel-file-291'),
    seed('fix DISK --disable-driver CSAgent --json'),
    seed('export DISK --volume 1 --quiet'),
  ];
}

export const cliTargets: readonly FuzzTarget[] = [
  {
    name: 'cli/command',
    seeds,
    parse: runCommand,
    // The arguments, and then the head of the file.
    structures: (bytes) => [
      [0, bytes.indexOf(10)],
      [0, bytes.indexOf(10)],
      [bytes.indexOf(10), Math.min(bytes.length, 2000)],
      [0, bytes.length],
    ],
  },
];
