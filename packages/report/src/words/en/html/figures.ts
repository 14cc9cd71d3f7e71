import { concat, phrase, text } from '../../../document/phrase.js';
import type { FigureWords } from '../../html/figure-words.js';
import { formatCount, plural } from '../../units.js';

export const figures: FigureWords = {
  map: {
    title: 'Disk map',
    description: (volumes, size) => `A disk of ${size} with ${plural(volumes, 'volume')}, drawn to scale.`,
    roles: {
      'efi-system': 'EFI system',
      'microsoft-reserved': 'Microsoft reserved',
      'system-reserved': 'System reserved',
      recovery: 'Recovery',
      windows: 'Windows',
      data: 'Data',
      unknown: 'Unknown',
    },
    unallocated: 'Unallocated',
    notToScale: 'Small partitions are drawn wider than they are.',
    columns: {
      number: 'No.',
      role: 'Role',
      content: 'Content',
      size: 'Size',
      offset: 'First byte',
      state: 'State',
    },
    locked: 'locked',
    unlocked: 'encrypted, opened',
    unreadable: 'unreadable',
    healthy: 'nothing found',
    noVolumes: 'No volume was found on this disk.',
    findings: (count) => plural(count, 'finding'),
  },
  chain: {
    title: 'Boot chain',
    links: {
      disk: 'Disk',
      firmware: 'Firmware',
      'boot-manager': 'Boot manager',
      store: 'Boot store',
      loader: 'Loader',
      kernel: 'Kernel and drivers',
      session: 'Session manager',
      logon: 'Logon',
    },
    states: {
      sound: 'nothing found',
      broken: 'broken here',
      doubtful: 'doubtful',
      beyond: 'not reached',
      'not-checked': 'not checked',
    },
    partition: (number) => `partition ${number}`,
  },
  incident: {
    title: 'What happened',
    arrived: (name) => phrase`${name} arrived`,
    removed: (name) => phrase`${name} was removed`,
    lastShutdown: phrase`last shutdown in good order`,
    crashed: (code, module) =>
      concat(
        text('crash'),
        code === undefined ? undefined : phrase`, ${code}`,
        module === undefined ? undefined : phrase`, in ${module}`,
      ),
    later: (span) => `${span} later`,
    more: (count) => phrase`and ${text(formatCount(count))} more moments`,
  },
  evidence: {
    title: 'Evidence',
    columns: { what: 'What lies there', onDisk: 'Byte on the disk', inFile: 'Byte in the file', bytes: 'Bytes' },
    none: 'No bytes were recorded as evidence.',
  },
};
