import { z } from 'zod';
import { MAX_PATTERN, MAX_RULE_ENTRIES, MAX_SELECTION_ENTRIES } from '../limits.js';
import type { RuleText } from '../report/rule-text.js';
import type { DerivedSelection, FileSelection, RegistrySelection, Rule, Selection, VerdictText } from './rule.js';
import {
  BOOT_FAILURE_CONDITIONS,
  type ConditionValues,
  CRASH_CONDITIONS,
  FAILED_START_CONDITIONS,
  FILE_CONDITIONS,
  FILTER_CONDITIONS,
  PRODUCT_CONDITIONS,
  REGISTRY_CONDITIONS,
  SERVICE_CONDITIONS,
  UPDATE_CONDITIONS,
  WINDOWS_CONDITIONS,
} from './rule-keys.js';
import { patternFault } from './safe-pattern.js';

// The rule file's shape. Locations follow ForensicArtifacts, the envelope follows Sigma. Unknown keys are errors.

const contentWord = z.enum(['ok', 'empty', 'unwritten', 'partly-written', 'zero-filled', 'unreadable']);
const contents = z.union([contentWord.transform((word) => [word]), z.array(contentWord).min(1)]);
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date like 2026-03-01');
const digest = z.string().regex(/^[0-9A-Fa-f]{64}$/, 'must be 64 hexadecimal digits');
const words = z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words joined by hyphens');
const severity = z.enum(['none', 'review', 'attention', 'act']);

const path = z
  .string()
  .regex(
    /^(%%environ_systemroot%%|%%environ_systemdrive%%|%%environ_programfiles%%)\\/,
    'must begin with %%environ_systemroot%%\\, %%environ_systemdrive%%\\ or %%environ_programfiles%%\\',
  )
  .refine(hasPlainFolder, 'may have wildcards only in its last part, and ** only as the part before that');
const paths = z.array(path).max(MAX_SELECTION_ENTRIES);

const role = z.enum(['workstation', 'server', 'domain-controller']);
const start = z.enum(['boot', 'system', 'automatic', 'manual', 'disabled']);
const update = z.string().regex(/^KB\d{6,8}$/i, 'must be an update as its page is called: KB and six to eight digits');
const count = z.number().int().min(0);

/** One value, or a list of which one fits. */
function oneOrMore<T>(one: z.ZodType<T>): z.ZodType<T | T[]> {
  return z.union([one, z.array(one).min(1).max(MAX_SELECTION_ENTRIES)]);
}

/** How each kind of value is written in a rule file. */
const VALUES: { readonly [kind in keyof ConditionValues]: z.ZodType<ConditionValues[kind]> } = {
  time: z
    .string()
    .regex(
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?(Z|[+-]\d{2}:\d{2})$/,
      'must be a time with a zone, like 2026-03-01T12:00:00Z',
    ),
  bytes: z.number().int().min(0),
  flag: z.boolean(),
  pattern: z
    .string()
    .max(MAX_PATTERN)
    .superRefine((text, context) => {
      const fault = patternFault(text);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
    }),
  hex: z.string().regex(/^([0-9A-Fa-f?]{2}\s*)+$/, 'must be hex bytes like "AA ?? 01"'),
  offset: z.number().int().min(0).max(4096),
  digests: z.union([digest, z.array(digest).min(1)]),
  version: z.string().regex(/^\d+(\.\d+){1,3}$/, 'must be a version like 7.11.0.0'),
  text: z.string(),
  number: z.number(),
  scalar: z.union([z.string(), z.number()]),
  code: z.string().regex(/^0x[0-9A-Fa-f]+$/, 'must be a code like 0x50'),
  numbers: oneOrMore(count),
  build: z.string().regex(/^\d+\.\d+$/, 'must be build and revision, like "26100.4652"'),
  roles: oneOrMore(role),
  updates: oneOrMore(update),
  'package-state': z.enum(['absent', 'staged', 'replaced', 'pending', 'installed']),
  'service-start': oneOrMore(start),
  'filter-side': z.enum(['upper', 'lower']),
  'later-than': z.strictObject({ field: z.enum(['modified', 'created']), seconds: z.number().min(0).default(0) }),
};

type Shape<Table> = { [key in keyof Table]: z.ZodExactOptional<z.ZodType> };

/** The conditions of a table as keys of an object. */
function keysOf<Table extends Readonly<Record<string, keyof ConditionValues>>>(table: Table): Shape<Table> {
  return Object.fromEntries(
    Object.entries(table).map(([key, kind]) => [key, z.exactOptional(VALUES[kind])]),
  ) as Shape<Table>;
}

const ruleText: z.ZodType<RuleText> = z.union([
  z
    .string()
    .min(1)
    .transform((en): RuleText => ({ en })),
  z.strictObject({ en: z.string().min(1), ja: z.string().min(1).exactOptional() }),
]);

const fileKeys = keysOf(FILE_CONDITIONS);

const fileClass = z.strictObject({
  class: z.string(),
  bad: z.boolean().exactOptional(),
  text: ruleText.exactOptional(),
  ...fileKeys,
  notes: z
    .array(z.strictObject({ note: z.string(), text: ruleText.exactOptional(), ...fileKeys }))
    .max(MAX_SELECTION_ENTRIES)
    .default([]),
});

const fileSelection = z.strictObject({
  type: z.literal('FILE'),
  paths: paths.min(1),
  kind: z.enum(['file', 'directory']).default('file'),
  lookalikes: paths.default([]),
  quarantine: paths.default([]),
  classes: z.array(fileClass).max(MAX_SELECTION_ENTRIES).default([]),
  ...fileKeys,
  content: contents.exactOptional(),
  exists: z.boolean().default(true),
  compare: z.strictObject({ field: z.enum(['pe.version', 'sha256', 'size']), other: z.string() }).exactOptional(),
});

const registryKeys = {
  key: z
    .string()
    .regex(/^HKLM\\(SYSTEM|SOFTWARE)\\/i, 'must begin with HKLM\\SYSTEM\\ or HKLM\\SOFTWARE\\')
    .refine(hasPlainParents, 'may have wildcards only in its last part'),
  value: z.string().exactOptional(),
  ...keysOf(REGISTRY_CONDITIONS),
  exists: z.boolean().default(true),
};

const registrySelection = z.strictObject({ type: z.enum(['REGISTRY_KEY', 'REGISTRY_VALUE']), ...registryKeys });

const crashSelection = z.strictObject({ type: z.literal('CRASH'), ...keysOf(CRASH_CONDITIONS) });

const failedStartSelection = z.strictObject({
  type: z.literal('FAILED_START'),
  ...keysOf(FAILED_START_CONDITIONS),
});

const bootFailureSelection = z.strictObject({ type: z.literal('BOOT_FAILURE'), ...keysOf(BOOT_FAILURE_CONDITIONS) });

const windowsSelection = z.strictObject({ type: z.literal('WINDOWS'), ...keysOf(WINDOWS_CONDITIONS) });

const exists = z.boolean().default(true);
const named = z.string().min(1).max(MAX_PATTERN);

const updateSelection = z
  .strictObject({ type: z.literal('UPDATE'), ...keysOf(UPDATE_CONDITIONS), exists })
  .refine(
    (selection) => 'kb' in selection || 'package|re' in selection,
    'needs kb or package|re: which package is meant',
  );

const serviceSelection = z.strictObject({
  type: z.literal('SERVICE'),
  name: named,
  ...keysOf(SERVICE_CONDITIONS),
  exists,
});

const filterSelection = z.strictObject({
  type: z.literal('FILTER'),
  name: named,
  ...keysOf(FILTER_CONDITIONS),
  exists,
});

const productSelection = z.strictObject({
  type: z.literal('PRODUCT'),
  name: named,
  ...keysOf(PRODUCT_CONDITIONS),
  exists,
});

const derivedSelection = z
  .strictObject({
    of: z.string(),
    class: z.string().exactOptional(),
    content: contents.exactOptional(),
    note: z.string().exactOptional(),
  })
  .transform((selection): DerivedSelection => ({ type: 'OF', ...selection }));

/** The schema of each form of selection; a form is told by its `type`, the derived one has none. */
export const selectionSchemas: Readonly<Record<SelectionForm, z.ZodType<Selection>>> = {
  FILE: fileSelection as z.ZodType<FileSelection>,
  REGISTRY: registrySelection as z.ZodType<RegistrySelection>,
  WINDOWS: windowsSelection as z.ZodType<Selection>,
  UPDATE: updateSelection as z.ZodType<Selection>,
  SERVICE: serviceSelection as z.ZodType<Selection>,
  FILTER: filterSelection as z.ZodType<Selection>,
  PRODUCT: productSelection as z.ZodType<Selection>,
  CRASH: crashSelection as z.ZodType<Selection>,
  FAILED_START: failedStartSelection as z.ZodType<Selection>,
  BOOT_FAILURE: bootFailureSelection as z.ZodType<Selection>,
  OF: derivedSelection,
};

/** Forms of selections; the two registry types are one form. */
export type SelectionForm = Exclude<Selection['type'], 'REGISTRY_KEY' | 'REGISTRY_VALUE'> | 'REGISTRY';

/** A rule file's data once it has the right shape; the selections are parsed one by one. */
export type RuleData = Omit<Rule, 'selections' | 'condition' | 'sha256' | 'name' | 'modified'> & {
  readonly name?: string;
  readonly modified?: string;
  /** Always Windows: a rule of another system is not read. */
  readonly scope?: { readonly os: 'windows' };
  readonly detection: Readonly<Record<string, unknown>>;
};

const verdictText: z.ZodType<VerdictText> = z.union([
  z
    .string()
    .min(1)
    .transform((en): VerdictText => ({ sentence: { en } })),
  z
    .strictObject({ en: z.string(), ja: z.string().exactOptional() })
    .transform((sentence): VerdictText => ({ sentence })),
  z.strictObject({ title: ruleText.exactOptional(), sentence: ruleText.exactOptional() }),
]);

/** The whole rule file. */
export const ruleSchema: z.ZodType<RuleData> = z.strictObject({
  title: z.string().min(1),
  id: z.string().regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'must be a UUID'),
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'must be lower-case words joined by hyphens')
    .exactOptional(),
  status: z.enum(['stable', 'test', 'experimental']),
  description: z.string().default(''),
  references: z
    .array(z.string().regex(/^https?:\/\//, 'must be a web address'))
    .min(1, 'a rule needs at least one reference'),
  author: z.string().default(''),
  date,
  modified: date.exactOptional(),
  tags: z.array(z.string()).default([]),
  level: z.enum(['informational', 'low', 'medium', 'high', 'critical']),
  falsepositives: z.array(z.string()).default([]),
  scope: z.strictObject({ os: z.literal('windows') }).exactOptional(),
  detection: z.record(z.string(), z.unknown()),
  verdicts: rows({
    when: z.string(),
    verdict: words,
    severity,
    confidence: z.literal('lower').exactOptional(),
    text: z.string().exactOptional(),
  }).min(1),
  order: z.array(words).default([]),
  confidence: rows({
    when: z.string().exactOptional(),
    value: z.enum(['lower', 'confirmed', 'likely', 'file-only', 'contradicted']),
    text: ruleText.exactOptional(),
  }).default([]),
  texts: z.record(z.string(), verdictText).default({}),
  history: rows({
    shows: z.enum(['period', 'since', 'none']),
    verdicts: z.array(words).default([]),
    text: ruleText,
  }).default([]),
  steps: rows({
    id: words,
    verdicts: z.array(words).default([]),
    when: z.string().exactOptional(),
    files: z.union([z.string().transform((name) => [name]), z.array(z.string()).min(1)]).exactOptional(),
    drive: z
      .string()
      .regex(/^[A-Z]$/, 'must be the letter of a drive')
      .default('C'),
    text: ruleText.exactOptional(),
  }).default([]),
  remediation: z.strictObject({
    action: z.enum(['rename-file', 'blank-file', 'restore-disk-identity', 'advise']),
    target: z.string().exactOptional(),
    vendor_advice: z.string().exactOptional(),
    warnings: z.array(z.string()).default([]),
  }),
});

function rows<S extends z.ZodRawShape>(shape: S): z.ZodArray<z.ZodObject<S, z.core.$strict>> {
  return z.array(z.strictObject(shape)).max(MAX_RULE_ENTRIES);
}

/**
 * Whether only the last part of a path has wildcards, apart from a `**` before it: the engine looks a fixed folder up.
 */
function hasPlainFolder(text: string): boolean {
  const parts = text.split('\\').slice(0, -1);
  if (parts.at(-1) === '**') parts.pop();
  return !parts.some((part) => /[*?]/.test(part));
}

function hasPlainParents(text: string): boolean {
  return !/[*?].*\\/.test(text);
}
