import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkOutput } from '../fuzz/unsafe-output.js';
import { attackVolume } from '../support/attack/attack-volume.js';
import { mbrDevice, windowsBootStore, writeBootStore } from '../support/bcd-writer.js';
import { runInProcess } from '../support/cli-in-process.js';
import { FAULTY_CHANNEL_FILE } from '../support/disk-writer/crashed-disk.js';
import { writeEventLog } from '../support/evtx-writer.js';
import { temporaryFolder } from '../support/tools.js';
import { softwareHive, systemHive } from '../support/windows-hives.js';

// Whoever wrote a disk chose its names; whoever reads a listing sees them as they are, and no terminal, log or script acts on them.
/** A control, a C1 control, marks that turn text round, hide it or end a line, a lone surrogate, a bar, and what a shell or a spreadsheet runs. */
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

mkdirSync(names);
const image = join(names, `${HOSTILE.replace(/[\ud83d]/g, '')}.img`);
writeFileSync(image, disk());
const hive = join(names, 'SYSTEM');
writeFileSync(hive, systemHive({ computerName: HOSTILE, system: { [`A\\${HOSTILE}`]: { [HOSTILE]: HOSTILE } } }));
const broken = join(names, 'broken.yaml');
writeFileSync(broken, `title: ${JSON.stringify(HOSTILE)}\nname: ${JSON.stringify(HOSTILE)}\n`);

const VERBS: readonly (readonly string[])[] = [
  ['scan', image],
  ['scan', image, '--deep', '--explain', '--json'],
  ['scan', image, '--deep', '--explain'],
  ['scan', image, '--ndjson'],
  ['scan', image, '--markdown', '--explain'],
  ['scan', image, `${image}.missing`],
  ['info', image, '--check'],
  ['info', image, '--json'],
  ['info', image, '--markdown'],
  ['info', `${image}.missing`],
  ['ls', image, '-r'],
  ['ls', image, '-r', '-l', '--streams', '--deleted', '--all'],
  ['ls', image, '-r', '--streams', '--ndjson'],
  ['ls', image, '-r', '--json'],
  ['ls', image, FOLDER, '--hash', 'sha256'],
  ['ls', image, `/${HOSTILE}/none`],
  ['stat', image, `${FOLDER}/C-00000291-${HOSTILE}.sys`],
  ['stat', image, `${FOLDER}/C-00000291-${HOSTILE}.sys`, '--json'],
  ['timeline', image],
  ['timeline', image, '--format', 'csv'],
  ['timeline', image, '--format', 'ndjson'],
  ['reg', image, 'SYSTEM', '-r'],
  ['reg', image, 'SYSTEM', '-r', '--ndjson'],
  ['reg', hive, '-r', '--json'],
  ['reg', image, `SYSTEM\\${HOSTILE}`],
  ['boot', image],
  ['boot', image, '--json'],
  ['boot', image, '--markdown'],
  ['rules', 'check', broken],
  ['rules', 'show', HOSTILE],
  ['fix', image],
  ['fix', image, '--json'],
  ['fix', image, '--markdown', '--disable-driver', HOSTILE],
  ['cat', image, `/${HOSTILE}:${HOSTILE}`],
  [HOSTILE, image],
  ['ls', image, `--${HOSTILE}`],
];

describe.each(['en', 'ja'] as const)('a disk whose every name is hostile, %s', (language) => {
  test.each(VERBS.map((argv) => [argv.map((part) => (part.includes('\u001b') ? '…' : part)).join(' '), argv] as const))(
    '%s shows it as text',
    async (_, argv) => {
      const out = join(folder, 'output');
      const { said, error } = await runInProcess([...argv, '-o', out], language);
      checkOutput(said, 'what is said');
      if (error !== undefined) return;
      const text = readFileSync(out, 'utf8');
      rmSync(out);
      checkOutput(text, argv[0]);
      if (argv[0] === 'ls') expect(text).toContain('202e');
      if (argv[0] !== 'timeline' || argv.length > 2) return;
      // mactime takes each line apart at its bars.
      const fields = text
        .trimEnd()
        .split('\n')
        .map((line) => line.split('|').length);
      expect([...new Set(fields)]).toEqual([11]);
    },
  );
});
