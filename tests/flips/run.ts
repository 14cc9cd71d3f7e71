import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { changesOf, FileVerdict, flip, type Mode, targetsOf } from './campaign.js';

// npm run flips [-- --image NAME] [--mode quick,full,deep] [--bits every|one] [--step N] [--first N] [--only TEXT]
// [--no-settle]
const option = (name: string, otherwise: string): string => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : (process.argv[at + 1] ?? otherwise);
};
const modes = option('mode', 'quick,full,deep').split(',') as Mode[];
const every = option('bits', 'every') === 'every';
const step = Number(option('step', '1'));
const first = Number(option('first', '0'));
const only = option('only', '');
const settles = !process.argv.includes('--no-settle');
let undefended = 0;
for (const name of option('image', 'mbr-faulty,gpt-faulty').split(',')) {
  const golden = JSON.parse(readFileSync(`test-images/${name}.json`, 'utf8'));
  const bytes = new Uint8Array(gunzipSync(readFileSync(`test-images/${name}.img.gz`)));
  const targets = (await targetsOf(bytes, golden.files[0].path, golden.windowsVolume)).filter(({ what }) =>
    what.includes(only),
  );
  const total = targets.reduce(
    (sum, { length, slack }) =>
      sum + Math.ceil(length / step) * modes.length * changesOf(0, every && slack !== true).length,
    0,
  );
  let tried = 0;
  let settledScans = 0;
  const settle = settles ? await FileVerdict.open(bytes, golden.windowsVolume) : undefined;
  const started = performance.now();
  const counts = new Map<string, number>();
  const onTried = (settled: boolean): void => {
    tried += 1;
    if (settled) settledScans += 1;
    if (tried % 1000 === 0) process.stderr.write(`${tried} of ${total} scans\n`);
  };
  const flips = { every, step, first, onTried, ...(settle === undefined ? {} : { settle }) };
  for await (const calmed of flip(bytes, targets, modes, flips)) {
    const { reason } = calmed;
    if (reason === undefined) {
      undefended += 1;
      process.stdout.write(`${name} ${JSON.stringify(calmed)}\n`);
    } else counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  await settle?.close();
  process.stdout.write(
    `${name}: ${tried} scans (${settledScans} settled by the files) of ${targets.reduce((sum, { length }) => sum + length, 0)} bytes in ${seconds} s\n`,
  );
  for (const [reason, count] of counts) process.stdout.write(`  ${count} defended: ${reason}\n`);
}
process.stdout.write(`${undefended} undefended\n`);
process.exitCode = undefended === 0 ? 0 : 1;
