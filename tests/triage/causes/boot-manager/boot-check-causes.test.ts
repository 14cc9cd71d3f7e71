import { expect, test } from 'vitest';
import { gptDevice } from '../../../support/bcd-writer.js';
import {
  HEALTHY_DISK_ID,
  type HealthyDraft,
  type HealthyPlaces,
  healthyDisk,
} from '../../../support/healthy/healthy-disk.js';
import type { SparseMemory } from '../../../support/healthy/sparse-memory.js';
import { asking, causeOf, reportOf } from '../../../support/triage/found-causes.js';

const STORE = '/EFI/Microsoft/Boot/BCD';
const NOWHERE = '{00000000-1111-2222-3333-444444444444}';

/** Frees the folder entry of the store on the FAT volume at `system`. */
function deleteStore(disk: SparseMemory, { system }: HealthyPlaces): void {
  const head = Buffer.from(disk.read(system, 2 << 20));
  const at = head.indexOf('BCD        ', 0, 'latin1');
  if (at < 0) throw new Error('no entry of the store');
  disk.write(system + at, Uint8Array.of(0xe5));
}

// A proof that Windows does not start; what is to be done a person decides: the contract gives these verdicts review.
test.each<[string, string, (draft: HealthyDraft) => void, Parameters<typeof healthyDisk>[0]?]>([
  ['bcd-missing', 'no store', () => undefined, { patch: deleteStore }],
  ['bcd-damaged', 'zeros', ({ systemFiles }) => void (systemFiles[STORE] = new Uint8Array(8192))],
  [
    'bcd-default-missing',
    'a default entry that is not there',
    ({ store }) => void (store.manager = { '23000003': NOWHERE, '24000001': [NOWHERE] }),
  ],
  [
    'bcd-device',
    'a partition that the disk does not have',
    ({ store }) => void (store.windows = gptDevice('A1B2C3D4-0102-0304-0506-0708090A0B0C', HEALTHY_DISK_ID)),
  ],
  [
    'bcd-wrong-loader-name',
    'the loader of the other firmware',
    ({ store }) => void (store.loader = { '12000002': '\\Windows\\system32\\winload.exe' }),
  ],
  [
    'bcd-systemroot-wrong',
    'a folder that is not that of Windows',
    ({ store }) => void (store.loader = { '22000002': '\\WINNT' }),
  ],
])('%s is the headline and has no company: %s', async (id, _, change, more = {}) => {
  const report = await reportOf(await healthyDisk({ ...more, change }));
  const [cause, ...others] = report.causes.filter(({ severity }) => severity !== 'none');
  expect(others).toEqual([]);
  expect(cause).toMatchObject({ id, severity: 'review', confidence: 'proves', phase: 'boot-manager' });
  expect(report).toMatchObject({ cause: id, starts: 'no', severity: 'review' });
  expect(causeOf(report, id)?.codes.length).toBeGreaterThan(0);
});

test('names in another case, and a menu without a default, are as good', async () => {
  const report = await reportOf(
    await healthyDisk({
      change({ store }) {
        store.loader = { '12000002': '\\WINDOWS\\SYSTEM32\\WINLOAD.EFI', '22000002': '\\WINDOWS' };
        store.manager = { '23000003': '{733B62E5-F608-11EB-825C-C112F60133AB}' };
      },
    }),
  );
  expect(asking(report)).toEqual([]);
  expect(report.starts).toBe('nothing-found');
});
