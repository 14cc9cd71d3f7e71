import { type FailureCode, failureCode, failureCodeNamed } from '@deadbox/windows';
import type { CausePhase } from '../cause-kinds/cause-kind.js';
import { CAUSE_KINDS, type CauseId, type KnownCauseId } from '../cause-kinds/cause-kinds.js';
import type { CauseReport } from '../report/cause-report.js';
import type { ImageReport } from '../report/report-types.js';

/** What somebody saw on the screen: a code, or words. */
export type WhyQuery =
  | { readonly kind: 'code'; readonly code: FailureCode }
  | { readonly kind: 'text'; readonly text: string };

/** What a disk says of a cause: proven or found on it; looked for and not there; or nobody could look. */
export type OnDisk = 'proven' | 'found' | 'not-there' | 'not-decided';

/** A cause of what the screen showed. */
export interface WhyCause {
  readonly id: CauseId;
  readonly phase: CausePhase;
  /** Codes that it shows, the likeliest first. */
  readonly codes: readonly string[];
  /** What the disk says; `null` without one. */
  readonly onDisk: OnDisk | null;
  /** What was found. */
  readonly found: CauseReport | null;
}

/** The answer to "why does it show this?". */
export interface WhyReport {
  readonly schema: 'deadbox.why/1';
  /** As it was asked. */
  readonly query: string;
  readonly kind: 'status' | 'stop-code' | 'text';
  /** `0xC000000E`; `null` for words. */
  readonly code: string | null;
  /** Its name, where it is known. */
  readonly name: string | null;
  /** What can show it: what the disk proves first, else in the order of the start. */
  readonly causes: readonly WhyCause[];
  /** The disk that was asked. */
  readonly image: string | null;
}

/** Reads `0xC000000E`, `7B`, `0x7bh`, `-1073741810`, `INACCESSIBLE_BOOT_DEVICE`, a code within words, or words. */
export function readWhyQuery(query: string): WhyQuery {
  const text = query.trim();
  const named = failureCodeNamed(text);
  const code = named ?? codeIn(text);
  return code === undefined ? { kind: 'text', text } : { kind: 'code', code };
}

function codeIn(text: string): FailureCode | undefined {
  const marked =
    /\b0x([0-9a-f]{1,8})(?:h\b|\b)/i.exec(text)?.[1] ?? /^(?:stop\s*:?\s*)?([0-9a-f]{1,8})h?$/i.exec(text)?.[1];
  if (marked !== undefined) {
    const found = failureCode(Number.parseInt(marked, 16));
    // A word of the letters a to f is a code only where that code is known.
    return /\d/.test(marked) || found.name !== undefined ? found : undefined;
  }
  const signed = /^-\d{6,10}$/.exec(text)?.[0];
  return signed === undefined ? undefined : failureCode(Number(signed) >>> 0);
}

/** `0xC000000E`: eight digits, as reports write codes. */
export function codeText(code: number): string {
  return `0x${code.toString(16).toUpperCase().padStart(8, '0')}`;
}

/** The causes that show a code, in the order of the start. */
export function causesOfCode(code: number): KnownCauseId[] {
  const wanted = codeText(code);
  return (Object.keys(CAUSE_KINDS) as KnownCauseId[]).filter((id) => CAUSE_KINDS[id].codes.includes(wanted));
}

/**
 * Puts the answer together.
 * @param ids - the causes that can show it, see {@link causesOfCode}
 * @param image - a full report of the disk in question
 */
export function whyReport(
  query: string,
  asked: WhyQuery,
  ids: readonly KnownCauseId[],
  image?: Pick<ImageReport, 'path' | 'causes' | 'starts' | 'issues'>,
): WhyReport {
  const code = asked.kind === 'code' ? asked.code : undefined;
  const shown = code === undefined ? undefined : codeText(code.code);
  // What the disk shows of itself counts, whether or not the kind lists the code: a crash of a driver has any.
  const others = (image?.causes ?? []).filter(
    ({ id, codes }) => shown !== undefined && codes.includes(shown) && !ids.some((known) => known === id),
  );
  const causes = [
    ...ids.map((id): WhyCause => {
      const { phase, codes } = CAUSE_KINDS[id];
      return { id, phase, codes, ...placed(id, image) };
    }),
    ...others.map(({ id, phase, codes }): WhyCause => ({ id, phase, codes, ...placed(id, image) })),
  ];
  return {
    schema: 'deadbox.why/1',
    query,
    kind: code?.kind ?? 'text',
    code: shown ?? null,
    name: code?.name ?? null,
    causes: causes.sort((a, b) => rank(a) - rank(b)),
    image: image?.path ?? null,
  };
}

const RANKS: readonly (OnDisk | null)[] = ['proven', 'found', 'not-decided', null, 'not-there'];

function rank({ onDisk }: WhyCause): number {
  return RANKS.indexOf(onDisk);
}

function placed(
  id: CauseId,
  image: Pick<ImageReport, 'causes' | 'starts' | 'issues'> | undefined,
): Pick<WhyCause, 'onDisk' | 'found'> {
  if (image === undefined) return { onDisk: null, found: null };
  const found = image.causes.find((cause) => cause.id === id && cause.severity !== 'none');
  if (found !== undefined) return { onDisk: found.confidence === 'proves' ? 'proven' : 'found', found };
  const undecided = image.starts === 'not-checked' || image.issues.some(({ data }) => names(data.causes, id));
  return { onDisk: undecided ? 'not-decided' : 'not-there', found: null };
}

function names(causes: unknown, id: CauseId): boolean {
  return Array.isArray(causes) && causes.includes(id);
}
