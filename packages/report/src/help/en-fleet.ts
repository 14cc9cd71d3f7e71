import type { HelpWords, VerbId } from './help-words.js';

/** What is said of the commands of a queue. */
export const fleetVerbs: Pick<HelpWords['verbs'], Extract<VerbId, `fleet${string}`>> = {
  fleet: {
    summary: 'judge images on many hosts, through a queue on Redis (needs the package @deadbox/fleet)',
    examples: [
      { command: 'deadbox fleet submit /images', does: 'give images to the queue' },
      { command: 'deadbox fleet status --watch', does: 'how far the run is' },
    ],
  },
  'fleet submit': {
    summary: 'give images to the queue; keys and headers stay with the workers',
    examples: [
      { command: 'deadbox fleet submit /images --queue redis://queue:6379', does: 'all images of a folder' },
      { command: 'deadbox fleet submit --targets list.txt --site tokyo', does: 'a list, for the hosts of one site' },
    ],
  },
  'fleet work': {
    summary: 'judge images of the queue on this host',
    examples: [
      { command: 'deadbox fleet work --site tokyo', does: 'until Ctrl-C' },
      {
        command: 'deadbox fleet work --drain --keys keys.csv',
        does: 'until nothing is left, with keys of this host',
      },
    ],
  },
  'fleet status': {
    summary: 'how far the run is; with --journal its reports so far',
    examples: [
      { command: 'deadbox fleet status --watch', does: 'until it is finished' },
      { command: 'deadbox fleet status --journal run.ndjson', does: 'what deadbox report makes a report of' },
    ],
  },
  'fleet cancel': {
    summary: 'take the run and its results out of the queue',
    examples: [
      { command: 'deadbox fleet cancel', does: 'the queue that DEADBOX_QUEUE names' },
      { command: 'deadbox fleet cancel --queue redis://queue:6379', does: 'another queue' },
    ],
  },
};
