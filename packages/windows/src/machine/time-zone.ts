import { defined } from '@deadbox/core';
import type { RegistryKey } from '../registry/registry-key.js';
import { ianaTimeZone } from './windows-time-zones.js';

/** The machine's time zone. */
export interface MachineTimeZone {
  /** Windows' key, e.g. `Tokyo Standard Time`; absent before Windows Vista. */
  readonly key?: string;
  /** IANA name of the key, for showing times; absent for unknown keys. */
  readonly iana?: string;
  /** Minutes of standard time: UTC = local time + bias, so Tokyo has -540. */
  readonly biasMinutes?: number;
  /** The same at the last start or change of clock: with daylight saving time when it was in force. */
  readonly activeBiasMinutes?: number;
  /** Name to show when there is no key, e.g. `UTC+09:00`. */
  readonly name: string;
}

const signed = (value: number | undefined): number | undefined => (value === undefined ? undefined : value | 0);

/** `UTC+09:00` for a bias of -540 minutes. */
function offsetName(bias: number): string {
  const minutes = Math.abs(bias);
  return `UTC${bias > 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** Reads `Control\TimeZoneInformation`; `undefined` without it, and where it names no zone. */
export async function readTimeZone(controlSet: RegistryKey): Promise<MachineTimeZone | undefined> {
  const info = await controlSet.key('Control\\TimeZoneInformation');
  if (info === undefined) return undefined;
  const key = (await info.text('TimeZoneKeyName')) ?? '';
  const bias = signed(await info.number('Bias'));
  const active = signed(await info.number('ActiveTimeBias'));
  const standard = await info.text('StandardName');
  const iana = ianaTimeZone(key);
  // Windows before Vista keeps the zone's own name; later ones a reference into a library of texts (`@tzres.dll,-622`).
  const own = standard === undefined || standard.startsWith('@') ? '' : standard;
  const name = iana ?? [key, own].find((text) => text !== '') ?? (bias === undefined ? undefined : offsetName(bias));
  if (name === undefined) return undefined;
  return {
    ...defined({ key: key === '' ? undefined : key, iana, biasMinutes: bias, activeBiasMinutes: active }),
    name,
  };
}
