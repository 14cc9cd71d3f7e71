import { z } from 'zod';
import type { FileContent, Severity } from '../report/words.js';

// The rule file's shape. Locations follow ForensicArtifacts, the envelope follows Sigma. Unknown keys are errors.

const contentWord = z.enum(['ok', 'empty', 'unwritten', 'partly-written', 'zero-filled', 'unreadable']);
const contents = z.union([contentWord, z.array(contentWord).min(1)]);
/** A time must carry its zone: `2024-07-19T04:09:00Z`. */
const time = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?(Z|[+-]\d{2}:\d{2})$/,
    'must be a time with a zone, like 2024-07-19T04:09:00Z',
  );
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date like 2024-07-19');
const version = z.string().regex(/^\d+(\.\d+){1,3}$/, 'must be a version like 7.11.0.0');
const hash = z.string().regex(/^[0-9A-Fa-f]{64}$/, 'must be 64 hexadecimal digits');
const laterThan = z.strictObject({ field: z.enum(['modified', 'created']), seconds: z.number().min(0).default(0) });
const path = z
  .string()
  .regex(
    /^(%%environ_systemroot%%|%%environ_systemdrive%%|%%environ_programfiles%%)\\/,
    'must begin with %%environ_systemroot%%\\, %%environ_systemdrive%%\\ or %%environ_programfiles%%\\',
  )
  .refine(hasPlainFolder, 'may have wildcards only in its last part, and ** only as the part before that');

const fileTests = {
  'modified|gte': time.optional(),
  'modified|lt': time.optional(),
  'modified|exists': z.boolean().optional(),
  'created|gte': time.optional(),
  'created|lt': time.optional(),
  'created|exists': z.boolean().optional(),
  'created|later-than': laterThan.optional(),
  'size|gte': z.number().int().min(0).optional(),
  'size|lt': z.number().int().min(0).optional(),
  'name|re': z.string().max(200).refine(isRegularExpression, 'is not a regular expression').optional(),
  header: z
    .string()
    .regex(/^([0-9A-Fa-f?]{2}\s*)+$/, 'must be hex bytes like "AA ?? 01"')
    .optional(),
  offset: z.number().int().min(0).max(4096).optional(),
  'hashes.SHA-256': z.union([hash, z.array(hash).min(1)]).optional(),
  'pe.version|lt': version.optional(),
  'pe.version|gte': version.optional(),
  'pe.original_name': z.string().optional(),
};

const fileClass = z.strictObject({
  class: z.string(),
  ...fileTests,
  notes: z.array(z.strictObject({ note: z.string(), ...fileTests })).default([]),
});

const fileSelection = z.strictObject({
  type: z.literal('FILE'),
  paths: z.array(path).min(1),
  kind: z.enum(['file', 'directory']).default('file'),
  lookalikes: z.array(path).default([]),
  quarantine: z.array(path).default([]),
  classes: z.array(fileClass).default([]),
  ...fileTests,
  content: contents.optional(),
  exists: z.boolean().default(true),
  compare: z.strictObject({ field: z.enum(['pe.version', 'sha256', 'size']), other: z.string() }).optional(),
});

const registrySelection = z.strictObject({
  type: z.enum(['REGISTRY_KEY', 'REGISTRY_VALUE']),
  key: z
    .string()
    .regex(/^HKLM\\(SYSTEM|SOFTWARE)\\/i, 'must begin with HKLM\\SYSTEM\\ or HKLM\\SOFTWARE\\')
    .refine(hasPlainParents, 'may have wildcards only in its last part'),
  value: z.string().optional(),
  data: z.union([z.string(), z.number()]).optional(),
  'data|re': z.string().max(200).refine(isRegularExpression, 'is not a regular expression').optional(),
  'data|lt': z.number().optional(),
  'data|gte': z.number().optional(),
  exists: z.boolean().default(true),
});

const crashSelection = z.strictObject({
  type: z.literal('CRASH'),
  module: z.string().optional(),
  code: z
    .string()
    .regex(/^0x[0-9A-Fa-f]+$/)
    .optional(),
  'time|gte': time.optional(),
  'time|lt': time.optional(),
});

const derivedSelection = z.strictObject({
  of: z.string(),
  class: z.string().optional(),
  content: contents.optional(),
  note: z.string().optional(),
});

/** Conditions on a file, under their keys in the rule file. */
export type RawTests = { [key: string]: unknown };

/** A FILE selection as written. */
export interface FileSelectionData extends RawTests {
  readonly type: 'FILE';
  readonly paths: string[];
  readonly kind: 'file' | 'directory';
  readonly lookalikes: string[];
  readonly quarantine: string[];
  readonly classes: (RawTests & { class: string; notes: (RawTests & { note: string })[] })[];
  readonly content?: FileContent | FileContent[] | undefined;
  exists: boolean;
  readonly compare?: { field: 'pe.version' | 'sha256' | 'size'; other: string } | undefined;
}

/** A registry selection as written. */
export interface RegistrySelectionData {
  readonly type: 'REGISTRY_KEY' | 'REGISTRY_VALUE';
  readonly key: string;
  readonly value?: string | undefined;
  readonly data?: string | number | undefined;
  readonly 'data|re'?: string | undefined;
  readonly 'data|lt'?: number | undefined;
  readonly 'data|gte'?: number | undefined;
  exists: boolean;
}

/** A CRASH selection as written. */
export interface CrashSelectionData {
  readonly type: 'CRASH';
  readonly module?: string | undefined;
  readonly code?: string | undefined;
  readonly 'time|gte'?: string | undefined;
  readonly 'time|lt'?: string | undefined;
}

/** A narrowing of a FILE selection as written. */
export interface DerivedSelectionData {
  readonly of: string;
  readonly class?: string | undefined;
  readonly content?: FileContent | FileContent[] | undefined;
  readonly note?: string | undefined;
}

/** The schema of each form of selection; a form is told by its `type`, the derived one has none. */
export const selectionSchemas: {
  FILE: z.ZodType<FileSelectionData>;
  REGISTRY: z.ZodType<RegistrySelectionData>;
  CRASH: z.ZodType<CrashSelectionData>;
  OF: z.ZodType<DerivedSelectionData>;
} = { FILE: fileSelection, REGISTRY: registrySelection, CRASH: crashSelection, OF: derivedSelection };

/** A rule file's data once it has the right shape. */
export interface RuleData {
  readonly title: string;
  readonly id: string;
  readonly name?: string | undefined;
  readonly status: 'stable' | 'test' | 'experimental';
  readonly description: string;
  readonly references: string[];
  readonly author: string;
  readonly date: string;
  readonly modified?: string | undefined;
  readonly tags: string[];
  readonly level: 'informational' | 'low' | 'medium' | 'high' | 'critical';
  readonly falsepositives: string[];
  readonly scope?: { os: 'windows' } | undefined;
  readonly detection: Record<string, unknown>;
  readonly verdicts: { when: string; verdict: string; severity: Severity; confidence?: 'lower' | undefined }[];
  readonly confidence: { when: string; value: 'confirmed' | 'likely' | 'contradicted' }[];
  readonly texts: Record<string, string>;
  readonly remediation: {
    action: 'rename-file' | 'blank-file' | 'restore-disk-identity' | 'advise';
    target?: string | undefined;
    vendor_advice?: string | undefined;
    warnings: string[];
  };
}

/** The whole rule file. */
export const ruleSchema: z.ZodType<RuleData> = z.strictObject({
  title: z.string().min(1),
  id: z.string().regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'must be a UUID'),
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'must be lower-case words joined by hyphens')
    .optional(),
  status: z.enum(['stable', 'test', 'experimental']),
  description: z.string().default(''),
  references: z
    .array(z.string().regex(/^https?:\/\//, 'must be a web address'))
    .min(1, 'a rule needs at least one reference'),
  author: z.string().default(''),
  date,
  modified: date.optional(),
  tags: z.array(z.string()).default([]),
  level: z.enum(['informational', 'low', 'medium', 'high', 'critical']),
  falsepositives: z.array(z.string()).default([]),
  scope: z.strictObject({ os: z.literal('windows') }).optional(),
  detection: z.record(z.string(), z.unknown()),
  verdicts: z
    .array(
      z.strictObject({
        when: z.string(),
        verdict: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words joined by hyphens'),
        severity: z.enum(['none', 'review', 'attention', 'act']),
        confidence: z.literal('lower').optional(),
      }),
    )
    .min(1),
  confidence: z
    .array(z.strictObject({ when: z.string(), value: z.enum(['confirmed', 'likely', 'contradicted']) }))
    .default([]),
  texts: z.record(z.string(), z.string()).default({}),
  remediation: z.strictObject({
    action: z.enum(['rename-file', 'blank-file', 'restore-disk-identity', 'advise']),
    target: z.string().optional(),
    vendor_advice: z.string().optional(),
    warnings: z.array(z.string()).default([]),
  }),
});

/** Whether only the last part of a path has wildcards, apart from a `**` before it: the engine looks a fixed folder up. */
function hasPlainFolder(text: string): boolean {
  const parts = text.split('\\').slice(0, -1);
  if (parts.at(-1) === '**') parts.pop();
  return !parts.some((part) => /[*?]/.test(part));
}

function hasPlainParents(text: string): boolean {
  return !/[*?].*\\/.test(text);
}

function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text, 'i');
    return true;
  } catch {
    return false;
  }
}
