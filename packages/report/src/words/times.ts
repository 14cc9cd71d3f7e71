import { escapeText } from '../document/escape.js';

/** The zone in which times are shown beside UTC. */
export interface ShownZone {
  /** IANA name, e.g. `Asia/Tokyo`. */
  readonly name: string;
  /** Whose zone it is: the examined server's, the reader's, or one that was asked for. */
  readonly whose: 'server' | 'reader' | 'asked';
}

/** An ISO time as `2024-02-29 12:34:56 UTC`, with its decimals when they are not zero. */
export function formatUtc(iso: string): string {
  const match = /^([+-]?\d+-\d\d-\d\d)T([\d:]+)(?:\.(\d+))?Z$/.exec(iso);
  // It may come from a file that somebody else wrote.
  if (match === null) return escapeText(iso);
  const fraction = match[3] === undefined || /^0+$/.test(match[3]) ? '' : `.${match[3]}`;
  return `${match[1]} ${match[2]}${fraction} UTC`;
}

/** An ISO time in UTC and in the named zone: `2024-02-29 12:34:56 UTC / 2024-02-29 21:34:56 Asia/Tokyo`. */
export function formatBoth(iso: string, zone: ShownZone | undefined): string {
  const utc = formatUtc(iso);
  if (zone === undefined || zone.name === 'UTC' || zone.name === 'Etc/UTC') return utc;
  const local = formatInZone(iso, zone.name);
  return local === undefined ? utc : `${utc} / ${local} ${zone.name}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatInZone(iso: string, zone: string): string | undefined {
  const milliseconds = Date.parse(iso.replace(/(\.\d{3})\d*Z$/, '$1Z'));
  if (Number.isNaN(milliseconds)) return undefined;
  let format = formats.get(zone);
  if (format === undefined) {
    // sv-SE is the locale whose date order is ISO's.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
    formats.set(zone, format);
  }
  return format.format(milliseconds);
}

/** Whether the runtime knows `zone`. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
