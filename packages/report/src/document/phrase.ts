/** How a part of a text stands out; what a tone looks like is the writer's business. */
export type Tone = 'strong' | 'faint' | 'bad' | 'doubt' | 'good';

/**
 * A part of a text. `text`: words of this package. `data`: text of an image, of a file beside it or of the command
 * line, which may be anything: a writer makes it harmless. `code`: a technical name or a command, to be kept as it is.
 */
export interface Span {
  readonly kind: 'text' | 'data' | 'code';
  readonly text: string;
  readonly tone?: Tone;
}

/** Text of one paragraph, in parts. */
export type Phrase = readonly Span[];

/** What may stand in a `phrase`: a string counts as data, so that nothing unsafe is shown by mistake. */
export type Part = string | number | Span | Phrase;

const isPhrase = (part: Span | Phrase): part is Phrase => Array.isArray(part);

function spansOf(part: Part): Phrase {
  if (typeof part === 'string') return part === '' ? [] : [{ kind: 'data', text: part }];
  if (typeof part === 'number') return [{ kind: 'text', text: String(part) }];
  return (isPhrase(part) ? part : [part]).map(shown);
}

/** A report that somebody else wrote may hold a flag, nothing or an object where ours have a number or a text. */
function shown(span: unknown): Span {
  if (typeof span !== 'object' || span === null) return { kind: 'data', text: String(span) };
  return 'text' in span && typeof span.text === 'string' ? (span as Span) : { kind: 'data', text: '{…}' };
}

/**
 * Tag of a template: its own characters are words, and what is put in is data unless it is a span or a phrase itself.
 */
export function phrase(own: TemplateStringsArray, ...parts: readonly Part[]): Phrase {
  const spans: Span[] = [];
  for (const [index, words] of own.entries()) {
    if (words !== '') spans.push(text(words));
    const part = parts[index];
    if (part !== undefined) spans.push(...spansOf(part));
  }
  return spans;
}

/** Words of this package. */
export function text(words: string, tone?: Tone): Span {
  return tone === undefined ? { kind: 'text', text: words } : { kind: 'text', text: words, tone };
}

/** Text from outside. */
export function data(value: string, tone?: Tone): Span {
  return tone === undefined ? { kind: 'data', text: value } : { kind: 'data', text: value, tone };
}

/** A technical name or a command. */
export function code(value: string, tone?: Tone): Span {
  return tone === undefined ? { kind: 'code', text: value } : { kind: 'code', text: value, tone };
}

/** All parts of `parts` that are there, one after another. */
export function concat(...parts: readonly (Part | undefined)[]): Phrase {
  return parts.flatMap((part) => (part === undefined ? [] : spansOf(part)));
}

/** The phrases with `separator` between them. */
export function join(parts: readonly Part[], separator: string): Phrase {
  return parts.flatMap((part, index) => (index === 0 ? spansOf(part) : [text(separator), ...spansOf(part)]));
}
