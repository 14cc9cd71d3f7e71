import type { CrashCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const crash: CauseTexts<CrashCauseId> = {
  'third-party-crash': {
    title: (facts) =>
      phrase`The newest crash names a driver that is not from Microsoft: ${facts.show('module')} (service ${facts.show('driver')}).`,
    screen: 'A stop code that names the driver, or any stop code at every start.',
    proof:
      'The newest dump, error report or log of Startup Repair names a driver that is loaded at every start (Start 0 or 1), and that stands neither on the way to the disk or network nor in a list of filters. Without a crash after it, it is over.',
    remedy: 'Disable the driver (Start = 4, four bytes) and look for its update.',
  },
  'driver-verifier': {
    title: () => phrase`Driver Verifier is switched on: it stops Windows at the first fault of a driver.`,
    screen: 'Stop code 0xC4, 0xC9 or 0xE6, or a machine that is very slow.',
    proof:
      'VerifyDrivers or VerifyDriverLevel of Memory Management is set; they are absent on ordinary machines. A dump with one of its codes speaks for it.',
    remedy: 'Set VerifyDriverLevel to 0, or from a recovery environment: verifier /reset.',
  },
  'ci-blocked-driver': {
    title: (facts) =>
      phrase`Windows refused to load a driver that it is told to load at every start: ${facts.show('driver')}.`,
    screen: 'Stop code 0x5A or 0x7B, or a start without that driver.',
    proof:
      'The log of code integrity has event 3004, 3023, 3033 or 3077 for the file within 30 days before the last start, and the driver has Start 0 or 1. Programs that were refused are ordinary.',
    remedy: 'Install a version that is signed as demanded, or disable the driver (Start = 4, four bytes).',
  },
};
