import { defined, type FileTree, type ReadOptions } from '@deadbox/core';
import { MAX_LOG_FINDINGS } from '../limits.js';
import { readLogTail } from './log-tail.js';

/** A package that servicing dealt with. */
export interface ServicedPackage {
  /** Name as logged, e.g. `Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.3930.1.9`. */
  readonly name: string;
  /** Local time of the machine as logged, `2024-01-10 03:11:58`. */
  readonly time: string;
  /** Result, e.g. `0x800f0922`; 0 is success. */
  readonly result: number;
}

/** What the end of `Logs\CBS\CBS.log` tells. Its times are the machine's local ones. */
export interface ServicingLog {
  readonly path: string;
  /** Last change of the file, ISO-8601 UTC. */
  readonly modified?: string;
  /** Newest last. */
  readonly packages: readonly ServicedPackage[];
  /** Local time of the newest line. */
  readonly lastLine?: string;
  /** Local time of the newest line that says that the transaction log of the file system or registry is full. */
  readonly logFull?: string;
  /** Local time of the newest line that tells of a failure that was rolled back. */
  readonly rolledBack?: string;
}

const TIME = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),/;
const PACKAGE = /Processing complete\..*Package: ([^,[\s]{1,256}).*\[HRESULT = 0x([0-9a-f]{8})/i;
const LOG_FULL = /0x800719e4|ERROR_LOG_FULL/i;
const ROLLED_BACK = /\brol(?:l|led|ling)\s?back\b/i;
const FAILED = /, Error\b|HRESULT = 0x8[0-9a-f]{7}|\bfailed\b/i;

/** Understands the lines of a servicing log. */
export function parseServicingLines(lines: readonly string[]): Omit<ServicingLog, 'path' | 'modified'> {
  const packages: ServicedPackage[] = [];
  let lastLine: string | undefined;
  let logFull: string | undefined;
  let rolledBack: string | undefined;
  for (const line of lines) {
    const time = TIME.exec(line)?.[1];
    if (time === undefined) continue;
    lastLine = time;
    if (LOG_FULL.test(line)) logFull = time;
    if (ROLLED_BACK.test(line) && FAILED.test(line)) rolledBack = time;
    const match = PACKAGE.exec(line);
    if (match !== null) packages.push({ name: match[1], time, result: Number.parseInt(match[2], 16) });
  }
  return { packages: packages.slice(-MAX_LOG_FINDINGS), ...defined({ lastLine, logFull, rolledBack }) };
}

/** Reads the end of the servicing log. @param root - the Windows folder, e.g. `/Windows` */
export async function readServicingLog(
  tree: FileTree,
  root: string,
  options?: ReadOptions,
): Promise<ServicingLog | undefined> {
  const tail = await readLogTail(tree, `${root}/Logs/CBS/CBS.log`, options);
  if (tail === undefined) return undefined;
  const { path, modified, lines } = tail;
  return { path, ...defined({ modified }), ...parseServicingLines(lines) };
}
