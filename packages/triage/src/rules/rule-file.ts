import { DeadboxError, sha256Hex } from '@deadbox/core';
import { type Document, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import type { TriageErrorCode } from '../errors.js';
import { MAX_RULE_BYTES, MAX_RULE_DEPTH, MAX_RULE_ENTRIES, MAX_RULE_FAULTS, MAX_RULE_ITEMS } from '../limits.js';
import type { Rule, Selection } from './rule.js';
import { checkReferences } from './rule-references.js';
import { ruleSchema, type SelectionForm, selectionSchemas } from './rule-schema.js';
import { tooDeepAt } from './yaml-depth.js';

export { ruleJsonSchema } from './rule-json-schema.js';

/** Where something stands in a rule file; both from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** One fault of a rule file. */
interface Fault extends Position {
  readonly what: string;
}

/**
 * Reads a rule file (YAML).
 * @param file - what to call the file in messages
 * @throws DeadboxError `RULE_INVALID`, whose message names line and column of every fault
 */
export function parseRule(text: string, file = 'rule'): Rule {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_RULE_BYTES)
    throw invalid(file, [{ line: 1, column: 1, what: `the file is larger than ${MAX_RULE_BYTES} bytes` }]);
  const document = readYaml(text, file);
  const { place } = document;
  const parsed = ruleSchema.safeParse(document.value);
  if (!parsed.success)
    throw invalid(
      file,
      firstOf(parsed.error.issues).map((issue) => ({ ...place(issue.path), what: describeIssue(issue) })),
      parsed.error.issues.length,
    );
  const { detection, name, modified, scope: _scope, ...data } = parsed.data;
  const { condition, ...written } = detection;
  const { selections, faults } = parseSelections(written, place);
  if (typeof condition !== 'string') faults.push({ ...place(['detection']), what: 'detection.condition is missing' });
  // A selection that could not be read would make every name that means it a fault too.
  if (faults.length > 0 || typeof condition !== 'string') throw invalid(file, faults);
  const id = data.id.toLowerCase();
  const rule: Rule = {
    ...data,
    id,
    name: name ?? id,
    modified: modified ?? data.date,
    selections,
    condition,
    sha256: sha256Hex(bytes),
  };
  const broken = checkReferences(rule);
  const wrong = firstOf(broken).map(({ path, what }) => ({ ...place(path), what }));
  if (wrong.length > 0) throw invalid(file, wrong, broken.length);
  return rule;
}

type Place = (path: readonly PropertyKey[]) => Position;

/** The file as plain data, and where each part of it stands. */
function readYaml(text: string, file: string): { value: unknown; place: Place } {
  const lines = new LineCounter();
  const deep = tooDeepAt(text);
  if (deep !== undefined) {
    const line = text.slice(0, deep).split('\n').length;
    const column = deep - text.lastIndexOf('\n', deep - 1);
    throw invalid(file, [{ line, column, what: `lists and maps are nested more than ${MAX_RULE_DEPTH} deep` }]);
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const faults: Fault[] = firstOf(document.errors).map(({ pos, message }) => ({
    ...positionOf(lines, pos[0]),
    what: message,
  }));
  const tooMany = (node: { readonly range?: readonly number[] | null }): symbol => {
    const what = `a list or map has more than ${MAX_RULE_ITEMS} entries`;
    faults.push({ ...positionOf(lines, node.range?.[0] ?? 0), what });
    return visit.BREAK;
  };
  // A few aliases of aliases make a small file a huge one.
  visit(document, {
    // The schema would have a fault for each.
    Seq: (_, node) => (node.items.length > MAX_RULE_ITEMS ? tooMany(node) : undefined),
    Alias: (_, node) => {
      faults.push({ ...positionOf(lines, node.range?.[0] ?? 0), what: 'aliases (*name) are not allowed' });
      return visit.BREAK;
    },
    // The parser compares each key with each other one of its map.
    Map(_, node) {
      const { items } = node;
      if (items.length > MAX_RULE_ITEMS) return tooMany(node);
      const known = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key;
        if (known.has(name))
          faults.push({
            ...positionOf(lines, isNode(key) ? (key.range?.[0] ?? 0) : 0),
            what: 'Map keys must be unique',
          });
        known.add(name);
      }
      return undefined;
    },
  });
  if (faults.length > 0) throw invalid(file, faults);
  return { value: document.toJS(), place: (path) => position(document, lines, path) };
}

function parseSelections(
  written: Readonly<Record<string, unknown>>,
  place: Place,
): { selections: Record<string, Selection>; faults: Fault[] } {
  const selections: Record<string, Selection> = {};
  const faults: Fault[] = [];
  if (Object.keys(written).length > MAX_RULE_ENTRIES)
    faults.push({ ...place(['detection']), what: `there are more than ${MAX_RULE_ENTRIES} selections` });
  else {
    for (const [name, raw] of Object.entries(written)) {
      const parsed = schemaOf(raw).safeParse(raw);
      if (parsed.success) selections[name] = parsed.data;
      else {
        for (const issue of parsed.error.issues)
          faults.push({
            ...place(['detection', name, ...issue.path]),
            what: `selection "${name}": ${describeIssue(issue)}`,
          });
      }
    }
  }
  return { selections, faults };
}

/** The schema of the form that a selection's `type` names. */
function schemaOf(raw: unknown): z.ZodType<Selection> {
  const type = typeof raw === 'object' && raw !== null ? (raw as { type?: unknown }).type : undefined;
  if (type === 'REGISTRY_KEY' || type === 'REGISTRY_VALUE') return selectionSchemas.REGISTRY;
  return isForm(type) ? selectionSchemas[type] : selectionSchemas.OF;
}

function isForm(type: unknown): type is SelectionForm {
  return typeof type === 'string' && Object.hasOwn(selectionSchemas, type);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
  return `${where}${issue.message}`;
}

/** Line and column of the node at `path`, or of its nearest parent that exists. */
function position(document: Document, lines: LineCounter, path: readonly PropertyKey[]): Position {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
    if (range !== undefined) return positionOf(lines, range[0]);
  }
  return { line: 1, column: 1 };
}

function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/** As many faults as anybody reads: the place of each is looked up. */
function firstOf<T>(faults: readonly T[]): readonly T[] {
  return faults.slice(0, MAX_RULE_FAULTS);
}

function invalid(file: string, all: readonly Fault[], count = all.length): DeadboxError<TriageErrorCode> {
  const faults = firstOf(all);
  const more = count > faults.length ? `\n${file}: ${count - faults.length} more faults` : '';
  const text = faults.map(({ line, column, what }) => `${file}:${line}:${column}: ${what}`).join('\n') + more;
  return new DeadboxError('RULE_INVALID', text, { data: { file, faults: faults.map((fault) => ({ ...fault })) } });
}
