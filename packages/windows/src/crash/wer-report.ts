import { defined, formatFileTime } from '@deadbox/core';
import { stopCodeName } from './bugcheck.js';

/** A Windows Error Reporting report about the kernel (`Report.wer`). */
export interface WerReport {
  /** `BlueScreen` for a crash, `LiveKernelEvent` for one that was survived. */
  readonly eventType: string;
  /** ISO-8601 UTC. */
  readonly time?: string;
  /** Stop code. */
  readonly code?: number;
  /** Name of the stop code, where it is known. */
  readonly codeName?: string;
  /** As written, without `0x`. */
  readonly parameters: string[];
  /** Dump file that the report belongs to. */
  readonly dumpFile?: string;
  /** What Microsoft's service answered, e.g. `AV_<module>!<symbol>`. */
  readonly bucket?: string;
  /** Name of the module in the bucket, without `.sys`. */
  readonly module?: string;
  /** All names and values of the signature; some names are in the system's language. */
  readonly signature: Readonly<Record<string, string>>;
}

const MAX_BUCKET = 1024;

/**
 * Parses the text of a report: lines `name=value`; `Sig[n].Name` and `Sig[n].Value` (also `DynamicSig`) belong
 * together.
 */
export function parseWerReport(text: string): WerReport | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const equals = line.indexOf('=');
    if (equals > 0) fields.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  const eventType = fields.get('EventType');
  if (eventType === undefined) return undefined;
  // No prototype: the names come from the file.
  const signature: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of fields) {
    const match = /^((?:Dynamic)?Sig\[\d{1,3}\])\.Name$/.exec(name);
    if (match !== null) signature[value] = fields.get(`${match[1]}.Value`) ?? '';
  }
  const ticks = /^\d{1,19}$/.exec(fields.get('EventTime') ?? '');
  const code = Number.parseInt(signature.Code ?? signature.BCCode ?? '', 16);
  const bucket = fields.get('Response.BucketId')?.slice(0, MAX_BUCKET);
  return {
    eventType,
    ...defined({
      time: ticks === null ? undefined : formatFileTime(BigInt(ticks[0])),
      code: Number.isNaN(code) ? undefined : code,
      codeName: stopCodeName(code),
      dumpFile: dumpFileOf(fields),
      bucket,
      module: bucket?.includes('!') === true ? bucket.split('!')[0].split(/[_\s]/).at(-1) : undefined,
    }),
    parameters: [1, 2, 3, 4]
      .map((n) => signature[`Parameter ${n}`] ?? signature[`BCP${n}`])
      .filter((one) => one !== undefined),
    signature: { ...signature },
  };
}

function dumpFileOf(fields: ReadonlyMap<string, string>): string | undefined {
  for (const [name, value] of fields)
    if (/^(File\[\d+\]\.(Path|CabName|OriginalPath)|UserFile\d*)$/.test(name) && /\.dmp$/i.test(value)) return value;
  return undefined;
}
