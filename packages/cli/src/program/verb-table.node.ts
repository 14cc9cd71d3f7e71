import type { ArgumentId, ExitTable, OptionId, VerbGroup, VerbId } from '@deadbox/report/internals';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import {
  FILE_OPTIONS,
  IMAGE_OPTIONS,
  LANGUAGE_OPTIONS,
  LINE_OPTIONS,
  PAGE_OPTIONS,
  READING_OPTIONS,
} from '../settings/option-table.js';
import type { CallArguments } from './call-arguments.js';

/** What an argument names: files that the verb reads, a path inside the image, or neither. */
export type Names = 'files' | 'inside' | 'nothing';

/** An argument of a verb; `shown` with its brackets, as help and the parser take it. */
export interface ArgumentSpec {
  readonly id: ArgumentId;
  readonly shown: string;
  readonly names: Names;
  readonly preset?: string;
}

/** A verb: what it takes, and the code that does it, which is loaded when it is called. */
export interface VerbSpec {
  readonly id: VerbId;
  readonly group: VerbGroup;
  readonly exit: ExitTable;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionId[];
  readonly run: (call: CallArguments, options: CommonOptions, session: Session) => Promise<number>;
}

/** A verb that only has verbs of its own. */
export interface VerbFamily {
  readonly id: VerbId;
  readonly group: VerbGroup;
  readonly verbs: readonly VerbSpec[];
}

const IMAGE_ARGUMENT: ArgumentSpec = { id: 'image', shown: '<image>', names: 'files' };

/** All verbs, in the order in which help lists them. Nothing but `fix` and `undo` writes. */
export const VERBS: readonly (VerbSpec | VerbFamily)[] = [
  {
    id: 'scan',
    group: 'judge',
    exit: 'scan',
    arguments: [{ id: 'targets', shown: '[image...]', names: 'files' }],
    options: [
      ...(['quick', 'deep', 'include', 'target', 'rules', 'explain', 'report'] as const),
      ...(['newest-clean', 'targets', 'jobs', 'time-limit', 'journal', 'shard'] as const),
      ...(['diagnostics', 'diagnostics-contents'] as const),
      ...READING_OPTIONS,
      ...PAGE_OPTIONS,
    ],
    run: async (call, options, session) =>
      (await import('../verbs/scan.node.js')).scanVerb(call.list(0), options, session),
  },
  {
    id: 'report',
    group: 'judge',
    exit: 'scan',
    arguments: [{ id: 'journals', shown: '<journal...>', names: 'files' }],
    options: ['report', 'explain', 'output', ...PAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/report.node.js')).reportVerb(call.list(0), options, session),
  },
  {
    id: 'why',
    group: 'judge',
    exit: 'why',
    arguments: [
      { id: 'screen', shown: '<code or text>', names: 'nothing' },
      { id: 'image-asked', shown: '[image]', names: 'files' },
    ],
    options: [...IMAGE_OPTIONS, ...PAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/why.node.js')).whyVerb(call.text(0), call.optional(1), options, session),
  },
  {
    id: 'boot',
    group: 'judge',
    exit: 'others',
    arguments: [{ id: 'image-or-store', shown: '<image>', names: 'files' }],
    options: [...READING_OPTIONS, ...PAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/boot.node.js')).bootVerb(call.text(0), options, session),
  },
  {
    id: 'info',
    group: 'look',
    exit: 'others',
    arguments: [IMAGE_ARGUMENT],
    options: ['check-ntfs', ...READING_OPTIONS, ...PAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/info.node.js')).infoVerb(call.text(0), options, session),
  },
  {
    id: 'ls',
    group: 'look',
    exit: 'others',
    arguments: [IMAGE_ARGUMENT, { id: 'folder-or-file', shown: '[path]', names: 'inside', preset: '/' }],
    options: [
      ...(['recursive', 'long', 'follow', 'streams', 'all', 'deleted', 'hash', 'volume'] as const),
      ...READING_OPTIONS,
      ...LINE_OPTIONS,
    ],
    run: async (call, options, session) =>
      (await import('../verbs/ls.node.js')).lsVerb(call.text(0), call.text(1), options, session),
  },
  {
    id: 'stat',
    group: 'look',
    exit: 'others',
    arguments: [IMAGE_ARGUMENT, { id: 'path-or-record', shown: '<path>', names: 'inside' }],
    options: ['follow', 'volume', ...READING_OPTIONS, ...PAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/stat.node.js')).statVerb(call.text(0), call.text(1), options, session),
  },
  {
    id: 'walk',
    group: 'look',
    exit: 'others',
    arguments: [IMAGE_ARGUMENT, { id: 'walk-target', shown: '<target>', names: 'inside' }],
    options: ['all-fields', 'volume', ...READING_OPTIONS, ...PAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/walk.node.js')).walkVerb(call.text(0), call.text(1), options, session),
  },
  {
    id: 'cat',
    group: 'look',
    exit: 'others',
    arguments: [IMAGE_ARGUMENT, { id: 'path-stream-or-record', shown: '<path>', names: 'inside' }],
    options: ['follow', 'volume', ...READING_OPTIONS, ...LANGUAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/cat.node.js')).catVerb(call.text(0), call.text(1), options, session),
  },
  {
    id: 'timeline',
    group: 'look',
    exit: 'others',
    arguments: [{ id: 'image-or-mft', shown: '<image>', names: 'files' }],
    options: ['format', 'volume', ...READING_OPTIONS, ...LANGUAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/timeline.node.js')).timelineVerb(call.text(0), options, session),
  },
  {
    id: 'reg',
    group: 'look',
    exit: 'others',
    arguments: [
      { id: 'image-or-hive', shown: '<image>', names: 'files' },
      { id: 'registry-key', shown: '[key]', names: 'nothing' },
    ],
    options: ['recursive-keys', 'no-hash', 'volume', ...READING_OPTIONS, ...LINE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/reg.node.js')).regVerb(call.text(0), call.optional(1), options, session),
  },
  {
    id: 'export',
    group: 'take',
    exit: 'others',
    arguments: [IMAGE_ARGUMENT],
    options: ['volume-only', ...READING_OPTIONS, ...LANGUAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/export.node.js')).exportVerb(call.text(0), options, session),
  },
  {
    id: 'page',
    group: 'take',
    exit: 'others',
    arguments: [],
    options: FILE_OPTIONS,
    run: async (_, options, session) => (await import('../verbs/page.node.js')).pageVerb(options, session),
  },
  {
    id: 'verify',
    group: 'take',
    exit: 'verify',
    arguments: [IMAGE_ARGUMENT],
    options: [...READING_OPTIONS, ...PAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/verify.node.js')).verifyVerb(call.text(0), options, session),
  },
  {
    id: 'fix',
    group: 'repair',
    exit: 'fix',
    arguments: [{ id: 'images-to-fix', shown: '<image...>', names: 'files' }],
    options: [
      ...(['write', 'undo-file', 'overlay', 'disable-driver', 'blank', 'force', 'rules'] as const),
      ...IMAGE_OPTIONS,
      ...PAGE_OPTIONS,
    ],
    run: async (call, options, session) =>
      (await import('../verbs/fix.node.js')).fixVerb(call.list(0), options, session),
  },
  {
    id: 'undo',
    group: 'repair',
    exit: 'others',
    arguments: [{ id: 'undo-file', shown: '<undo-file>', names: 'files' }],
    options: ['check-undo', 'finish', 'output', ...PAGE_OPTIONS],
    run: async (call, options, session) =>
      (await import('../verbs/undo.node.js')).undoVerb(call.text(0), options, session),
  },
  {
    id: 'fleet',
    group: 'fleet',
    verbs: [
      {
        id: 'fleet submit',
        group: 'fleet',
        exit: 'others',
        arguments: [{ id: 'targets', shown: '[image...]', names: 'files' }],
        options: [
          ...(['queue', 'submit-site', 'targets', 'quick', 'deep', 'include', 'target', 'rules', 'explain'] as const),
          ...(['disk', 'force-chain', 'incomplete'] as const),
          ...LANGUAGE_OPTIONS,
        ],
        run: async (call, options, session) =>
          (await import('../verbs/fleet.node.js')).fleetSubmit(call.list(0), options, session),
      },
      {
        id: 'fleet work',
        group: 'fleet',
        exit: 'others',
        arguments: [],
        options: [
          ...(['queue', 'work-sites', 'jobs', 'time-limit', 'drain', 'lease', 'rules', 'header'] as const),
          ...(['recovery-key', 'password', 'startup-key', 'keys', 'quiet'] as const),
          ...LANGUAGE_OPTIONS,
        ],
        run: async (_, options, session) => (await import('../verbs/fleet.node.js')).fleetWork(options, session),
      },
      {
        id: 'fleet status',
        group: 'fleet',
        exit: 'others',
        arguments: [],
        options: ['queue', 'watch', 'write-journal', 'output', ...LINE_OPTIONS],
        run: async (_, options, session) => (await import('../verbs/fleet.node.js')).fleetStatus(options, session),
      },
      {
        id: 'fleet cancel',
        group: 'fleet',
        exit: 'others',
        arguments: [],
        options: ['queue', ...LANGUAGE_OPTIONS],
        run: async (_, options, session) => (await import('../verbs/fleet.node.js')).fleetCancel(options, session),
      },
    ],
  },
  {
    id: 'rules',
    group: 'about',
    verbs: [
      {
        id: 'rules list',
        group: 'about',
        exit: 'others',
        arguments: [],
        options: ['output', ...LINE_OPTIONS],
        run: async (_, options, session) => (await import('../verbs/about/rules.node.js')).rulesList(options, session),
      },
      {
        id: 'rules show',
        group: 'about',
        exit: 'others',
        arguments: [{ id: 'rule-name', shown: '<name>', names: 'nothing' }],
        options: FILE_OPTIONS,
        run: async (call, options, session) =>
          (await import('../verbs/about/rules.node.js')).rulesShow(call.text(0), options, session),
      },
      {
        id: 'rules check',
        group: 'about',
        exit: 'others',
        arguments: [{ id: 'rule-files', shown: '<file...>', names: 'files' }],
        options: FILE_OPTIONS,
        run: async (call, options, session) =>
          (await import('../verbs/about/rules.node.js')).rulesCheck(call.list(0), options, session),
      },
    ],
  },
  {
    id: 'completion',
    group: 'about',
    exit: 'others',
    arguments: [{ id: 'shell', shown: '<shell>', names: 'nothing' }],
    options: FILE_OPTIONS,
    run: async (call, options, session) =>
      (await import('../verbs/about/completion.node.js')).completionVerb(call.text(0), options, session),
  },
  {
    id: 'config',
    group: 'about',
    exit: 'others',
    arguments: [],
    options: ['output', ...LINE_OPTIONS],
    run: async (_, options, session) => (await import('../verbs/about/config.node.js')).configVerb(options, session),
  },
  {
    id: 'version',
    group: 'about',
    exit: 'others',
    arguments: [],
    options: ['output', ...LINE_OPTIONS],
    run: async (_, options, session) => (await import('../verbs/about/version.node.js')).versionVerb(options, session),
  },
];
