import { fileTimeFromUnixMs, formatFileTime } from '@deadbox/core';
import { stopCodeName } from './bugcheck.js';

/** What Startup Repair wrote about a Windows that did not start (`SrtTrail.txt`). */
export interface StartupRepairLog {
  /** ISO-8601 UTC when the date could be understood (English form, GMT). */
  lastSuccessfulBoot?: string;
  /** As written. */
  lastSuccessfulBootText?: string;
  /** How often repair was tried. */
  repairAttempts?: number;
  /** Sum over the sessions. */
  rootCauses?: number;
  /** Lines under "Root cause found:", each once. */
  causes: string[];
  /** Stop code of a root cause. */
  code?: number;
  /** Name of the stop code, where it is known. */
  codeName?: string;
  /** Parameters of the stop code, as written. */
  parameters: string[];
  /** Names of `.sys`, `.exe` and `.dll` files in the root causes, each once. */
  files: string[];
}

/** Text direction marks that Windows puts around the parts of a date. */
const MARKS = /[\u200e\u200f]/g;
const MAX_CAUSES = 32;

/** Parses the text of the log (English; other languages give nothing but file names). */
export function parseStartupRepairLog(text: string): StartupRepairLog {
  const lines = text.replace(MARKS, '').split(/\r?\n/);
  const log: StartupRepairLog = { causes: [], parameters: [], files: [] };
  const causes = new Set<string>();
  for (const [i, line] of lines.entries()) {
    const boot = /^Last successful boot time:\s*(.+)$/i.exec(line)?.[1]?.trim();
    if (boot !== undefined) {
      log.lastSuccessfulBootText = boot;
      const time = englishTime(boot);
      if (time !== undefined) log.lastSuccessfulBoot = time;
    }
    const attempts = /^Number of repair attempts:\s*(\d{1,9})/i.exec(line)?.[1];
    if (attempts !== undefined) log.repairAttempts = Number(attempts);
    const count = /^Number of root causes\s*[=:]\s*(\d{1,9})/i.exec(line)?.[1];
    if (count !== undefined) log.rootCauses = (log.rootCauses ?? 0) + Number(count);
    if (/^Root cause found:/i.test(line))
      for (const cause of paragraph(lines, i + 1)) if (causes.size < MAX_CAUSES) causes.add(cause);
  }
  log.causes = [...causes];
  readCauses(log);
  return log;
}

/** The lines below a heading and its rule, up to an empty one. */
function paragraph(lines: readonly string[], from: number): string[] {
  const found: string[] = [];
  for (let i = from; i < lines.length && found.length < MAX_CAUSES; i += 1) {
    const line = lines[i].trim();
    if (/^-{3,}$/.test(line)) continue;
    if (line === '') break;
    found.push(line);
  }
  return found;
}

function readCauses(log: StartupRepairLog): void {
  const files = new Set<string>();
  for (const cause of log.causes) {
    const match = /Bugcheck\s+(?:0x)?([0-9a-f]{1,8})\b\.?\s*(?:Parameters\s*=\s*(.*))?/i.exec(cause);
    if (match !== null && log.code === undefined) {
      log.code = Number.parseInt(match[1], 16);
      const name = stopCodeName(log.code);
      if (name !== undefined) log.codeName = name;
      log.parameters = (match[2] ?? '').match(/0x[0-9a-f]+/gi) ?? [];
    }
    for (const file of cause.matchAll(/([\w.-]+\.(?:sys|exe|dll))\b/gi)) files.add(file[1].toLowerCase());
  }
  log.files = [...files];
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
  const hours = half === undefined ? hour : (hour % 12) + (half === 'PM' ? 12 : 0);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hours > 23) return undefined;
  return formatFileTime(fileTimeFromUnixMs(Date.UTC(year, month - 1, day, hours, minute, second)));
}
