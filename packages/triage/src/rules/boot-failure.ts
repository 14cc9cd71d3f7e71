import type { BootLogFailure } from '@deadbox/windows';
import { textMatches } from './files/file-tests.js';
import type { BootFailureSelection, Rule } from './rule.js';

/**
 * Answers a rule's selections on what the boot manager recorded of the last start. Without a record of a failure none
 * holds; that is known, too: a start that came to the kernel leaves one of another kind.
 */
export function bootFailureAnswers(rule: Rule, failure: BootLogFailure | undefined): [string, boolean][] {
  return Object.entries(rule.selections).flatMap(([name, selection]): [string, boolean][] =>
    selection.type === 'BOOT_FAILURE' ? [[name, failure !== undefined && isMeant(selection, failure)]] : [],
  );
}

function isMeant(selection: BootFailureSelection, { status, path }: BootLogFailure): boolean {
  const { status: wanted } = selection;
  const pattern = selection['path|re'];
  return (
    (wanted === undefined || Number(wanted) === Number(status)) &&
    (pattern === undefined || textMatches(pattern, path ?? ''))
  );
}
