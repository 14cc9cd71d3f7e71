import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runInProcess } from '../../support/cli-in-process.js';
import { endedRun, findings, killedRun, lineCount, manyImages } from '../../support/many-images.js';
import { temporaryFolder } from '../../support/tools.js';

/** Images of a run and moments at which it is killed: DEADBOX_KILLS=50 takes 300 images and fifty moments. */
const KILLS = Number(process.env.DEADBOX_KILLS ?? 5);
const IMAGES = KILLS > 5 ? 300 : 40;

describe('a run with a journal', () => {
  const folder = temporaryFolder();
  const images = join(folder, 'images');
  const journal = join(folder, 'run.ndjson');
  const whole = join(folder, 'whole.json');
  const scan = (out: string): string[] => ['scan', images, '--quick', '--json', '-o', out, '--jobs', '2'];
  const resumed = async (): Promise<unknown> => {
    const out = join(folder, 'resumed.json');
    await runInProcess([...scan(out), '--journal', journal]);
    return findings(out);
  };

  beforeAll(async () => {
    manyImages(images, IMAGES);
    await runInProcess(scan(whole));
  });

  test(`killed at ${KILLS} moments ends with the report of a run that nobody killed`, async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      rmSync(journal, { force: true });
      const lines = 2 + Math.floor(Math.random() * (IMAGES - 4));
      const killed = await killedRun([...scan(join(folder, 'cut.json')), '--journal', journal], journal, lines);
      const before = lineCount(journal);
      expect(await resumed(), `killed at line ${lines}`).toEqual(findings(whole));
      // What was done by then was not done again; the second run has a first line of its own.
      if (killed) expect(lineCount(journal) - before).toBeLessThan(IMAGES - lines + 3);
    }
  }, 3_600_000);

  test.each([
    ['Ctrl-C', 'SIGINT', 130],
    ['the end of its service', 'SIGTERM', 143],
    ['the loss of its terminal', 'SIGHUP', 129],
  ] as const)(
    'ended by %s reports what is finished, with a whole journal, and goes on later',
    async (_, signal, ends) => {
      rmSync(journal, { force: true });
      const out = join(folder, 'interrupted.json');
      const lines = 3 + Math.floor(Math.random() * (IMAGES / 2));
      const { code } = await endedRun([...scan(out), '--journal', journal], journal, lines, signal);
      expect(code).toBe(ends);
      const written = readFileSync(journal, 'utf8');
      expect(written.endsWith('\n')).toBe(true);
      const [, ...kept] = written
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const { images: reported } = JSON.parse(readFileSync(out, 'utf8'));
      expect(reported.map(({ path }: any) => path)).toEqual(kept.map(({ key }) => key).toSorted());
      expect(kept.length).toBeGreaterThanOrEqual(lines - 1);
      expect(kept.length).toBeLessThan(IMAGES);
      expect(await resumed()).toEqual(findings(whole));
    },
    120_000,
  );

  test('goes on from a line that was cut anywhere, as losing power leaves it', async () => {
    const text = readFileSync(journal);
    const end = statSync(journal).size;
    for (const lost of [1, 2, 700]) {
      writeFileSync(journal, text);
      truncateSync(journal, end - lost);
      expect(await resumed()).toEqual(findings(whole));
    }
    writeFileSync(journal, text);
    appendFileSync(journal, Buffer.alloc(4096));
    expect(await resumed()).toEqual(findings(whole));
    const out = join(folder, 'merged.json');
    await runInProcess(['report', journal, '--report', out]);
    expect(findings(out)).toEqual(findings(whole));
  });

  test('judges an image again whose time changed, and no other', async () => {
    const path = join(images, 'server-0003.img');
    const before = lineCount(journal);
    utimesSync(path, new Date(), new Date(Date.now() - 5000));
    expect(await resumed()).toEqual(findings(whole));
    expect(lineCount(journal) - before).toBe(2);
    expect(JSON.parse(readFileSync(journal, 'utf8').trimEnd().split('\n').at(-1) as string).key).toBe(path);
  });

  test('refuses a journal of other options or other images, and leaves it as it is', async () => {
    const before = readFileSync(journal);
    const other = manyImages(join(folder, 'other'), 2);
    for (const args of [
      ['scan', images, '--journal', journal],
      ['scan', other, '--quick', '--journal', journal],
      ['scan', images, '--quick', '--shard', '1/2', '--journal', journal],
    ]) {
      const { said, error } = await runInProcess(args);
      expect(said).toContain('is of another run');
      expect(error).toMatchObject({ exitCode: 2 });
    }
    const image = join(images, 'server-0001.img');
    const { said } = await runInProcess(['scan', images, '--quick', '--journal', image]);
    expect(said).toContain('is what is being read');
    expect(readFileSync(journal).equals(before)).toBe(true);
  });
});
