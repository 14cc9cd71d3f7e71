import { expect, test } from 'vitest';
import { type HealthyDraft, healthyDisk } from '../../support/healthy/healthy-disk.js';
import { hiveOf } from '../../support/healthy/hives.js';
import { asking, reportOf } from '../../support/triage/found-causes.js';

/** A hive that was being written when the machine stopped: its sequence numbers differ, its checksum is right. */
function dirty(hive: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(hive.buffer);
  view.setUint32(4, view.getUint32(8, true) + 1, true);
  let sum = 0;
  for (let at = 0; at < 508; at += 4) sum ^= view.getUint32(at, true);
  view.setUint32(508, sum >>> 0, true);
  return hive;
}

test.each<[string, string, (draft: HealthyDraft) => void]>([
  [
    'system-hive-missing',
    'SYSTEM is not there',
    (draft) => {
      draft.arrange = (tree) => {
        const { children } = tree.folder('/Windows/System32/config');
        const at = children.findIndex(({ name }) => name.name === 'SYSTEM');
        const [gone] = children.splice(at, 1);
        tree.files.splice(tree.files.indexOf(gone.file), 1);
      };
    },
  ],
  [
    'system-hive-damaged',
    'SYSTEM is cut short',
    (draft) => void (draft.hives.SYSTEM = hiveOf(draft.system).slice(0, 20_000)),
  ],
  ['software-hive-bad', 'SOFTWARE holds zeros', (draft) => void (draft.hives.SOFTWARE = new Uint8Array(64 << 10))],
])('%s: %s, and Windows cannot load it', async (id, _, change) => {
  const report = await reportOf(await healthyDisk({ change }));
  expect(asking(report)).toEqual([`${id} review proves`]);
  expect(report).toMatchObject({ cause: id, starts: 'no' });
});

test('system-hive-incomplete: a write to SYSTEM did not end, and there is no log to end it', async () => {
  const report = await reportOf(
    await healthyDisk({ change: (draft) => void (draft.hives.SYSTEM = dirty(hiveOf(draft.system))) }),
  );
  expect(asking(report)).toEqual(['system-hive-incomplete review strong']);
  expect(report.starts).toBe('doubtful');
});

test('a registry without most of the drivers of a Windows is not judged by drivers, and nothing is called well', async () => {
  const report = await reportOf(
    await healthyDisk({
      change(draft) {
        for (const name of ['ACPI', 'pci', 'msisadrv', 'vdrvroot', 'partmgr'])
          for (const key of Object.keys(draft.system))
            if (new RegExp(`\\\\Services\\\\${name}(?:\\\\|$)`, 'i').test(key)) delete draft.system[key];
      },
    }),
  );
  expect(report.causes.filter(({ phase, severity }) => phase === 'kernel' && severity !== 'none')).toEqual([]);
  expect(report.starts).toBe('doubtful');
  expect(report.issues).toMatchObject([
    { code: 'cause.undecided', data: { key: '\\ControlSet001\\Services', reason: 'drivers-incomplete', present: 3 } },
  ]);
});
