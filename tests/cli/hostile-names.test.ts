import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeadboxError } from '@deadbox/core';
import { REPORT_FORMS } from '@deadbox/report';
import type { ScanReport } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../packages/cli/src/exit-code.js';
import { makeProgram } from '../../packages/cli/src/program/program.node.js';
import { checkOutput } from '../fuzz/unsafe-output.js';
import { attackVolume } from '../support/attack/attack-volume.js';
import { mbrDevice, windowsBootStore, writeBootStore } from '../support/bcd-writer.js';
import { deadbox } from '../support/cli.js';
import { runInProcess } from '../support/cli-in-process.js';
import { FAULTY_CHANNEL_FILE } from '../support/disk-writer/crashed-disk.js';
import { writeEventLog } from '../support/evtx-writer.js';
import { temporaryFolder } from '../support/tools.js';
import { softwareHive, systemHive } from '../support/windows-hives.js';

// Whoever wrote a disk chose its names; whoever reads a listing sees them as they are, and no terminal, log or script
// acts on them.
/**
 * A control, a C1 control, marks that turn text round, hide it or end a line, a lone surrogate, a bar, and what a shell
 * or a spreadsheet runs.
 */
const HOSTILE = 'x\u001b[2J\u009b31m\u202egnp\u200b\u2028\u2066\ufeff\ud83d|`$(id)';
const FOLDER = '/Windows/System32/drivers/CrowdStrike';
const folder = temporaryFolder();
const names = join(folder, HOSTILE.replace(/[\ud83d]/g, ''));

function disk(): Uint8Array {
  const device = mbrDevice(0, 0x1234_5678);
  const store = windowsBootStore({
    firmware: 'bios',
    system: device,
    windows: device,
    loader: { '12000004': HOSTILE },
  });
  const { name, ...faulty } = FAULTY_CHANNEL_FILE;
  return attackVolume(
    10 << 20,
    {
      '/Boot/BCD': writeBootStore(store),
      '/Windows/System32/config/SYSTEM': systemHive({
        computerName: HOSTILE,
        domain: HOSTILE,
        timeZone: HOSTILE,
        system: {
          [`ControlSet001\\Services\\${HOSTILE}`]: { [HOSTILE]: HOSTILE, ImagePath: HOSTILE, Start: 0, Type: 1 },
        },
      }),
      '/Windows/System32/config/SOFTWARE': softwareHive({ productName: HOSTILE }),
      '/Windows/System32/winevt/Logs/System.evtx': writeEventLog([
        [
          {
            provider: HOSTILE,
            eventId: 1001,
            time: 133_658_285_758_000_000n,
            data: { param1: HOSTILE, param2: HOSTILE },
          },
        ],
      ]),
      [`/${HOSTILE}`]: new Uint8Array(10),
      [`${FOLDER}/Quarantine/C-00000291-${HOSTILE}.sys`]: new Uint8Array(10),
    },
    (tree) => {
      const parent = tree.folder(FOLDER.slice(1));
      tree.addFile(parent, name, faulty);
      tree.addFile(parent, `C-00000291-${HOSTILE}.sys`, { ...faulty, streams: { [HOSTILE]: new Uint8Array(3) } });
      tree.addFile(parent, `C-00000777-291${HOSTILE}.sys`, faulty);
    },
    { label: HOSTILE.slice(0, 20) },
  );
}

/** The journal of a run that gave this report. */
function journalOf({ provenance, images }: ScanReport): string {
  const head = { schema: 'deadbox.run/1', type: 'run', run: HOSTILE, shard: null, images: images.length, provenance };
  const lines = images.map((judged, index) => {
    const stamp = { path: HOSTILE, size: 1, mtime: HOSTILE };
    return { type: 'image', key: judged.path, index, size: null, mtime: null, parts: [stamp], image: judged };
  });
  return [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
}

mkdirSync(names);
const image = join(names, `${HOSTILE.replace(/[\ud83d]/g, '')}.img`);
writeFileSync(image, disk());
const hive = join(names, 'SYSTEM');
writeFileSync(hive, systemHive({ computerName: HOSTILE, system: { [`A\\${HOSTILE}`]: { [HOSTILE]: HOSTILE } } }));
const undoFile = join(names, 'undo');
const repaired = join(names, 'repaired.img');
copyFileSync(image, repaired);
await runInProcess(['fix', repaired, '--write', '--undo', undoFile, '-o', join(names, 'said')]);
const scanned = join(names, 'scanned.json');
await runInProcess(['scan', image, `${image}.missing`, '--json', '-o', scanned]);
const journal = join(names, 'run.ndjson');
writeFileSync(journal, journalOf(JSON.parse(readFileSync(scanned, 'utf8'))));
const broken = join(names, 'broken.yaml');
writeFileSync(broken, `title: ${JSON.stringify(HOSTILE)}\nname: ${JSON.stringify(HOSTILE)}\n`);

/** For each verb the lines that are run; the first one in every form that the verb's output has. */
const LINES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  scan: [
    ['scan', image, '--deep', '--explain'],
    ['scan', image],
    ['scan', image, `${image}.missing`],
    ['scan', image, '--target', HOSTILE],
  ],
  report: [
    ['report', journal],
    ['report', `${journal}.missing`],
  ],
  'fleet status': [['fleet', 'status', '--queue', HOSTILE]],
  info: [
    ['info', image, '--check'],
    ['info', `${image}.missing`],
  ],
  verify: [
    ['verify', image],
    ['verify', `${image}.missing`],
  ],
  export: [
    ['export', image],
    ['export', image, '--volume', '9'],
  ],
  ls: [
    ['ls', image, '-r', '--streams'],
    ['ls', image, '-r', '-l', '--streams', '--deleted', '--all'],
    ['ls', image, FOLDER, '--hash', 'sha256'],
    ['ls', image, `/${HOSTILE}/none`],
  ],
  stat: [
    ['stat', image, `${FOLDER}/C-00000291-${HOSTILE}.sys`],
    ['stat', image, `/${HOSTILE}/none`],
  ],
  walk: [
    ['walk', image, `${FOLDER}/C-00000291-${HOSTILE}.sys`],
    ['walk', image, `SYSTEM\\ControlSet001\\Services\\${HOSTILE}\\${HOSTILE}`],
    ['walk', image, `/${HOSTILE}/none`],
    ['walk', image, HOSTILE],
  ],
  cat: [
    ['cat', image, `/${HOSTILE}`],
    ['cat', image, `/${HOSTILE}:${HOSTILE}`],
  ],
  timeline: [['timeline', image]],
  reg: [
    ['reg', hive, '-r'],
    ['reg', image, 'SYSTEM', '-r'],
    ['reg', image, 'SYSTEM', '-r', '--ndjson'],
    ['reg', image, `SYSTEM\\${HOSTILE}`],
  ],
  boot: [
    ['boot', image],
    ['boot', `${image}.missing`],
  ],
  why: [
    ['why', '0x7E', image],
    ['why', HOSTILE],
    ['why', `${HOSTILE} 0xC000000E`, image],
  ],
  fix: [
    ['fix', image],
    ['fix', image, '--disable-driver', HOSTILE],
    ['fix', `${image}.missing`],
  ],
  undo: [
    ['undo', undoFile],
    ['undo', hive],
    ['undo', `${undoFile}.missing`],
  ],
  'rules list': [['rules', 'list']],
  'rules show': [
    ['rules', 'show', '2017-10-delta'],
    ['rules', 'show', HOSTILE],
  ],
  'rules check': [['rules', 'check', broken]],
  completion: [
    ['completion', 'bash'],
    ['completion', HOSTILE],
  ],
  config: [['config']],
  version: [['version']],
  // A program for a browser: nothing of any image is in it.
  page: [],
};

/** What these write is bytes, not text. */
const RAW = ['cat', 'export'];

type Command = ReturnType<typeof makeProgram>;

/** Every verb of the program by its full name. */
function verbs(): Map<string, Command> {
  const program = makeProgram(
    undefined,
    async () => undefined,
    () => undefined,
  );
  const found = new Map<string, Command>();
  // What a queue gets is said, never shown: these have no output.
  const silent = new Set(['fleet submit', 'fleet work', 'fleet cancel']);
  for (const command of program.commands) {
    if (command.commands.length === 0) found.set(command.name(), command);
    for (const inner of command.commands) {
      const name = `${command.name()} ${inner.name()}`;
      if (!silent.has(name)) found.set(name, inner);
    }
  }
  return found;
}

/** The options that change the form of a verb's output: each alone, and none. */
function forms(command: Command | undefined): string[][] {
  const found: string[][] = [[]];
  for (const { long, argChoices } of command?.options ?? []) {
    if (['--json', '--ndjson', '--markdown'].includes(long ?? '')) found.push([long as string]);
    // The forms of reports are told by the endings of their files.
    for (const form of long === '--report' ? REPORT_FORMS : [])
      found.push(['--report', join(folder, `report.${form}`)]);
    if (long === '--format') for (const choice of argChoices ?? []) found.push([long, choice]);
  }
  return found;
}

/**
 * A report without what its writer puts there: the mark at the beginning of a CSV, and how the program in a page is
 * indented.
 */
function asWritten(report: string): string {
  return report.replace(/^\ufeff/, '').replaceAll(/^\t+/gm, '');
}

const RUNS = [...verbs()].flatMap(([name, command]) =>
  (LINES[name] ?? []).flatMap((line, index) =>
    (index === 0 ? forms(command) : [[]]).map((form) => ({
      name,
      argv: [...line, ...form],
      first: index === 0,
      data: form.some((part) => /json/.test(part)),
    })),
  ),
);

test('every verb has its lines', () => {
  expect(Object.keys(LINES).toSorted()).toEqual([...verbs().keys()].toSorted());
});

describe.each(['en', 'ja'] as const)('a disk whose every name is hostile, %s', (language) => {
  const title = (argv: readonly string[]): string =>
    argv.map((part) => (part.includes('\u001b') ? '…' : part)).join(' ');

  test.each(RUNS.filter(({ data }) => language === 'en' || !data).map((run) => [title(run.argv), run] as const))(
    '%s shows it as text',
    async (_, run) => {
      const { name, argv, first } = run;
      const out = join(folder, 'output');
      const { said, error } = await runInProcess([...argv, '-o', out], language);
      checkOutput(said, 'what is said');
      expect(error === undefined || error instanceof UsageError || isDeadboxError(error), String(error)).toBe(true);
      // Without a Redis there is no queue to show.
      if (first && name !== 'fleet status') expect(error).toBeUndefined();
      const report = argv.includes('--report') ? argv.at(-1) : undefined;
      if (report !== undefined) checkOutput(asWritten(readFileSync(report, 'utf8')), report);
      if (error !== undefined) return;
      const text = readFileSync(out, 'utf8');
      rmSync(out);
      if (RAW.includes(name)) return;
      checkOutput(text, name);
      if (name === 'ls') expect(text).toContain('202e');
      if (name !== 'timeline' || argv.includes('csv') || argv.includes('ndjson')) return;
      // mactime takes each line apart at its bars.
      const fields = text
        .trimEnd()
        .split('\n')
        .map((line) => line.split('|').length);
      expect([...new Set(fields)]).toEqual([11]);
    },
  );

  test.each([
    ['a word that is no verb', [HOSTILE]],
    ['an option that is none', ['ls', image, `--${HOSTILE}`]],
    ['a value that is none of the choices', ['timeline', image, '--format', HOSTILE]],
  ])('%s is shown as text', (_, argv) => {
    const { code, stderr } = deadbox([...argv, '--lang', language]);
    expect(code).toBe(2);
    checkOutput(stderr, 'what is said');
  });
});
