import { defined, utf16Text } from '@deadbox/core';
import { calendarText } from '../calendar.js';
import { MAX_REPAIR_CAUSES, MAX_REPAIR_LINE } from '../limits.js';
import { stopCodeName } from './bugcheck.js';

/** What Startup Repair wrote about a Windows that did not start (`SrtTrail.txt`). */
export interface StartupRepairLog {
  /** ISO-8601 UTC when the date could be understood (English form, GMT). */
  readonly lastSuccessfulBoot?: string;
  /** As written. */
  readonly lastSuccessfulBootText?: string;
  /** How often repair was tried. */
  readonly repairAttempts?: number;
  /** Sum over the sessions. */
  readonly rootCauses?: number;
  /** Lines under "Root cause found:", each once. */
  readonly causes: string[];
  /** Stop code of a root cause. */
  readonly code?: number;
  /** Name of the stop code, where it is known. */
  readonly codeName?: string;
  /** Parameters of the stop code, as written. */
  readonly parameters: string[];
  /** Names of `.sys`, `.exe` and `.dll` files in the root causes, each once, lower case. */
  readonly files: string[];
}

/** Text direction marks that Windows puts around the parts of a date. */
const MARKS = /[\u200e\u200f]/g;

/** Parses the text of the log (English; of other languages only the ids of `startupRepairIds` are understood). */
export function parseStartupRepairLog(text: string): StartupRepairLog {
  const lines = text.split(/\r?\n/).map((line) => line.slice(0, MAX_REPAIR_LINE).replace(MARKS, ''));
  let boot: string | undefined;
  let repairAttempts: number | undefined;
  let rootCauses: number | undefined;
  const causes = new Set<string>();
  for (const [i, line] of lines.entries()) {
    boot = /^Last successful boot time:\s*(.+)$/i.exec(line)?.[1]?.trim() ?? boot;
    const attempts = /^Number of repair attempts:\s*(\d{1,9})/i.exec(line)?.[1];
    if (attempts !== undefined) repairAttempts = Number(attempts);
    const count = /^Number of root causes\s*[=:]\s*(\d{1,9})/i.exec(line)?.[1];
    if (count !== undefined) rootCauses = (rootCauses ?? 0) + Number(count);
    if (/^Root cause found:/i.test(line))
      for (const cause of paragraph(lines, i + 1)) if (causes.size < MAX_REPAIR_CAUSES) causes.add(cause);
  }
  const stop = stopOf(causes);
  return {
    ...defined({
      lastSuccessfulBoot: boot === undefined ? undefined : englishTime(boot),
      lastSuccessfulBootText: boot,
      repairAttempts,
      rootCauses,
      code: stop?.code,
      codeName: stop === undefined ? undefined : stopCodeName(stop.code),
    }),
    causes: [...causes],
    parameters: stop?.parameters ?? [],
    files: [...new Set([...causes].flatMap(fileNames))],
  };
}

/**
 * Ids in the binary log beside the text (`SrtTrail.log`), each once: they are the same in every language, e.g.
 * `NoOsInstalled`. Its structure is not known; ids are told from other texts by their form.
 */
export function startupRepairIds(bytes: Uint8Array): string[] {
  const texts = utf16Text(bytes).split('\0');
  return [...new Set(texts.filter((text) => text.length <= MAX_ID && /^(?:[A-Z][a-z0-9]+){2,}$/.test(text)))];
}

const MAX_ID = 64;

/** The lines below a heading and its rule, up to an empty one. */
function paragraph(lines: readonly string[], from: number): string[] {
  const found: string[] = [];
  for (let i = from; i < lines.length && found.length < MAX_REPAIR_CAUSES; i += 1) {
    const line = lines[i].trim();
    if (/^-{3,}$/.test(line)) continue;
    if (line === '') break;
    found.push(line);
  }
  return found;
}

/** The first stop code that a cause names. */
function stopOf(causes: Iterable<string>): { readonly code: number; readonly parameters: string[] } | undefined {
  for (const cause of causes) {
    const match = /Bugcheck\s+(?:0x)?([0-9a-f]{1,8})\b\.?\s*(?:Parameters\s*=\s*(.*))?/i.exec(cause);
    if (match !== null)
      return { code: Number.parseInt(match[1], 16), parameters: (match[2] ?? '').match(/0x[0-9a-f]+/gi) ?? [] };
  }
  return undefined;
}

function fileNames(cause: string): string[] {
  const names = cause.split(/[^\w.-]+/).map((name) => name.replace(/\.+$/, '').toLowerCase());
  return names.filter((name) => /.\.(?:sys|exe|dll)$/.test(name));
}

/** `7/18/2024 7:15:47 PM (GMT)`. */
function englishTime(text: string): string | undefined {
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4})\s+(\d{1,2}):(\d{2}):(\d{2})\s*([AP]M)?\s*\(GMT\)/i.exec(text);
  if (match === null) return undefined;
  const [, month, day, year, hour, minute, second] = match.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const half = match[7]?.toUpperCase();
  const ofDay = half === undefined ? hour : (hour % 12) + (half === 'PM' ? 12 : 0);
  return calendarText({ year, month, day, hour: ofDay, minute, second });
}
