import { phrase, text } from '../../document/phrase.js';
import type { TimelineWords } from '../scan-words.js';

export const timeline: TimelineWords = {
  title: 'Time line',
  events: {
    started: () => phrase`it started`,
    stopped: () => phrase`it was shut down in good order`,
    running: () => phrase`it was running`,
    crashed: (what) => (what === undefined ? phrase`it crashed` : phrase`it crashed, ${what}`),
    update: (what) => phrase`update ${what ?? text('of an unknown package')}`,
    device: (what) => phrase`device installation: ${what ?? text('unknown')}`,
    'driver-file': (what) => phrase`driver file written: ${what ?? text('unknown')}`,
  },
  failed: ' (failed)',
  lastRan: (time, event) => phrase`Last ran: ${text(time)}, ${event}`,
  changed: (time, event) => phrase`Changed: ${text(time)}, ${event}`,
  firstFailed: (time, event) => phrase`First failure after that: ${text(time)}, ${event}`,
  noFailure: phrase`First failure after that: nothing on the disk tells; many failed starts leave no trace.`,
};
