import { formatFileTime, parseFileTime } from '@deadbox/core';

/** A date and time of day in fields, as structures and texts keep them. */
export interface CalendarTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond?: number;
}

/** ISO-8601 UTC text; `undefined` for what no calendar or clock shows, such as 30 February, and outside of FILETIME. */
export function calendarText(time: CalendarTime): string | undefined {
  const { year, month, day, hour, minute, second, millisecond = 0 } = time;
  const [mm, dd, h, m, s] = [month, day, hour, minute, second].map((field) => String(field).padStart(2, '0'));
  const text = `${String(year).padStart(4, '0')}-${mm}-${dd}T${h}:${m}:${s}.${String(millisecond).padStart(3, '0')}Z`;
  const found = parseFileTime(text);
  return found === undefined ? undefined : formatFileTime(found);
}
