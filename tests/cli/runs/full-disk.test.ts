import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runInProcess } from '../../support/cli-in-process.js';
import { findings, lineCount, manyImages } from '../../support/many-images.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';

/** Every ending of `--report`. */
const FORMS = ['html', 'md', 'sarif', 'csv', 'json', 'ndjson'];
const IMAGES = 12;

describeWithTools(['mount', 'umount'], 'a full disk', () => {
  describe.skipIf(!canMount)('that root mounted', () => {
    const folder = temporaryFolder();
    const small = join(folder, 'small');
    const [images, whole] = ['images', 'whole.json'].map((name) => join(folder, name));
    const scan = ['scan', '--quick', '--jobs', '1', images, '--json'];
    const pages = (count: number): string => `size=${4 * count}k`;

    beforeAll(async () => {
      mkdirSync(small);
      manyImages(images, IMAGES);
      await runInProcess([...scan, '-o', whole]);
      run('mount', ['-t', 'tmpfs', '-o', pages(FORMS.length), 'tmpfs', small]);
    });
    afterAll(() => void run('umount', [small]));

    test.each([
      ['no room', 0, FORMS],
      ['room for its beginning', 1, ['html', 'md', 'json', 'ndjson']],
    ])('with %s costs a report its file and nothing else', async (_, free, lost) => {
      run('mount', ['-o', `remount,${pages(FORMS.length + free)}`, small]);
      const path = (form: string): string => join(small, `report.${form}`);
      for (const form of FORMS) writeFileSync(path(form), 'of before');
      const shown = join(folder, 'shown.json');
      const reports = FORMS.flatMap((form) => ['--report', path(form)]);
      const { code, said } = await runInProcess([...scan, '-o', shown, ...reports]);
      expect(code).toBe(2);
      for (const form of lost) {
        expect(said).toContain(`report.${form} cannot be written: ENOSPC`);
        expect(readFileSync(path(form), 'utf8')).toBe('of before');
      }
      // Nothing half is left under any name.
      expect(readdirSync(small).toSorted()).toEqual(FORMS.map((form) => `report.${form}`).toSorted());
      expect(findings(shown)).toEqual(findings(whole));
      for (const form of FORMS) rmSync(path(form));
    });

    test('costs a journal its end: the run goes on and says so, and goes on from there when there is room', async () => {
      const journal = join(small, 'run.ndjson');
      const shown = join(folder, 'shown.json');
      const cut = await runInProcess([...scan, '-o', shown, '--journal', journal]);
      expect(cut).toMatchObject({ code: 2, said: expect.stringContaining('run.ndjson cannot be written: ENOSPC') });
      expect(findings(shown)).toEqual(findings(whole));
      expect(lineCount(journal)).toBeLessThan(IMAGES);
      run('mount', ['-o', 'remount,size=2m', small]);
      const resumed = await runInProcess([...scan, '-o', shown, '--journal', journal]);
      expect(resumed.code).toBe(1);
      expect(findings(shown)).toEqual(findings(whole));
      const merged = join(folder, 'merged.json');
      await runInProcess(['report', journal, '--report', merged]);
      expect(findings(merged)).toEqual(findings(whole));
    });
  });
});
