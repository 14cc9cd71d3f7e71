import type { PackageState, ProductType, ServiceStart } from '@deadbox/windows';

// The conditions of a rule file, each key once: the types, the checks of a rule file, its JSON Schema and the editor's
// help follow from these tables. What a key does stands in file-tests.ts, registry-facts.ts and crash-report.ts, whose
// tables the compiler keeps complete.

/** The types of the values that conditions take. */
export interface ConditionValues {
  /** ISO-8601 with a zone. */
  readonly time: string;
  readonly bytes: number;
  readonly flag: boolean;
  /** Regular expression, any case. */
  readonly pattern: string;
  /** YARA hex string: `AA ?? 01`. */
  readonly hex: string;
  readonly offset: number;
  readonly digests: string | readonly string[];
  readonly version: string;
  readonly text: string;
  readonly number: number;
  readonly scalar: string | number;
  /** `0x50`. */
  readonly code: string;
  /** One number, or a list of which one fits. */
  readonly numbers: number | readonly number[];
  /** `26100.4652`: build and revision. */
  readonly build: string;
  readonly roles: ProductType | readonly ProductType[];
  /** KB and digits, or a list of which one fits. */
  readonly updates: string | readonly string[];
  readonly 'package-state': PackageState;
  readonly 'service-start': ServiceStart | readonly ServiceStart[];
  readonly 'filter-side': 'upper' | 'lower';
  readonly 'later-than': { readonly field: 'modified' | 'created'; readonly seconds: number };
}

/** Conditions on a file. A file has two creation times; one of them must meet all `created` bounds. */
export const FILE_CONDITIONS = {
  'modified|gte': 'time',
  'modified|lt': 'time',
  'modified|exists': 'flag',
  'created|gte': 'time',
  'created|lt': 'time',
  'created|exists': 'flag',
  'created|later-than': 'later-than',
  'size|gte': 'bytes',
  'size|lt': 'bytes',
  'name|re': 'pattern',
  header: 'hex',
  offset: 'offset',
  'hashes.SHA-256': 'digests',
  'pe.version|gte': 'version',
  'pe.version|lt': 'version',
  'pe.original_name': 'text',
} as const;

/** Conditions on the data of a registry value. */
export const REGISTRY_CONDITIONS = {
  data: 'scalar',
  'data|re': 'pattern',
  'data|lt': 'number',
  'data|gte': 'number',
} as const;

/** Conditions on one crash. */
export const CRASH_CONDITIONS = {
  module: 'text',
  code: 'code',
  'time|gte': 'time',
  'time|lt': 'time',
} as const;

/** Conditions on the Windows that is installed. */
export const WINDOWS_CONDITIONS = {
  build: 'numbers',
  'version|gte': 'build',
  'version|lt': 'build',
  role: 'roles',
  'edition|re': 'pattern',
} as const;

/** Conditions on one servicing package. */
export const UPDATE_CONDITIONS = {
  kb: 'updates',
  'package|re': 'pattern',
  'version|gte': 'build',
  'version|lt': 'build',
  state: 'package-state',
} as const;

/** Conditions on one service or driver. */
export const SERVICE_CONDITIONS = {
  start: 'service-start',
  'group|re': 'pattern',
  'path|re': 'pattern',
} as const;

/** Conditions on one name in a filter list of a device class. */
export const FILTER_CONDITIONS = {
  class: 'text',
  side: 'filter-side',
} as const;

/** Conditions on one security product. */
export const PRODUCT_CONDITIONS = {
  vendor: 'text',
  'version|gte': 'version',
  'version|lt': 'version',
} as const;

/** Conditions on one start that failed. */
export const FAILED_START_CONDITIONS = {
  'time|gte': 'time',
  'time|lt': 'time',
} as const;

/** Conditions on the failure of the last start that the boot manager recorded. */
export const BOOT_FAILURE_CONDITIONS = {
  status: 'code',
  'path|re': 'pattern',
} as const;

/** The conditions of a table, each optional. */
export type Conditions<Table extends Readonly<Record<string, keyof ConditionValues>>> = {
  readonly [key in keyof Table]?: ConditionValues[Table[key]];
};
