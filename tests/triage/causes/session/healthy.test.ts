import { expect, test } from 'vitest';
import { CRASH_DETECTORS } from '../../../../packages/triage/src/causes/crash/detectors.js';
import { DATA_DETECTORS, DATA_DISK_DETECTORS } from '../../../../packages/triage/src/causes/data/detectors.js';
import { LOGON_DETECTORS, LOGON_DISK_DETECTORS } from '../../../../packages/triage/src/causes/logon/detectors.js';
import { SESSION_DETECTORS } from '../../../../packages/triage/src/causes/session/detectors.js';
import { sessionSubjects } from '../../../support/triage/session-windows.js';

test('a healthy Windows has no cause, not even one that is only worth knowing, and nothing is in doubt', async () => {
  const { disk, windows, doubts } = await sessionSubjects();
  for (const { causes, detect } of [...SESSION_DETECTORS, ...LOGON_DETECTORS, ...DATA_DETECTORS, ...CRASH_DETECTORS])
    expect(await detect(windows, {}), causes.join(' ')).toEqual([]);
  for (const { causes, detect } of [...LOGON_DISK_DETECTORS, ...DATA_DISK_DETECTORS])
    expect(await detect(disk, {}), causes.join(' ')).toEqual([]);
  expect(doubts.issues).toEqual([]);
});
