// What stands in the CrowdStrike folder of each disk, and what follows from the incident's published facts
// (name, folder, and last-modified time of the channel file; faulty from 04:09 UTC, reverted from 05:27 UTC on 2024-07-19).

const FAULTY = {
  name: 'C-00000291-00000000-00000032.sys',
  modified: '2024-07-19T04:09:35.1234567Z',
  size: 6_321,
  class: 'faulty-window',
};
const NEWER = {
  name: 'C-00000291-00000000-00000033.sys',
  modified: '2024-07-19T05:27:48.7654321Z',
  size: 5_406,
  class: 'reverted-or-newer',
};

/** By state: the verdict and its severity, and the channel files with their class and content. */
export const STATES = {
  faulty: { verdict: 'faulty', severity: 'act', files: [{ ...FAULTY, content: 'ok' }] },
  reverted: { verdict: 'reverted', severity: 'none', files: [{ ...NEWER, content: 'ok' }] },
  superseded: {
    verdict: 'superseded',
    severity: 'none',
    files: [
      { ...FAULTY, content: 'ok' },
      { ...NEWER, content: 'ok' },
    ],
  },
  // Data had been written and committed, as zeros.
  'zero-filled': { verdict: 'faulty-damaged', severity: 'act', files: [{ ...FAULTY, content: 'zero-filled' }] },
  // Clusters were allocated and the size set, but no byte of the content was committed: valid data length 0.
  unwritten: { verdict: 'faulty-damaged', severity: 'act', files: [{ ...FAULTY, content: 'unwritten' }] },
  // Somebody removed the file: the folder is there, a matching file is not.
  absent: { verdict: 'cleared', severity: 'none', files: [] },
};

/** The folder's path on the volume. */
export const CROWDSTRIKE = '/Windows/System32/drivers/CrowdStrike';
