import { fileTimeText, type ReadOptions } from '@deadbox/core';
import {
  readServicingLog,
  readServicingStack,
  readStoreMarks,
  type ServicingLog,
  type ServicingMark,
  type ServicingStack,
} from '@deadbox/windows/internals';
import type { CheckedFile } from '../../subject/file-state.js';
import type { HiveName, InstallationSubject } from '../../subject/installation-subject.js';
import type { FoundCause } from '../cause.js';
import type { InstallationDetector } from '../detector.js';
import { foundIn, registryEvidence } from './found.js';
import { sessionManager } from './session-manager-facts.js';
import { startsSince } from './starts.js';

/** Failed starts after which nobody waits for servicing any more. */
const FAILED_STARTS = 2;

/** The end of the servicing log. */
export function servicingLog(subject: InstallationSubject, options: ReadOptions): Promise<ServicingLog | undefined> {
  return readServicingLog(subject.tree, subject.root, options);
}

interface ServicingFacts {
  /** The list of operations that the next start has to do, where it is there and smss is told to do it. */
  readonly pending: CheckedFile | undefined;
  readonly store: readonly ServicingMark[];
  readonly stack: ServicingStack | undefined;
}

async function servicingFacts(subject: InstallationSubject, options: ReadOptions): Promise<ServicingFacts> {
  const manager = await subject.fact(sessionManager, options);
  const isTold = (manager?.setupExecute ?? []).some((entry) => /\bpoqexec(?:\.exe)?\b/i.test(entry));
  const file = isTold
    ? await subject.files.check(`${subject.root}/WinSxS/pending.xml`, 'presence', options)
    : undefined;
  const components = await subject.hive('COMPONENTS', options);
  const software = await subject.hive('SOFTWARE', options);
  return {
    pending: file?.state === 'good' ? file : undefined,
    store: components.hive === undefined ? [] : await readStoreMarks(components.hive),
    stack: software.hive === undefined ? undefined : await readServicingStack(software.hive),
  };
}

/** The sign that is shown, the surest first, and the hive that it stands in. */
function signOf({
  store,
  stack,
}: ServicingFacts): { readonly hive: HiveName; readonly mark: ServicingMark } | undefined {
  const [ofStore] = store;
  if (ofStore !== undefined) return { hive: 'COMPONENTS', mark: ofStore };
  const mark = stack?.rebootInProgress ?? stack?.exclusive ?? stack?.incomplete[0] ?? stack?.packagesPending;
  return mark === undefined ? undefined : { hive: 'SOFTWARE', mark };
}

/**
 * Servicing began something that the next starts have to finish, and does not finish it. A restart that waits is none
 * of this.
 */
export const servicingStuck: InstallationDetector = {
  causes: ['servicing-stuck'],
  async detect(subject, options) {
    const facts = await servicingFacts(subject, options);
    const sign = signOf(facts);
    const { pending, stack } = facts;
    if (stack?.unread !== undefined)
      subject.doubts.add(['servicing-stuck'], { key: stack.unread.path, reason: 'too-many' });
    if (pending === undefined && sign === undefined) return [];
    const only = sign?.mark === stack?.packagesPending && pending === undefined;
    const since = (pending === undefined ? undefined : fileTimeText(pending.file?.modified)) ?? timeOf(sign?.mark);
    const starts = startsSince(subject, since);
    const stuck = starts.started || starts.failed >= FAILED_STARTS;
    const found: FoundCause = foundIn(subject, 'servicing-stuck', {
      severity: only || (starts.atRest && !stuck) ? 'review' : 'act',
      confidence: only ? 'hint' : pending !== undefined && stuck ? 'proves' : 'strong',
      data: {
        path: pending?.path ?? null,
        key: sign?.mark.key.path ?? null,
        name: sign?.mark.value ?? null,
        since: since ?? null,
        started: starts.started,
        failed: starts.failed,
      },
      evidence: [
        ...(pending === undefined ? [] : await pending.evidence(options)),
        ...(sign === undefined
          ? []
          : await registryEvidence(subject, sign.hive, sign.mark.key, sign.mark.value, options)),
      ],
    });
    return [found];
  },
};

function timeOf(mark: ServicingMark | undefined): string | undefined {
  return fileTimeText(mark?.key.lastWritten) ?? undefined;
}

/**
 * The servicing log says that the transaction log is full. The files of `config\TxR` are there on every machine and say
 * nothing.
 */
export const servicingLogFull: InstallationDetector = {
  causes: ['servicing-log-full'],
  async detect(subject, options) {
    const log = await subject.fact(servicingLog, options);
    if (log?.logFull === undefined) return [];
    const { evidence } = await subject.files.check(log.path, 'presence', options);
    return [
      foundIn(subject, 'servicing-log-full', {
        severity: 'review',
        confidence: 'strong',
        data: { path: log.path, at: log.logFull },
        evidence: await evidence(options),
      }),
    ];
  },
};
