import { expect, test } from 'vitest';
import { nextSteps } from '../../../packages/triage/src/scan/next-steps.js';

type Installation = Parameters<typeof nextSteps>[0];
type Volumes = Parameters<typeof nextSteps>[1];

const remove = {
  id: 'remove-file',
  text: {},
  data: { paths: ['X:\\Windows\\System32\\drivers\\bad.sys'], del: 'del' },
};
const installation = {
  volume: 3,
  root: '/Windows',
  severity: 'act',
  rules: [
    { nextSteps: [{ id: 'restore-backup', text: {}, data: {} }, remove, { id: 'keep-disk-identity', data: {} }] },
  ],
  hives: [{ path: '/Windows/System32/config/SOFTWARE', verdict: 'damaged' }],
  boot: { severity: 'act', remedies: ['restore-identity'], identity: null },
} as unknown as Installation;

const volumes = (hibernation: string): Volumes =>
  [
    {
      number: 3,
      offset: 1024,
      length: 4096,
      encryption: { verdict: 'none', keyProtectors: [] },
      ntfs: { hibernation },
    },
  ] as unknown as Volumes;

test('a copy comes first, warnings before what is done, a backup last', () => {
  expect(nextSteps(installation, volumes('none')).map(({ id }) => id)).toEqual([
    'copy-first',
    'keep-disk-identity',
    'remove-file',
    'remove-on-linux',
    'mend-hive',
    'boot-restore-identity',
    'restore-backup',
  ]);
});

test.each(['hibernated', 'restoring'])('a Windows that is %s gets no step that writes to its volume', (state) => {
  expect(nextSteps(installation, volumes(state)).map(({ id }) => id)).toEqual([
    'copy-first',
    'hibernated',
    'keep-disk-identity',
  ]);
});
