import { DeadboxError, sha256Hex } from '@deadbox/core';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { TriageErrorCode } from '../errors.js';
import { namesIn, parseCondition } from './condition.js';
import type { FileTests, Rule, Selection, TimeTest } from './rule.js';
import {
  type CrashSelectionData,
  type DerivedSelectionData,
  type FileSelectionData,
  type RawTests,
  type RegistrySelectionData,
  type RuleData,
  ruleSchema,
  selectionSchemas,
} from './rule-schema.js';

export { ruleJsonSchema } from './rule-json-schema.js';

const MAX_RULE_BYTES = 256 << 10;

/**
 * Reads a rule file (YAML).
 * @param file - what to call the file in messages
 * @throws DeadboxError `RULE_INVALID`, whose message names line and column of every fault
 */
export function parseRule(text: string, file = 'rule'): Rule {
  if (text.length > MAX_RULE_BYTES)
    throw faults(file, [{ line: 1, column: 1, what: `the file is larger than ${MAX_RULE_BYTES} bytes` }]);
  const lines = new LineCounter();
  // Aliases could blow a small file up to a huge one.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, maxAliasCount: 0 } as object);
  const place = (path: readonly PropertyKey[]): { line: number; column: number } => position(document, lines, path);
  if (document.errors.length > 0) {
    throw faults(
      file,
      document.errors.map((error) => ({ ...linePosition(lines, error.pos[0]), what: error.message })),
    );
  }
  const parsed = ruleSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!parsed.success)
    throw faults(
      file,
      parsed.error.issues.map((issue) => ({ ...place(issue.path), what: describeIssue(issue) })),
    );
  return build(parsed.data, text, file, place);
}

type Place = (path: readonly PropertyKey[]) => { line: number; column: number };
type Fault = { line: number; column: number; what: string };

function build(data: RuleData, text: string, file: string, place: Place): Rule {
  const found: Fault[] = [];
  const selections: Record<string, Selection> = {};
  for (const [name, raw] of Object.entries(data.detection)) {
    if (name === 'condition') continue;
    const selection = parseSelection(raw);
    if ('type' in selection) selections[name] = selection;
    else
      found.push(
        ...selection.issues.map((issue) => ({
          ...place(['detection', name, ...issue.path]),
          what: `selection "${name}": ${describeIssue(issue)}`,
        })),
      );
  }
  const condition = data.detection.condition;
  if (typeof condition !== 'string') found.push({ ...place(['detection']), what: 'detection.condition is missing' });
  const checkCondition = (when: unknown, path: readonly PropertyKey[]): void => {
    if (typeof when !== 'string') return;
    try {
      for (const name of namesIn(parseCondition(when))) {
        if (!(name in selections) && found.length === 0)
          found.push({ ...place(path), what: `there is no selection called "${name}"` });
      }
    } catch (error) {
      found.push({ ...place(path), what: (error as Error).message });
    }
  };
  checkCondition(condition, ['detection', 'condition']);
  data.verdicts.forEach((row, i) => checkCondition(row.when, ['verdicts', i, 'when']));
  data.confidence.forEach((row, i) => checkCondition(row.when, ['confidence', i, 'when']));
  found.push(...brokenReferences(data, selections, place));
  for (const [name, selection] of Object.entries(selections)) {
    const other =
      selection.type === 'OF' ? selection.of : selection.type === 'FILE' ? selection.differsFrom?.other : undefined;
    if (other !== undefined && selections[other]?.type !== 'FILE') {
      found.push({ ...place(['detection', name]), what: `"${other}" is not a FILE selection` });
    }
  }
  if (found.length > 0) throw faults(file, found);
  return {
    title: data.title,
    id: data.id.toLowerCase(),
    name: data.name ?? data.id.toLowerCase(),
    status: data.status,
    description: data.description,
    references: data.references,
    author: data.author,
    date: data.date,
    modified: data.modified ?? data.date,
    tags: data.tags,
    level: data.level,
    falsepositives: data.falsepositives,
    selections,
    condition: condition as string,
    verdicts: data.verdicts.map(({ when, verdict, severity, confidence }) => ({
      when,
      verdict,
      severity,
      ...(confidence === undefined ? {} : { confidence }),
    })),
    confidence: data.confidence,
    texts: data.texts,
    remediation: {
      action: data.remediation.action,
      warnings: data.remediation.warnings,
      ...(data.remediation.target === undefined ? {} : { target: data.remediation.target }),
      ...(data.remediation.vendor_advice === undefined ? {} : { vendorAdvice: data.remediation.vendor_advice }),
    },
    sha256: sha256Hex(new TextEncoder().encode(text)),
  };
}

/** Words that name nothing: a rule with one would be accepted and never fire. */
function brokenReferences(data: RuleData, selections: Readonly<Record<string, Selection>>, place: Place): Fault[] {
  const found: Fault[] = [];
  for (const [name, selection] of Object.entries(selections)) {
    const at = place(['detection', name]);
    if (selection.type === 'REGISTRY_KEY') {
      const { type: _type, key: _key, exists: _exists, ...more } = selection;
      if (Object.keys(more).length > 0)
        found.push({ ...at, what: `selection "${name}": a REGISTRY_KEY has no value or data; use REGISTRY_VALUE` });
    }
    const file = selection.type === 'OF' ? selections[selection.of] : undefined;
    if (selection.type !== 'OF' || file?.type !== 'FILE') continue;
    const classes = file.classes.length === 0 ? ['present'] : file.classes.map((entry) => entry.class);
    const notes = file.classes.flatMap((entry) => entry.notes.map(({ note }) => note));
    if (selection.class !== undefined && !classes.includes(selection.class))
      found.push({ ...at, what: `selection "${name}": "${selection.of}" has no class "${selection.class}"` });
    if (selection.note !== undefined && !notes.includes(selection.note))
      found.push({ ...at, what: `selection "${name}": "${selection.of}" has no note "${selection.note}"` });
  }
  const verdicts = new Set(data.verdicts.map(({ verdict }) => verdict));
  for (const word of Object.keys(data.texts)) {
    if (!verdicts.has(word)) found.push({ ...place(['texts', word]), what: `texts: no verdict is called "${word}"` });
  }
  const { target } = data.remediation;
  const aim = target === undefined ? undefined : selections[target];
  if (target !== undefined && aim?.type !== 'FILE' && aim?.type !== 'OF')
    found.push({
      ...place(['remediation', 'target']),
      what: `remediation.target: "${target}" is not a FILE selection`,
    });
  return found;
}

/** One selection by the form that its `type` names. */
function parseSelection(raw: unknown): Selection | { issues: readonly z.core.$ZodIssue[] } {
  const type = typeof raw === 'object' && raw !== null ? (raw as { type?: unknown }).type : undefined;
  if (type === 'FILE') return parsedAs(selectionSchemas.FILE, raw, fileSelection);
  if (type === 'REGISTRY_KEY' || type === 'REGISTRY_VALUE')
    return parsedAs(selectionSchemas.REGISTRY, raw, registrySelection);
  if (type === 'CRASH') return parsedAs(selectionSchemas.CRASH, raw, crashSelection);
  return parsedAs(selectionSchemas.OF, raw, derivedSelection);
}

function parsedAs<T>(
  schema: z.ZodType<T>,
  raw: unknown,
  make: (data: T) => Selection,
): Selection | { issues: readonly z.core.$ZodIssue[] } {
  const parsed = schema.safeParse(raw);
  return parsed.success ? make(parsed.data) : { issues: parsed.error.issues };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
  return `${where}${issue.message}`;
}

function derivedSelection(data: DerivedSelectionData): Selection {
  return {
    type: 'OF',
    of: data.of,
    ...(data.class === undefined ? {} : { class: data.class }),
    ...(data.content === undefined ? {} : { content: asArray(data.content) }),
    ...(data.note === undefined ? {} : { note: data.note }),
  };
}

function crashSelection(data: CrashSelectionData): Selection {
  const at = data['time|gte'];
  const before = data['time|lt'];
  return {
    type: 'CRASH',
    ...(data.module === undefined ? {} : { module: data.module }),
    ...(data.code === undefined ? {} : { code: data.code }),
    ...(at === undefined ? {} : { timeGte: at }),
    ...(before === undefined ? {} : { timeLt: before }),
  };
}

function registrySelection(data: RegistrySelectionData): Selection {
  const { type, key, value, data: wanted, exists } = data;
  return {
    type,
    key,
    exists,
    ...(value === undefined ? {} : { value }),
    ...(wanted === undefined ? {} : { data: wanted }),
    ...(data['data|re'] === undefined ? {} : { dataMatches: data['data|re'] }),
    ...(data['data|lt'] === undefined ? {} : { dataLt: data['data|lt'] }),
    ...(data['data|gte'] === undefined ? {} : { dataGte: data['data|gte'] }),
  };
}

function fileSelection(data: FileSelectionData): Selection {
  return {
    type: 'FILE',
    paths: data.paths,
    kind: data.kind,
    lookalikes: data.lookalikes,
    quarantine: data.quarantine,
    classes: data.classes.map((entry) => ({
      class: entry.class,
      tests: toTests(entry),
      notes: entry.notes.map((note) => ({ note: note.note, tests: toTests(note) })),
    })),
    tests: toTests(data),
    exists: data.exists,
    ...(data.content === undefined ? {} : { content: asArray(data.content) }),
    ...(data.compare === undefined ? {} : { differsFrom: data.compare }),
  };
}

function toTests(raw: RawTests): FileTests {
  const modified = timeTest(raw, 'modified');
  const created = timeTest(raw, 'created');
  const sha256 = raw['hashes.SHA-256'] as string | string[] | undefined;
  const low = raw['pe.version|lt'] as string | undefined;
  const high = raw['pe.version|gte'] as string | undefined;
  const from = raw['size|gte'] as number | undefined;
  const below = raw['size|lt'] as number | undefined;
  return {
    ...(modified === undefined ? {} : { modified }),
    ...(created === undefined ? {} : { created }),
    ...(from === undefined && below === undefined
      ? {}
      : { size: { ...(from === undefined ? {} : { gte: from }), ...(below === undefined ? {} : { lt: below }) } }),
    ...(raw['name|re'] === undefined ? {} : { nameMatches: raw['name|re'] as string }),
    ...(raw.header === undefined
      ? {}
      : { header: { offset: (raw.offset as number | undefined) ?? 0, hex: raw.header as string } }),
    ...(sha256 === undefined ? {} : { sha256: asArray(sha256).map((text) => text.toLowerCase()) }),
    ...(low === undefined && high === undefined
      ? {}
      : { peVersion: { ...(low === undefined ? {} : { lt: low }), ...(high === undefined ? {} : { gte: high }) } }),
    ...(raw['pe.original_name'] === undefined ? {} : { peOriginalName: raw['pe.original_name'] as string }),
  };
}

function timeTest(raw: RawTests, field: 'modified' | 'created'): TimeTest | undefined {
  const test: TimeTest = {};
  if (raw[`${field}|gte`] !== undefined) test.gte = raw[`${field}|gte`] as string;
  if (raw[`${field}|lt`] !== undefined) test.lt = raw[`${field}|lt`] as string;
  if (raw[`${field}|exists`] !== undefined) test.exists = raw[`${field}|exists`] as boolean;
  if (raw[`${field}|later-than`] !== undefined)
    test.laterThan = raw[`${field}|later-than`] as NonNullable<TimeTest['laterThan']>;
  return Object.keys(test).length === 0 ? undefined : test;
}

function asArray<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}

/** Line and column of the node at `path`, or of its nearest parent that exists. */
function position(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
): { line: number; column: number } {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
    if (range !== undefined) return linePosition(lines, range[0]);
  }
  return { line: 1, column: 1 };
}

function linePosition(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function faults(file: string, found: readonly Fault[]): DeadboxError<TriageErrorCode> {
  const text = found.map(({ line, column, what }) => `${file}:${line}:${column}: ${what}`).join('\n');
  return new DeadboxError('RULE_INVALID', text, { data: { file, faults: found.map((fault) => ({ ...fault })) } });
}
