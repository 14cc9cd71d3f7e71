import { expect, test } from 'vitest';
import { boolean } from '../../../support/bcd-writer.js';
import { healthyDisk } from '../../../support/healthy/healthy-disk.js';
import { reportOf } from '../../../support/triage/found-causes.js';

test('a boot store that goes on behind what is read is no lost entry: nobody says that it is, or that all is well', async () => {
  // Before all elements that matter, as the keys of a hive are sorted.
  const padding = Array.from({ length: 1025 }, (_, i) => [String(i).padStart(8, '0'), boolean(true)]);
  const report = await reportOf(
    await healthyDisk({ change: ({ store }) => void (store.manager = Object.fromEntries(padding)) }),
  );
  expect(report.causes.filter(({ phase }) => phase === 'boot-manager')).toEqual([]);
  expect(report).toMatchObject({ severity: 'review', starts: 'not-checked' });
  expect(report.installations[0]?.boot).toMatchObject({ verdict: 'not-checked', severity: 'review', remedies: [] });
  const doubt = report.issues.find(({ data }) => data.reason === 'too-many');
  expect(doubt?.data).toMatchObject({ path: '/EFI/Microsoft/Boot/BCD' });
  expect(doubt?.data.causes).toEqual(expect.arrayContaining(['bcd-default-missing', 'safe-boot-left']));
});
