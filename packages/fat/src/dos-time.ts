import { BitFields, type FileTime, fileTimeFromUnixMs } from '@deadbox/core';

/**
 * The FILETIME of a DOS date and time (Microsoft FAT specification, section 6.3). FAT keeps the writer's local time and
 * not its zone:
 * the value is given as if it were UTC, so hours may be off by the zone of the server.
 * @param date - bits 0–4 day, 5–8 month, 9–15 years since 1980
 * @param time - bits 0–4 two-second steps, 5–10 minutes, 11–15 hours
 * @param hundredths - 0–199, adds 10 ms each; only creation times have it
 * @returns `undefined` for 0 (not set) and for days that do not exist
 */
export function dosFileTime(date: number, time: number, hundredths = 0): FileTime | undefined {
  const fields = new BitFields(Uint8Array.of(date, date >> 8, time, time >> 8));
  const day = fields.bits(0, 5);
  const month = fields.bits(5, 4);
  const year = 1980 + fields.bits(9, 7);
  const seconds = fields.bits(16, 5) * 2;
  const minutes = fields.bits(21, 6);
  const hours = fields.bits(27, 5);
  if (month < 1 || month > 12 || day < 1 || seconds > 58 || minutes > 59 || hours > 23 || hundredths > 199)
    return undefined;
  const milliseconds = Date.UTC(year, month - 1, day, hours, minutes, seconds) + hundredths * 10;
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return undefined;
  return fileTimeFromUnixMs(milliseconds);
}
