import { DeadboxError } from '@deadbox/core';
import type { TriageErrorCode } from '../errors.js';

/**
 * A condition as a tree. `absent` is "known not to be there": it differs from `not` where facts were not gathered,
 * as `scan --quick` reads no registry.
 */
export type Condition =
  | { kind: 'name'; name: string }
  | { kind: 'absent'; name: string }
  | { kind: 'not'; of: Condition }
  | { kind: 'and' | 'or'; left: Condition; right: Condition };

const MAX_LENGTH = 4096;
const MAX_DEPTH = 64;

/**
 * Parses `a and not (b or c)`, `a is absent`. Words are selection names; `not` binds closest, then `and`, then `or`.
 * @throws DeadboxError `CONDITION_INVALID` with the character position
 */
export function parseCondition(text: string): Condition {
  if (text.length > MAX_LENGTH) throw invalid(text.slice(0, 40), 0, `is longer than ${MAX_LENGTH} characters`);
  const tokens = [...text.matchAll(/\(|\)|[A-Za-z0-9_.-]+|\S/g)].map((match) => ({ word: match[0], at: match.index }));
  let next = 0;
  const peek = (): string | undefined => tokens[next]?.word;
  const fail = (what: string): never => {
    throw invalid(text, tokens[next]?.at ?? text.length, what);
  };

  const primary = (depth: number): Condition => {
    if (depth > MAX_DEPTH) fail('is nested too deeply');
    const word = peek();
    if (word === undefined) return fail('ends where a name was expected');
    next += 1;
    if (word === 'not') return { kind: 'not', of: primary(depth + 1) };
    if (word === '(') {
      const inner = either(depth + 1);
      if (peek() !== ')') fail('lacks a closing parenthesis');
      next += 1;
      return inner;
    }
    if (!/^[A-Za-z0-9_.-]+$/.test(word) || ['and', 'or', 'is', 'absent'].includes(word)) {
      next -= 1;
      fail(`has "${word}" where a name was expected`);
    }
    if (peek() === 'is' && tokens[next + 1]?.word === 'absent') {
      next += 2;
      return { kind: 'absent', name: word };
    }
    return { kind: 'name', name: word };
  };
  const joined = (kind: 'and' | 'or', one: (depth: number) => Condition, depth: number): Condition => {
    let left = one(depth);
    while (peek() === kind) {
      next += 1;
      left = { kind, left, right: one(depth) };
    }
    return left;
  };
  const both = (depth: number): Condition => joined('and', primary, depth);
  const either = (depth: number): Condition => joined('or', both, depth);

  const condition = either(0);
  if (next < tokens.length) fail(`has "${peek()}" after its end`);
  return condition;
}

/**
 * Whether `condition` holds.
 * @param facts - `true`, `false`, or `undefined` where nothing was gathered: such a name neither holds nor is absent
 */
export function holds(condition: Condition, facts: (name: string) => boolean | undefined): boolean {
  switch (condition.kind) {
    case 'name':
      return facts(condition.name) === true;
    case 'absent':
      return facts(condition.name) === false;
    case 'not':
      return !holds(condition.of, facts);
    case 'and':
      return holds(condition.left, facts) && holds(condition.right, facts);
    case 'or':
      return holds(condition.left, facts) || holds(condition.right, facts);
  }
}

/** The names by which a condition that holds does so, in the order of the text: those under a `not` are no reason. */
export function reasonsOf(condition: Condition, facts: (name: string) => boolean | undefined): string[] {
  if (!holds(condition, facts)) return [];
  switch (condition.kind) {
    case 'name':
      return [condition.name];
    case 'and':
    case 'or':
      return [...reasonsOf(condition.left, facts), ...reasonsOf(condition.right, facts)];
    default:
      return [];
  }
}

/** The selection names that a condition uses. */
export function namesIn(condition: Condition): string[] {
  switch (condition.kind) {
    case 'name':
    case 'absent':
      return [condition.name];
    case 'not':
      return namesIn(condition.of);
    default:
      return [...namesIn(condition.left), ...namesIn(condition.right)];
  }
}

function invalid(text: string, at: number, what: string): DeadboxError<TriageErrorCode> {
  const data = { condition: text, character: at + 1 };
  return new DeadboxError('CONDITION_INVALID', `Condition "${text}" ${what} (character ${at + 1})`, { data });
}
